/** Products and catalogues without a mouse: found, sorted, chosen, changed, deleted and had back. */

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures.ts';
import { backTo, choose, enter, tabTo, toggle, typeInto } from './keyboard.ts';
import { own, runsScripts, skus, stocked, untilFinished } from './steps.ts';

test.use({ stock: 'busy' });

const bulk = (page: Page) => page.getByRole('form', { name: 'Change many products' });

test.describe('looking', () => {
  test.use({ stock: 'stocked' });

  test('the table is filtered, a filter is taken away, and the order is turned', async ({ page }) => {
    await page.goto('/products');
    await typeInto(page, page.getByLabel('SKU begins with'), 'mug-00');
    await page.keyboard.press('Enter');
    await expect(skus(page)).toHaveCount(9);
    await choose(page, page.getByRole('combobox', { name: 'Status' }), 'Inactive');
    // With the script the choice applies at once.
    if (!runsScripts()) await enter(page, page.getByRole('button', { name: 'Apply' }));
    await expect(skus(page)).toHaveText(['MUG-004', 'MUG-008']);
    await enter(page, page.getByRole('link', { name: 'Remove filter: SKU begins with: mug-00' }));
    await expect(page).toHaveTitle('Products (33 found) – Stockroom');
    const name = page.getByRole('columnheader', { name: 'Name' });
    await enter(page, name.getByRole('link'));
    await expect(name).toHaveAttribute('aria-sort', 'ascending');
    await enter(page, name.getByRole('link'));
    await expect(name).toHaveAttribute('aria-sort', 'descending');
    await expect(page).toHaveURL('/products?status=inactive&sort=-name');
  });
});

test('two rows are selected and deactivated', async ({ page, shop }) => {
  const sku = await stocked(shop, 'KEYTWO', 4);
  await page.goto(`/products?sku=${sku}`);
  await toggle(page, page.getByRole('checkbox', { name: `Select ${sku}-01` }));
  await toggle(page, page.getByRole('checkbox', { name: `Select ${sku}-03` }));
  await backTo(page, bulk(page).getByRole('button', { name: 'Deactivate' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await untilFinished(page, shop);
  await page.goto(`/products?sku=${sku}&status=inactive`);
  await expect(skus(page)).toHaveText([`${sku}-01`, `${sku}-03`]);
});

test('all that match are deleted after the number was typed, and come back', async ({ page, shop }) => {
  const sku = await stocked(shop, 'KEYALL', 12);
  await page.goto(`/products?sku=${sku}`);
  await tabTo(page, bulk(page).getByRole('radio', { name: /elected/ }));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'All 12 that match' })).toBeChecked();
  await enter(page, bulk(page).getByRole('button', { name: 'Delete…' }));
  await expect(page.getByRole('region', { name: 'Review' })).toContainText('12 products will be moved to the bin.');
  await enter(page, page.getByRole('link', { name: 'Continue' }));
  await typeInto(page, page.getByLabel('Number of products'), '12');
  await enter(page, page.getByRole('button', { name: 'Delete 12 products' }));
  await expect(page.getByLabel('Number of products')).toBeHidden();
  await untilFinished(page, shop);
  await enter(page, page.getByRole('button', { name: 'Undo deletion…' }));
  await enter(page, page.getByRole('button', { name: 'Undo these changes' }));
  await expect(page.getByRole('button', { name: 'Undo these changes' })).toBeHidden();
  await untilFinished(page, shop);
  await page.goto(`/products?sku=${sku}`);
  await expect(skus(page)).toHaveCount(12);
});

test('a product is added, changed, deleted and restored', async ({ page }) => {
  await page.goto('/products/new');
  await typeInto(page, page.getByLabel('Name', { exact: true }), 'Kettle');
  await typeInto(page, page.getByLabel('SKU'), own('KEYED'));
  await typeInto(page, page.getByLabel('Price'), '19,90');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Product added')).toBeVisible();
  await typeInto(page, page.getByLabel('Description'), 'Whistles.');
  await toggle(page, page.getByRole('checkbox', { name: 'Active' }));
  await backTo(page, page.getByRole('button', { name: 'Save' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Product saved')).toBeVisible();
  await expect(page.getByRole('table', { name: 'History' })).toContainText('Active: yes → no');
  await enter(page, page.getByText('Delete this product…'));
  await enter(page, page.getByRole('button', { name: 'Delete product' }));
  await expect(page.getByText('Product moved to the bin')).toBeVisible();
  await enter(page, page.getByRole('button', { name: 'Restore product' }));
  await expect(page.getByText('Product restored')).toBeVisible();
});

test('a price is changed in its row', async ({ page, shop }) => {
  const sku = await stocked(shop, 'KEYROW', 1);
  await page.goto(`/products?sku=${sku}`);
  const row = page.getByRole('row', { name: sku });
  await enter(page, row.getByText('10.00 EUR'));
  await typeInto(page, row.getByLabel(`Price of ${sku}-00`), '11,50');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`${sku}-00 saved`)).toBeVisible();
  await expect(row).toContainText('11.50 EUR');
});

test('a view is saved, used and deleted', async ({ page }) => {
  const name = own('Keyed view');
  const views = page.getByText('Views', { exact: true });
  await page.goto('/products?price_min=5&sort=-price');
  await enter(page, views);
  await typeInto(page, page.getByLabel('Save this filter and order as'), name);
  await page.keyboard.press('Enter');
  await expect(page.getByText('View saved')).toBeVisible();
  await page.goto('/products');
  await enter(page, views);
  await enter(page, page.getByRole('link', { name }));
  await expect(page).toHaveURL('/products?price_min=5.00&sort=-price');
  await enter(page, views);
  await enter(page, page.getByRole('button', { name: `Delete view ${name}` }));
  await expect(page.getByText('View deleted')).toBeVisible();
});

test('a catalogue is added, renamed and deleted', async ({ page }) => {
  const name = own('Keyed shelf');
  await page.goto('/catalogues');
  await typeInto(page, page.getByLabel('Name of a new catalogue'), name);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Catalogue added')).toBeVisible();
  await enter(page, page.getByRole('link', { name, exact: true }));
  await typeInto(page, page.getByRole('textbox', { name: 'Name' }), `${name} 2`);
  await enter(page, page.getByRole('button', { name: 'Save' }));
  await expect(page.getByRole('heading', { name: `${name} 2`, level: 1 })).toBeVisible();
  await enter(page, page.getByText('Delete this catalogue…'));
  await enter(page, page.getByRole('button', { name: 'Delete catalogue' }));
  await expect(page.getByText('Catalogue deleted')).toBeVisible();
});
