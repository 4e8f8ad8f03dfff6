/** The table of products: every view of it is an address. */

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { skus } from './steps.ts';

const ALL = 131;

async function apply(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Apply' }).click();
}

/** What is chosen applies at once where there is a script, and with the button where there is none. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  const before = page.url();
  const hasScript = test.info().project.use.javaScriptEnabled !== false;
  if (hasScript) await awake(page);
  await page.getByRole('combobox', { name: label }).selectOption(option);
  if (!hasScript) await apply(page);
  await page.waitForURL((address) => address.href !== before);
}

function pages(page: Page) {
  return page.getByRole('navigation', { name: 'Pages' });
}

test('the table shows what there is', async ({ page }) => {
  await page.goto('/products');
  await expect(page).toHaveTitle(`Products (${ALL} found) – Stockroom`);
  await expect(pages(page)).toContainText(`1–50 of ${ALL}`);
  await expect(skus(page)).toHaveCount(50);
  const row = page.getByRole('row', { name: /MUG-004 Enamel/ });
  await expect(row.getByRole('cell')).toContainText(['Enamel mug white 4', 'Kitchen', '4.50 EUR', 'Inactive']);
});

test('a search finds words of the name and of the description', async ({ page }) => {
  await page.goto('/products');
  await page.getByLabel('Search SKU, name or description').fill('blue');
  await apply(page);
  await expect(page.getByText('42 products found').first()).toBeVisible();
  await expect(page).toHaveURL(/\?(.*&)?q=blue/);
  await page.getByLabel('Search SKU, name or description').fill('FIRED TWICE');
  await apply(page);
  await expect(page).toHaveTitle('Products (128 found) – Stockroom');
});

test('the beginning of a SKU finds it in any case', async ({ page }) => {
  await page.goto('/products');
  await page.getByLabel('SKU begins with').fill('pot-12');
  await apply(page);
  await expect(skus(page)).toHaveText(['POT-120', 'POT-121', 'POT-122', 'POT-123', 'POT-124', 'POT-125', 'POT-126', 'POT-127', 'POT-128']);
});

test('filters add up, and each chip takes its own away', async ({ page }) => {
  await page.goto('/products');
  await choose(page, 'Catalogue', 'Garden');
  await choose(page, 'Status', 'Inactive');
  await expect(page).toHaveTitle('Products (12 found) – Stockroom');
  const chips = page.getByRole('list', { name: 'Filters' }).getByRole('link');
  await expect(chips).toHaveText(['Remove filter: Catalogue: Garden', 'Remove filter: Inactive', 'Clear all']);
  await page.getByRole('link', { name: 'Remove filter: Catalogue: Garden' }).click();
  await expect(page).toHaveTitle('Products (33 found) – Stockroom');
  await expect(page.getByRole('combobox', { name: 'Catalogue' })).toHaveValue('');
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('inactive');
  await page.getByRole('link', { name: 'Clear all' }).click();
  await expect(page).toHaveTitle(`Products (${ALL} found) – Stockroom`);
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
});

test('a heading sorts, and then turns the order round', async ({ page }) => {
  await page.goto('/products');
  const heading = page.getByRole('columnheader', { name: 'Price' });
  await expect(page.getByRole('columnheader', { name: 'SKU' })).toHaveAttribute('aria-sort', 'ascending');
  await heading.getByRole('link').click();
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  await expect(skus(page).first()).toHaveText('MUG-001');
  await heading.getByRole('link').click();
  await expect(heading).toHaveAttribute('aria-sort', 'descending');
  await expect(skus(page).first()).toHaveText('POT-128');
  await expect(page.getByRole('columnheader', { name: 'SKU' })).not.toHaveAttribute('aria-sort', /.+/);
});

test('one can go through the pages, to the end and back', async ({ page }) => {
  await page.goto('/products?size=25');
  await expect(pages(page).getByRole('link', { name: 'Previous' })).toHaveCount(0);
  await pages(page).getByRole('link', { name: 'Next' }).click();
  await expect(pages(page)).toContainText(`26–50 of ${ALL}`);
  await pages(page).getByRole('link', { name: 'Last' }).click();
  await expect(skus(page).last()).toHaveText('POT-128');
  await expect(pages(page).getByRole('link', { name: 'Next' })).toHaveCount(0);
  await pages(page).getByRole('link', { name: 'Previous' }).click();
  await expect(skus(page).last()).not.toHaveText('POT-128');
  await pages(page).getByRole('link', { name: 'First' }).click();
  await expect(pages(page)).toContainText(`1–25 of ${ALL}`);
});

test('the pages together show every product once', async ({ page }) => {
  await page.goto('/products?size=25&sort=name');
  const seen: string[] = [];
  for (let first = 1; first <= ALL; first += 25) {
    await expect(pages(page)).toContainText(`${first}–`);
    seen.push(...(await skus(page).allTextContents()));
    const next = pages(page).getByRole('link', { name: 'Next' });
    if (first + 25 <= ALL) await next.click();
    else await expect(next).toHaveCount(0);
  }
  expect(new Set(seen).size).toBe(ALL);
  expect(seen).toHaveLength(ALL);
});

test('the number of rows can be chosen, and filters are kept', async ({ page }) => {
  await page.goto('/products?q=mug');
  await page.getByRole('list', { name: 'Rows per page' }).getByRole('link', { name: '25' }).click();
  await expect(pages(page)).toContainText('1–25 of 80');
  await expect(page.getByRole('link', { name: '25', exact: true })).toHaveAttribute('aria-current', 'true');
  await expect(page.getByLabel('Search SKU, name or description')).toHaveValue('mug');
});

test('Back restores the page before', async ({ page }) => {
  await page.goto('/products?size=25');
  await choose(page, 'Status', 'Active');
  await expect(pages(page)).toContainText('1–25 of 98');
  await pages(page).getByRole('link', { name: 'Next' }).click();
  await expect(pages(page)).toContainText('26–50 of 98');
  await page.goBack();
  await expect(pages(page)).toContainText('1–25 of 98');
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');
  await page.goBack();
  await expect(pages(page)).toContainText(`1–25 of ${ALL}`);
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
});

test('an address gives somebody else the same rows', async ({ page, browser, shop }) => {
  await page.goto('/products?sku=mug&status=active&sort=-price&size=25');
  await pages(page).getByRole('link', { name: 'Next' }).click();
  await expect(pages(page)).toContainText('26–50 of 60');
  const rows = await skus(page).allTextContents();
  const context = await browser.newContext({ baseURL: shop.address, storageState: shop.session });
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(skus(other)).toHaveText(rows);
  await context.close();
});

test('what a filter finds can be exported', async ({ page }) => {
  await page.goto('/products?catalogue=&status=inactive&sku=pot');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export (CSV)' }).click()]);
  expect(download.suggestedFilename()).toBe('products.csv');
  const lines = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/);
  expect(lines).toHaveLength(1 + 12);
});

test('a product has a page of its own', async ({ page }) => {
  await page.goto('/products?sku=MUG-003');
  const address = await page.getByRole('link', { name: 'MUG-003', exact: true }).getAttribute('href');
  await page.goto(address ?? '');
  await expect(page).toHaveTitle('Enamel mug blue 3 – Stockroom');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enamel mug blue 3');
  await expect(page.getByLabel('SKU')).toHaveValue('MUG-003');
  await expect(page.getByLabel('Price')).toHaveValue('3.50');
  await expect(page.getByLabel('Description')).toHaveValue('Enamel mug, blue. Fired twice, and packed by hand.');
  await expect(page.getByRole('combobox', { name: 'Catalogue' }).locator('option:checked')).toHaveText('Kitchen');
  await expect(page.getByRole('table', { name: 'History' })).toContainText('Import #1');
  // The way back is the table as it was filtered.
  await page.getByRole('link', { name: '← Products' }).click();
  await expect(page).toHaveURL('/products?sku=MUG-003');
});

test('markup in a search is text', async ({ page }) => {
  await page.goto(`/products?q=${encodeURIComponent('<b>"&\'</b></title>')}`);
  await expect(page.getByRole('heading', { name: 'No products match these filters' })).toBeVisible();
  await expect(page.getByLabel('Search SKU, name or description')).toHaveValue('<b>"&\'</b></title>');
  await expect(page.getByRole('link', { name: 'Remove filter: Search: <b>"&\'</b></title>' })).toBeVisible();
});

test('where nothing matches, the filters can be cleared', async ({ page }) => {
  await page.goto('/products?q=zeppelin');
  await expect(page).toHaveTitle('Products (0 found) – Stockroom');
  await page.getByRole('link', { name: 'Clear all filters' }).click();
  await expect(page).toHaveTitle(`Products (${ALL} found) – Stockroom`);
});

test('an address that cannot be read is refused, and the filters are kept', async ({ page }) => {
  const answer = await page.goto('/products?q=mug&size=1000');
  expect(answer?.status()).toBe(400);
  await expect(page).toHaveTitle('Error: Products – Stockroom');
  const error = page.getByRole('region', { name: 'Products could not be loaded. Your filters are kept.' });
  await expect(error).toContainText('Choose a page size from 1 to 100.');
  await expect(page.getByLabel('Search SKU, name or description')).toHaveValue('mug');
});

for (const address of ['/products/999999', '/products/zero', '/nowhere/at/all']) {
  test(`there is nothing at ${address}`, async ({ page }) => {
    const answer = await page.goto(address);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('link', { name: 'Go to products' })).toBeVisible();
  });
}

test.describe('in a shop without products', () => {
  test.use({ stock: 'empty' });

  test('the table says how to begin', async ({ page }) => {
    await page.goto('/products');
    await expect(page).toHaveTitle('Products – Stockroom');
    await expect(page.getByRole('heading', { name: 'Add or import your products' })).toBeVisible();
    await page.getByRole('link', { name: 'Import products from a file' }).click();
    await expect(page.getByRole('heading', { name: 'Import products', level: 1 })).toBeVisible();
  });
});
