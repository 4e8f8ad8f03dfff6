/** Many products at once: chosen one by one or by a filter, looked at before, and had back afterwards. */

import type { Page } from '@playwright/test';

import { csv } from '../server/files.ts';
import { expect, test } from './fixtures.ts';
import { skus, stocked } from './steps.ts';

test.use({ stock: 'busy' });

/** Without the script nothing moves unless one asks for it. */
async function untilDone(page: Page, words: RegExp): Promise<void> {
  const refresh = page.getByRole('link', { name: 'Refresh progress' });
  await expect(async () => {
    if (await refresh.isVisible()) await refresh.click({ timeout: 1_000 });
    await expect(page.getByRole('region', { name: words })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

test('all that match are deleted after two questions, and come back', async ({ page, shop }) => {
  const sku = await stocked(shop, 'ALL', 12);
  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('radio', { name: 'All 12 that match' }).check();
  await page.getByRole('button', { name: 'Delete…' }).click();
  const review = page.getByRole('region', { name: 'Review' });
  await expect(review).toContainText('12 products will be moved to the bin.');
  await expect(review).toContainText(`All that match: SKU begins with: ${sku}.`);
  await expect(review).toContainText(`${sku}-00`);
  await expect(review).toContainText('and 7 more');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Delete 12 products' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Type the number of products, 12');
  await page.getByLabel('Number of products').fill('12');
  await page.getByRole('button', { name: 'Delete 12 products' }).click();
  await untilDone(page, /^Deletion finished/);
  await page.goto(`/products?sku=${sku}`);
  await expect(page.getByRole('heading', { name: 'No products match these filters' })).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Undo deletion…' }).click();
  await expect(page.getByRole('region', { name: 'Review' })).toContainText('12 products will be as before');
  await page.getByRole('button', { name: 'Undo these changes' }).click();
  await untilDone(page, /^Undo finished/);
  await page.goto(`/products?sku=${sku}`);
  await expect(skus(page)).toHaveCount(12);
});

test('the ticked ones are deactivated, and nothing else', async ({ page, shop }) => {
  const sku = await stocked(shop, 'TICK', 4);
  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('checkbox', { name: `Select ${sku}-01` }).check();
  await page.getByRole('checkbox', { name: `Select ${sku}-03` }).check();
  await page.getByRole('button', { name: 'Deactivate' }).first().click();
  await untilDone(page, /^Change finished/);
  await page.goto(`/products?sku=${sku}&status=inactive`);
  await expect(skus(page)).toHaveText([`${sku}-01`, `${sku}-03`]);
});

test('no tick means nothing, never everything', async ({ page, shop }) => {
  const sku = await stocked(shop, 'NONE', 2);
  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('button', { name: 'Delete…' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Select products first. Nothing was changed.');
  await expect(skus(page)).toHaveCount(2);
});

test('a plan that is dropped changes nothing', async ({ page, shop }) => {
  const sku = await stocked(shop, 'DROP', 2);
  await page.goto(`/products?sku=${sku}`);
  await page.getByRole('radio', { name: /that match/ }).check();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('Nothing was changed')).toBeVisible();
  await page.goto(`/products?sku=${sku}`);
  await expect(skus(page)).toHaveCount(2);
});

test('a price and the state of a product are changed in its row', async ({ page, shop }) => {
  const sku = await stocked(shop, 'ROW', 1);
  await page.goto(`/products?sku=${sku}`);
  const row = page.getByRole('row', { name: sku });
  await row.getByText('10.00 EUR').click();
  await row.getByLabel(`Price of ${sku}-00`).fill('11,50');
  await row.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(`${sku}-00 saved`)).toBeVisible();
  await expect(row).toContainText('11.50 EUR');
  await expect(page).toHaveURL(new RegExp(`sku=${sku}`));
  await row.locator('summary', { hasText: 'Actions for' }).click();
  await row.getByRole('button', { name: 'Deactivate' }).click();
  await expect(row).toContainText('Inactive');
});

test('a product is copied, and the copy wants a SKU of its own', async ({ page, shop }) => {
  const sku = await stocked(shop, 'COPY', 1);
  const { id } = await shop.rest.productCalled(sku);
  await page.goto(`/products/${id}`);
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Chair');
  await expect(page.getByLabel('SKU')).toHaveValue('');
  await page.getByLabel('SKU').fill(`${sku}-B`);
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByText('Product added')).toBeVisible();
});

test('a catalogue goes after its products have moved', async ({ page, shop }) => {
  const { project, workerIndex, retry } = test.info();
  const name = `Attic ${project.name} ${workerIndex} ${retry}`;
  await shop.rest.import(csv('attic.csv', [`${name}-1,Trunk,,1.00,true,${name}`, `${name}-2,Chest,,1.00,true,${name}`]));
  await page.goto('/catalogues');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByText('Delete this catalogue…').click();
  await page.getByRole('radio', { name: 'Move them to the catalogue below' }).check();
  await page.getByRole('button', { name: 'Delete catalogue' }).click();
  await expect(page.getByRole('region', { name: 'Review' })).toContainText('When they have gone, the catalogue is deleted.');
  await page.getByRole('button', { name: 'Move 2 products' }).click();
  await untilDone(page, /^Change finished/);
  await page.goto('/catalogues');
  await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
});

test('a filter is kept as a view, and columns are left out', async ({ page }) => {
  const { project, workerIndex, retry } = test.info();
  const name = `Dear ${project.name} ${workerIndex} ${retry}`;
  await page.goto('/products?price_min=5&sort=-price');
  await page.getByText('Views', { exact: true }).click();
  await page.getByLabel('Save this filter and order as').fill(name);
  await page.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByText('View saved')).toBeVisible();
  await page.goto('/products');
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('link', { name }).click();
  await expect(page).toHaveURL('/products?price_min=5.00&sort=-price');
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('button', { name: `Delete view ${name}` }).click();
  await expect(page.getByText('View deleted')).toBeVisible();
});
