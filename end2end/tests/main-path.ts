/** From a file to the products that it brought: what Stockroom is for. */

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { mixedFile } from '../server/files.ts';
import { expect, test } from './fixtures.ts';
import { applyButton, expectCounters, send, skus, untilChecked, untilOver } from './steps.ts';

/** Imports a file with good and bad rows, mends nothing, and finds the good ones in the shop. */
export async function walkMainPath(page: Page): Promise<void> {
  await test.step('upload a file', () => send(page, mixedFile('LAMP')));
  await test.step('read what it would do', () => readCheck(page));
  await test.step('apply it', () => applyButton(page).click());
  await test.step('wait for its end', () => untilOver(page));
  await test.step('read the report', () => readReport(page));
  await test.step('download the rows with problems', () => downloadProblems(page));
  await test.step('find the products', () => findProducts(page));
}

/** The whole file is counted, and nothing of it has happened. */
async function readCheck(page: Page): Promise<void> {
  await untilChecked(page);
  await expect(page).toHaveTitle(/^Check \(step 3 of 4\) – Import #\d+ – Stockroom$/);
  await expectCounters(page, { 'Will be added': '3', 'Will be updated': '0', Unchanged: '0', 'With problems': '2' });
  const changes = page.getByRole('table', { name: 'Changes' });
  await expect(changes.getByRole('rowheader')).toHaveText(['LAMP-1', 'LAMP-3', 'LAMP-4']);
  await expect(changes.getByRole('row', { name: 'LAMP-3' })).toContainText('Price: 29.00 EUR');
  await expect(page.getByRole('button', { name: 'Import 3 products' })).toBeVisible();
}

async function readReport(page: Page): Promise<void> {
  await expect(page).toHaveTitle(/^Import #\d+ – Stockroom$/);
  await expect(page.getByRole('region', { name: 'Imported 3 rows. 2 rows were not imported.' })).toBeVisible();
  const counters = { Added: '3', Updated: '0', Unchanged: '0', 'With problems': '2', Superseded: '1', 'Rows read': '6' };
  await expectCounters(page, counters);
  const problems = page.getByRole('region', { name: 'Rows with problems' });
  await expect(problems).toContainText('Price is not a number — 1 row');
  await expect(problems).toContainText('SKU is missing — 1 row');
  await expect(problems).toContainText('SKU appears again further down (the last row counts) — 1 row');
  await expect(page.getByRole('region', { name: 'File' })).toContainText('summer prices.csv');
}

async function downloadProblems(page: Page): Promise<void> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download rows with problems (CSV)' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\ufeff?sku,name,description,price,active,catalogue,import_row,import_problem,import_number$/);
  expect(lines[1]).toContain('LAMP-2,Floor lamp,,twelve,yes,Lighting,3,');
  expect(lines[2]).toContain(',Lamp without a number,,10.00,yes,Lighting,4,');
}

async function findProducts(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'View products' }).click();
  // After a large import of another test the search needs a moment, and says so.
  await expect(async () => {
    await page.getByLabel('Search SKU, name or description').fill('lamp-');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(skus(page)).toHaveText(['LAMP-1', 'LAMP-3', 'LAMP-4'], { timeout: 2_000 });
  }).toPass({ timeout: 40_000 });
  const replaced = page.getByRole('row', { name: 'LAMP-3' });
  await expect(replaced).toContainText('Wall lamp in brass');
  await expect(replaced).toContainText('29.00 EUR');
  await expect(replaced).toContainText('Inactive');
  await expect(replaced).toContainText('Lighting');
}
