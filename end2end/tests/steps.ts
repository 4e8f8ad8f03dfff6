/** What several tests do on the pages, with and without the script. */

import type { Locator, Page } from '@playwright/test';

import { csv } from '../server/files.ts';
import type { UploadedFile } from '../server/rest.ts';
import { STAFF, type Shop } from '../server/shop.ts';
import { expect, test } from './fixtures.ts';

export async function signIn(page: Page, password = STAFF.password, email = STAFF.email): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A text that no other test uses, whichever project runs it. */
export function own(word: string): string {
  const { project, workerIndex, retry } = test.info();
  return `${word}-${project.name}-${workerIndex}-${retry}`.toUpperCase();
}

/** Products that no other test touches: the beginning of their SKUs. */
export async function stocked(shop: Shop, word: string, count: number): Promise<string> {
  const sku = own(word);
  const rows = Array.from({ length: count }, (_, n) => `${sku}-${String(n).padStart(2, '0')},Chair,,10.00,true,`);
  await shop.rest.import(csv('chairs.csv', rows));
  return sku;
}

/** Whether the pages of this project run their script. */
export function runsScripts(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** As a file chooser takes it. */
export function payload({ name, text }: UploadedFile) {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(text) };
}

/** The button that applies what was checked. */
export function applyButton(page: Page): Locator {
  return page.getByRole('button', { name: /^(Import \S+ (products?|catalogues?)|Finish: nothing will change)$/ });
}

/** Uploads a file by the form and ends on the page of its import, which is checked or waits for that. */
export async function send(page: Page, file: UploadedFile): Promise<void> {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles(payload(file));
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page).toHaveURL(/\/imports\/\d+$/);
}

/** Waits until a file is checked. Without the script nothing moves unless one asks for it. */
export async function untilChecked(page: Page): Promise<void> {
  await until(page, applyButton(page));
}

/** Uploads a file, and applies what the check has found. */
export async function upload(page: Page, file: UploadedFile): Promise<void> {
  await send(page, file);
  await apply(page);
}

export async function apply(page: Page): Promise<void> {
  await untilChecked(page);
  await applyButton(page).click();
}

async function until(page: Page, sign: Locator): Promise<void> {
  const refresh = page.getByRole('link', { name: 'Refresh progress' });
  await expect(async () => {
    if (await refresh.isVisible()) await refresh.click({ timeout: 1_000 });
    await expect(sign).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 45_000 });
}

/** Waits on the page of an import until it is over. Without the script nothing moves unless one asks for it. */
export async function untilOver(page: Page): Promise<void> {
  await until(page, page.getByRole('link', { name: 'Import another file' }));
}

/** Waits until the job of this page is over. With the script the page says so by itself, and loads itself anew. */
export async function untilFinished(page: Page, shop: Shop): Promise<void> {
  await shop.rest.over(numberOfImport(page));
  if (!runsScripts()) await page.reload();
  await expect(page.getByRole('region', { name: / finished/ })).toBeVisible();
}

/** The counters of an import, in their order on the page. */
export async function expectCounters(page: Page, counters: Record<string, string>): Promise<void> {
  const lines = Object.entries(counters).map(([label, count]) => `- term: ${label}\n- definition: "${count}"`);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(lines.join('\n'));
}

/** The SKUs in the table of products, from top to bottom. */
export function skus(page: Page): Locator {
  return page.getByRole('table', { name: 'Products' }).getByRole('rowheader');
}

export function numberOfImport(page: Page): number {
  return Number(new URL(page.url()).pathname.split('/').pop());
}
