/** What the script adds to the table of products. */

import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';

test('what is chosen applies at once, in an address without the filters that are not set', async ({ page }) => {
  await page.goto('/products');
  await awake(page);
  await page.getByRole('combobox', { name: 'Status' }).selectOption('Inactive');
  await expect(page).toHaveURL('/products?status=inactive');
  await expect(page).toHaveTitle('Products (33 found) – Stockroom');
});

test('what was typed before the script came is still there afterwards', async ({ page }) => {
  let typed = () => {};
  const isTyped = new Promise<void>((resolve) => (typed = resolve));
  await page.route('**/*.wasm', async (route) => {
    await isTyped;
    await route.continue();
  });
  await page.goto('/products', { waitUntil: 'commit' });
  await page.getByLabel('Search SKU, name or description').fill('typed early');
  typed();
  await awake(page);
  await expect(page.getByLabel('Search SKU, name or description')).toHaveValue('typed early');
  await expect(page.getByLabel('Search SKU, name or description')).toBeFocused();
});

test('times are shown in the zone of the reader', async ({ page }) => {
  await page.goto('/products?sku=MUG-001');
  await awake(page);
  await expect(page.getByRole('cell', { name: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]$/ })).toBeVisible();
});

test('who lives by other clocks than the shop is told by which of them days begin', async ({ page, browser }) => {
  await page.goto('/products');
  await awake(page);
  await page.getByText('More filters').click();
  await expect(page.getByText('Days begin at midnight in UTC.')).toBeVisible();
  await expect(page.getByLabel('Created since')).toHaveAccessibleDescription('Days begin at midnight in UTC.');
  const theirs = await browser.newPage({ timezoneId: 'UTC', storageState: await page.context().storageState() });
  await theirs.goto(new URL('/products?updated_after=2026-01-01', page.url()).href);
  await awake(theirs);
  await expect(theirs.getByLabel('Created since')).toBeVisible();
  await expect(theirs.getByText('Days begin at midnight')).toHaveCount(0);
  await expect(theirs.getByLabel('Created since')).toHaveAccessibleDescription('');
  await theirs.close();
});
