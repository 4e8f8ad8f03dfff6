/** What the script adds to the table: choosing over pages, keys, a form over the page, and a question before text is lost. */

import type { Page } from '@playwright/test';

import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { backTo, tabTo } from './keyboard.ts';
import { skus } from './steps.ts';

test.use({ stock: 'stocked' });

const count = (page: Page) => page.locator('[data-selection-count]');

test('a choice survives paging, and is forgotten with another filter', async ({ page }) => {
  await page.goto('/products?size=25');
  await awake(page);
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(count(page)).toHaveText('25 selected');
  await page.getByRole('link', { name: 'Next' }).click();
  await awake(page);
  await page.getByRole('checkbox', { name: /^Select (?!all)/ }).first().check();
  await expect(count(page)).toHaveText('26 selected');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
  const lines = (await (await import('node:fs/promises')).readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  expect(lines).toHaveLength(27);
  await page.goto('/products?size=25&status=inactive');
  await awake(page);
  await expect(count(page)).toHaveText('0 selected');
});

test('shift takes the rows between', async ({ page }) => {
  await page.goto('/products?size=25');
  await awake(page);
  const boxes = page.getByRole('checkbox', { name: /^Select (?!all)/ });
  await boxes.nth(2).click();
  await boxes.nth(6).click({ modifiers: ['Shift'] });
  await expect(count(page)).toHaveText('5 selected');
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(count(page)).toHaveText('0 selected');
});

test('shift and the space bar take the rows between, without a mouse', async ({ page }) => {
  await page.goto('/products?size=25&sku=mug-00');
  await awake(page);
  const box = (sku: string) => page.getByRole('checkbox', { name: `Select ${sku}` });
  await tabTo(page, box('MUG-002'));
  await page.keyboard.press('Space');
  await tabTo(page, box('MUG-006'));
  await page.keyboard.press('Shift+Space');
  await expect(count(page)).toHaveText('5 selected');
  await expect(box('MUG-004')).toBeChecked();
  await backTo(page, box('MUG-003'));
  await page.keyboard.press('Shift+Space');
  await expect(count(page)).toHaveText('1 selected');
  await expect(box('MUG-002')).toBeChecked();
});

test('a range begins at the row that a key has selected', async ({ page }) => {
  await page.goto('/products?size=25&sku=mug-00');
  await awake(page);
  await tabTo(page, page.getByRole('link', { name: 'MUG-001', exact: true }));
  await page.keyboard.press('x');
  await tabTo(page, page.getByRole('checkbox', { name: 'Select MUG-004' }));
  await page.keyboard.press('Shift+Space');
  await expect(count(page)).toHaveText('4 selected');
});

test('keys do what they say, but not where somebody types', async ({ page }) => {
  await page.goto('/products');
  await awake(page);
  await page.keyboard.press('/');
  const search = page.getByLabel('Search SKU, name or description');
  await expect(search).toBeFocused();
  await page.keyboard.type('?n/');
  await expect(search).toHaveValue('?n/');
  await skus(page).first().getByRole('link').focus();
  await page.keyboard.press('x');
  await expect(count(page)).toHaveText('1 selected');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await expect(page).toHaveURL('/imports');
});

test('a product opens over the table, and unsaved text is asked about', async ({ page }) => {
  await page.goto('/products?sku=MUG-00');
  await awake(page);
  await page.getByRole('link', { name: 'MUG-004', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Product' });
  await expect(dialog.getByRole('heading', { name: 'Enamel mug white 4' })).toBeVisible();
  await dialog.getByLabel('Description').fill('Not saved');
  await expect(dialog.getByText('Unsaved changes')).toBeVisible();
  const asked: string[] = [];
  page.on('dialog', (question) => {
    asked.push(question.message());
    void (asked.length === 1 ? question.dismiss() : question.accept());
  });
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  expect(asked).toEqual(['Discard unsaved changes?', 'Discard unsaved changes?']);
});

test('text that was refused is asked about, too', async ({ page }) => {
  await page.goto('/products?sku=MUG-004');
  await awake(page);
  await page.getByRole('link', { name: 'MUG-004', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Product' });
  await dialog.getByLabel('Description').fill('Not saved');
  await dialog.getByLabel('Name', { exact: true }).fill('');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
  await awake(page);
  await expect(page.getByText('Unsaved changes')).toBeVisible();
  const asked: string[] = [];
  page.on('dialog', (question) => {
    asked.push(question.type());
    void question.accept();
  });
  await page.getByRole('link', { name: '← Products' }).click();
  await expect(page).toHaveURL('/products?sku=MUG-004');
  expect(asked).toEqual(['beforeunload']);
});

test.describe('in a shop that changes', () => {
  test.use({ stock: 'busy' });

  test('a product that was saved in the dialog leads back to the table', async ({ page, shop }) => {
    const sku = `OVER-${Math.random().toString(36).slice(2, 8)}`;
    await shop.rest.import({ name: 'over.csv', text: `sku,name\n${sku},Stool\n` });
    await page.goto(`/products?sku=${sku}`);
    await awake(page);
    await page.getByRole('link', { name: sku, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Product' });
    await dialog.getByLabel('Name', { exact: true }).fill('High stool');
    await page.keyboard.press('Control+s');
    await expect(page.getByText('Product saved')).toBeVisible();
    await expect(page).toHaveURL(`/products?sku=${sku}`);
    await expect(page.getByRole('row', { name: sku })).toContainText('High stool');
  });
});

test('a SKU is copied from the menu of its row, and a request from its delivery', async ({ page, context, shop }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto('/products?sku=MUG-004');
  await awake(page);
  await page.locator('summary', { hasText: 'Actions for MUG-004' }).click();
  await page.getByRole('button', { name: 'Copy SKU' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await copied()).toBe('MUG-004');
  await page.goto(`/webhooks/${shop.hooks?.working}/deliveries?event=product.created`);
  await page.getByRole('link', { name: /product\.created/ }).click();
  await awake(page);
  await page.getByText('As a curl command').click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await copied()).toMatch(/^curl -i 'http:.*'content-type: application\/json'.*"type":"product\.created"/s);
});
