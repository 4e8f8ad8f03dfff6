/** More catalogues than a list can hold: each is reached by its name, with and without the script. */

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures.ts';
import { own, skus, stocked, untilFinished } from './steps.ts';

test.use({ stock: 'crowded' });

const bulk = (page: Page) => page.getByRole('form', { name: 'Change many products' });
const wrong = (page: Page) => page.getByRole('group', { name: 'There is a problem' });

test('products are moved into a catalogue beyond the list, and found there', async ({ page, shop }) => {
  const sku = await stocked(shop, 'MOVED', 2);
  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('checkbox', { name: `Select ${sku}-00` }).check();
  await bulk(page).getByLabel('Move to').fill('Shelf 999');
  await bulk(page).getByRole('button', { name: 'Move', exact: true }).click();
  await expect(wrong(page)).toContainText('There is no catalogue called ‘Shelf 999’.');
  await expect(bulk(page).getByLabel('Move to')).toHaveValue('Shelf 999');

  await page.getByRole('checkbox', { name: `Select ${sku}-00` }).check();
  await bulk(page).getByLabel('Move to').fill('shelf 239');
  await bulk(page).getByRole('button', { name: 'Move', exact: true }).click();
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await untilFinished(page, shop);

  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('search').getByLabel('Catalogue').fill('Shelf 239');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(skus(page)).toHaveText([`${sku}-00`]);
  await page.getByRole('link', { name: 'Remove filter: SKU begins with' }).click();
  await expect(page.getByRole('search').getByLabel('Catalogue')).toHaveValue('Shelf 239');
});

test('the form of a product takes the name of a catalogue', async ({ page }) => {
  const sku = own('SHELVED');
  await page.goto('/products/new');
  await page.getByLabel('Name', { exact: true }).fill('Book');
  await page.getByLabel('SKU').fill(sku);
  await page.getByLabel('Catalogue').fill('Cellar');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(wrong(page)).toContainText('There is no catalogue called ‘Cellar’.');
  await wrong(page).getByRole('link', { name: /Cellar/ }).click();
  await expect(page.getByLabel('Catalogue')).toBeFocused();
  await expect(page.getByLabel('Catalogue')).toHaveValue('Cellar');
  await page.getByLabel('Catalogue').fill('SHELF 240');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByText('Product added')).toBeVisible();
  await expect(page.getByLabel('Catalogue')).toHaveValue('Shelf 240');
  await page.getByLabel('Catalogue').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  await expect(page.getByRole('table', { name: 'History' })).toContainText('Catalogue: Shelf 240 → –');
});
