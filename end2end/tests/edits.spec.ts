/** Products and catalogues changed by hand: by plain forms, so with and without the script. */

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures.ts';
import { own } from './steps.ts';

test.use({ stock: 'busy' });

async function addProduct(page: Page, sku: string, name: string): Promise<void> {
  await page.goto('/products/new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('SKU').fill(sku);
  await page.getByLabel('Price').fill('12,50');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByText('Product added')).toBeVisible();
}

test('a product is added, and what cannot be used is said with what was typed kept', async ({ page }) => {
  const sku = own('NEW');
  await page.goto('/products/new');
  await page.getByLabel('Name', { exact: true }).fill('Kettle');
  await page.getByLabel('Price').fill('1,234');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page).toHaveTitle('Error: Add product – Stockroom');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Enter a SKU.');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Kettle');
  await page.getByLabel('SKU').fill(sku);
  await page.getByLabel('Price').fill('1.234,50');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByText('Product added')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Kettle', level: 1 })).toBeVisible();
  await expect(page.getByLabel('Price')).toHaveValue('1234.50');
  await page.goto(`/products?sku=${sku}`);
  await expect(page.getByRole('row', { name: sku })).toContainText('1,234.50 EUR');
});

test('a SKU that is taken is named with the product that has it', async ({ page }) => {
  const sku = own('TAKEN');
  await addProduct(page, sku, 'First of its name');
  await page.goto('/products/new');
  await page.getByLabel('Name', { exact: true }).fill('Second');
  await page.getByLabel('SKU').fill(sku.toLowerCase());
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText(`is already used by First of its name (${sku})`);
});

test('a product is changed, and its history says by whom', async ({ page }) => {
  await addProduct(page, own('EDIT'), 'Bowl');
  await page.getByLabel('Name', { exact: true }).fill('Deep bowl');
  await page.getByLabel('Active').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Deep bowl', level: 1 })).toBeVisible();
  const newest = page.getByRole('table', { name: 'History' }).getByRole('row').nth(1);
  await expect(newest).toContainText('Name: “Bowl” → “Deep bowl”');
  await expect(newest).toContainText('Active: yes → no');
  await expect(newest).toContainText('ana@shop.example');
});

test('two people edit one product, and nobody loses a word', async ({ page, context }) => {
  await addProduct(page, own('BOTH'), 'Vase');
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByLabel('Description').fill('Theirs');
  await other.getByRole('button', { name: 'Save' }).click();
  await expect(other.getByText('Product saved')).toBeVisible();
  await page.getByLabel('Description').fill('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
  await expect(page.getByLabel('Description')).toHaveValue('Mine');
  await expect(page.getByRole('region', { name: 'What differs' })).toContainText('Description: saved by somebody else Theirs, typed by you Mine');
  await page.getByRole('button', { name: 'Save mine' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  await expect(page.getByRole('table', { name: 'History' })).toContainText('Description: “Theirs” → “Mine”');
});

test('a product goes to the bin and comes back', async ({ page }) => {
  const sku = own('BIN');
  await addProduct(page, sku, 'Bread tin');
  await page.getByText('Delete this product…').click();
  await page.getByRole('button', { name: 'Delete product' }).click();
  await expect(page.getByText('Product moved to the bin')).toBeVisible();
  await page.goto(`/products?sku=${sku}&deleted=true`);
  await page.getByRole('link', { name: sku, exact: true }).click();
  await expect(page.getByRole('region', { name: 'This product is in the bin' })).toBeVisible();
  await page.getByRole('button', { name: 'Restore product' }).click();
  await expect(page.getByText('Product restored')).toBeVisible();
  await expect(page.getByLabel('SKU')).toHaveValue(sku);
});

test('a catalogue is added, renamed, kept while products are in it, and deleted', async ({ page }) => {
  const name = own('Shelf');
  await page.goto('/catalogues');
  await page.getByLabel('Name of a new catalogue').fill(name);
  await page.getByRole('button', { name: 'Add catalogue' }).click();
  await expect(page.getByText('Catalogue added')).toBeVisible();
  await page.getByLabel('Name of a new catalogue').fill(name.toLowerCase());
  await page.getByRole('button', { name: 'Add catalogue' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('already exists');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(`${name} 2`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: `${name} 2`, level: 1 })).toBeVisible();
  const catalogue = page.url();
  await addProduct(page, own('SHELVED'), 'Book');
  await page.getByRole('combobox', { name: 'Catalogue' }).selectOption(`${name} 2`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  const product = page.url();
  await page.goto(catalogue);
  await page.getByText('Delete this catalogue…').click();
  await page.getByRole('button', { name: 'Delete catalogue' }).click();
  await expect(page.getByRole('region', { name: 'Review' })).toContainText('1 product will be in another catalogue, or in none.');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(product);
  await page.getByRole('combobox', { name: 'Catalogue' }).selectOption('None');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  await page.goto(catalogue);
  await page.getByText('Delete this catalogue…').click();
  await page.getByRole('button', { name: 'Delete catalogue' }).click();
  await expect(page.getByText('Catalogue deleted')).toBeVisible();
});
