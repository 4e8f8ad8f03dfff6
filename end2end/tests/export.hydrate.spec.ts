/** Whoever exports much sees how far the file is: counted by the server that writes it, and in words where another one does. */

import type { Page } from '@playwright/test';

import { longFile } from '../server/files.ts';
import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { own, stocked } from './steps.ts';

test.use({ stock: 'busy' });

const state = (page: Page) => page.locator('[data-export-state]');
const bar = (page: Page) => page.getByRole('progressbar', { name: 'Progress of the export' });

test('a large workbook shows its rows while it is written, and then that it is downloaded', async ({ page, shop }) => {
  const sku = own('LARGE');
  await shop.rest.import(longFile(200_000, sku));
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export (Excel)' }).click(),
    expect(state(page)).toContainText(/^Writing the file: [\d,]+ of 200,000 rows$/),
    expect(bar(page)).toHaveAttribute('value', /^\d+$/),
  ]);
  expect(download.suggestedFilename()).toBe('products.xlsx');
  await expect(state(page)).toContainText('Downloading');
  await expect(page.getByRole('status').last()).toContainText('Downloading');
  await expect(state(page)).toBeHidden();
  await shop.rest.deleteAll(sku);
});

test('where another node writes the file, the words alone are there', async ({ page, shop }) => {
  const sku = own('ELSEWHERE');
  await shop.rest.import(longFile(100_000, sku));
  // This one would know nothing of it.
  await page.route('**/exports/*', (route) => route.fulfill({ json: null }));
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export (Excel)' }).click(),
    expect(state(page)).toHaveText('Preparing the file'),
  ]);
  await expect(state(page)).toContainText('Downloading');
  await expect(bar(page)).toBeHidden();
  await expect(state(page)).toBeHidden();
  await shop.rest.deleteAll(sku);
});

test('the chosen rows are exported with the same words', async ({ page, shop }) => {
  const sku = await stocked(shop, 'CHOSEN', 3);
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  await page.getByRole('checkbox', { name: `Select ${sku}-01` }).check();
  const [download, request] = await Promise.all([
    page.waitForEvent('download'),
    page.waitForRequest((request) => request.url().includes('/products/export?')),
    page.getByRole('button', { name: 'Export CSV' }).click(),
  ]);
  expect(new URL(request.url()).searchParams.get('progress')).toMatch(/^[0-9a-f]{26}$/);
  expect(download.suggestedFilename()).toBe('products.csv');
  await expect(state(page)).toContainText('Downloading');
});
