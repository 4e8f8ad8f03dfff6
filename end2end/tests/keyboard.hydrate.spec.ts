/** What only the script offers, without a mouse: forms over the page, and all rows of a page at once. */

import type { Page } from '@playwright/test';

import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { enter, tabTo, toggle, typeInto } from './keyboard.ts';
import { own, skus, stocked } from './steps.ts';

test.use({ stock: 'busy' });

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Product' });

test('a product is added and changed in the dialog', async ({ page }) => {
  const sku = own('KEYOVER');
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  await enter(page, page.getByRole('link', { name: 'Add product' }));
  await expect(dialog(page).getByRole('heading', { name: 'Add product' })).toBeFocused();
  await typeInto(page, dialog(page).getByLabel('Name', { exact: true }), 'Stool');
  await typeInto(page, dialog(page).getByLabel('SKU'), sku);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Product added')).toBeVisible();
  await awake(page);
  await enter(page, page.getByRole('link', { name: sku, exact: true }));
  await expect(dialog(page).getByRole('heading', { name: 'Stool' })).toBeFocused();
  await typeInto(page, dialog(page).getByLabel('Name', { exact: true }), 'High stool');
  await enter(page, dialog(page).getByRole('button', { name: 'Save' }));
  await expect(page.getByText('Product saved')).toBeVisible();
  await expect(page.getByRole('row', { name: sku })).toContainText('High stool');
});

test('the dialog keeps the focus, and gives it back when it closes', async ({ page, shop }) => {
  const sku = await stocked(shop, 'KEYESC', 1);
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  const link = page.getByRole('link', { name: `${sku}-00`, exact: true });
  await enter(page, link);
  await expect(dialog(page).getByRole('heading', { name: 'Chair' })).toBeFocused();
  await tabTo(page, dialog(page).getByRole('button', { name: 'Close' }));
  await tabTo(page, dialog(page).getByLabel('SKU'));
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(link).toBeFocused();
});

test('all rows of the page are selected and let go again', async ({ page, shop }) => {
  const sku = await stocked(shop, 'KEYPAGE', 3);
  await page.goto(`/products?sku=${sku}`);
  await awake(page);
  await expect(skus(page)).toHaveCount(3);
  const count = page.locator('[data-selection-count]');
  await toggle(page, page.getByRole('checkbox', { name: 'Select all on this page' }));
  await expect(count).toHaveText('3 selected');
  await enter(page, page.getByRole('button', { name: 'Clear selection' }));
  await expect(count).toHaveText('0 selected');
});
