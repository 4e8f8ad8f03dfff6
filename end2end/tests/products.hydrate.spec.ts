/** What the script adds to the table of products. */

import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { skus } from './steps.ts';

test('a filter is applied without a reload, and its result is announced', async ({ page }) => {
  await page.goto('/products');
  await awake(page);
  await page.evaluate(() => Object.assign(window, { isTheSameDocument: true }));
  await page.getByLabel('SKU begins with').fill('POT');
  await page.getByLabel('SKU begins with').press('Enter');
  await expect(page.getByRole('status')).toHaveText('48 products found');
  await expect(page).toHaveURL('/products?sku=POT');
  expect(await page.evaluate(() => 'isTheSameDocument' in window)).toBe(true);
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

test('a followed link puts the focus on the heading of the next page', async ({ page }) => {
  await page.goto('/products?sku=MUG-001');
  await awake(page);
  await page.getByRole('link', { name: 'MUG-001', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Enamel mug white 1' })).toBeFocused();
});

test.describe('when the server does not answer', () => {
  test.use({ tolerated: /net::ERR_FAILED/ });

  test('the table says so and keeps the filters, and one can try again', async ({ page }) => {
    await page.goto('/products?sku=POT');
    await awake(page);
    await page.route('**/actions/list_products*', (route) => route.abort());
    await page.getByRole('columnheader', { name: 'Price' }).getByRole('link').click();
    const error = page.getByRole('region', { name: 'Products could not be loaded. Your filters are kept.' });
    await expect(error).toContainText('The server did not answer.');
    await expect(page.getByLabel('SKU begins with')).toHaveValue('POT');
    await page.unrouteAll();
    await error.getByRole('link', { name: 'Try again' }).click();
    await expect(skus(page).first()).toHaveText('POT-081');
  });
});
