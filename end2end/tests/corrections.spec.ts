/** Rows with problems are corrected in the browser, by keyboard, with and without JavaScript. */

import type { Page } from '@playwright/test';

import { csv } from '../server/files.ts';
import type { Shop } from '../server/shop.ts';
import { expect, test } from './fixtures.ts';
import { enter, tabTo, toggle, typeInto } from './keyboard.ts';
import { applyButton, expectCounters, numberOfImport, own, skus, untilChecked, untilOver } from './steps.ts';

test.use({ stock: 'busy' });

const HEADER = 'SKU,Name,Description,Price,Remarks';

/** One good row and three that cannot be used; the beginning of their SKUs, and the number of the import. */
async function withProblems(shop: Shop, word: string): Promise<{ sku: string; id: number }> {
  const sku = own(word);
  const lines = [`${sku}-1,Desk,,10.00,`, `${sku}-2,Vase,"For ""long""\nflowers",ten,fragile`, `,Bowl,,3.00,`, `${sku}-4,Chair,,free,`];
  const id = await shop.rest.import(csv('spring.csv', lines, HEADER));
  return { sku, id };
}

const row = (page: Page, number: number) => page.getByRole('group', { name: `Row ${number}`, exact: true });
const summary = (page: Page) => page.getByRole('group', { name: 'There is a problem' });

test('cells are corrected by keyboard, and what is still wrong comes back with everything that was typed', async ({ page, shop }) => {
  const { sku, id } = await withProblems(shop, 'fix');
  await page.goto(`/imports/${id}`);
  await enter(page, page.getByRole('link', { name: 'Correct them here' }));
  await expect(page).toHaveTitle(`Correct rows of import #${id} – Stockroom`);

  await test.step('the cell to blame is open and says why', async () => {
    const price = row(page, 3).getByLabel('Price');
    await expect(price).toHaveValue('ten');
    await expect(price).toHaveAttribute('aria-invalid', 'true');
    await expect(price).toHaveAccessibleDescription(/Price is not a number\. Enter the price as a number/);
    await expect(row(page, 3).getByLabel('Name')).toBeHidden();
  });
  await test.step('the others are opened by their heading', async () => {
    await enter(page, row(page, 3).getByText('Other cells of this row'));
    await expect(row(page, 3).getByLabel('Description')).toHaveValue('For "long"\nflowers');
    await expect(row(page, 3).getByLabel('Remarks')).toHaveCount(0);
  });

  await page.goto(`/imports/${id}/correct`);
  await typeInto(page, row(page, 3).getByLabel('Price'), 'eleven');
  await typeInto(page, row(page, 4).getByLabel('SKU'), `${sku}-3`);
  await toggle(page, row(page, 5).getByLabel('Leave this row out'));
  await enter(page, page.getByRole('button', { name: 'Check corrections' }));
  await expect(page).toHaveTitle(/^Error: Correct rows/);
  await expect(summary(page)).toBeFocused();
  await enter(page, summary(page).getByRole('link', { name: /^Row 3, Price: Price is not a number/ }));
  await expect(row(page, 3).getByLabel('Price')).toBeFocused();
  await expect(row(page, 3).getByLabel('Price')).toHaveValue('eleven');
  await expect(row(page, 4).getByLabel('SKU')).toHaveValue(`${sku}-3`);
  await expect(row(page, 4).getByLabel('SKU')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(row(page, 5).getByLabel('Leave this row out')).toBeChecked();

  await page.keyboard.press('Control+a');
  await page.keyboard.type('11,50');
  await enter(page, page.getByRole('button', { name: 'Check corrections' }));
  await untilChecked(page);
  await expectCounters(page, { 'Will be added': '2', 'With problems': '0' });
  await enter(page, applyButton(page));
  await untilOver(page);
  await expectCounters(page, { Added: '2', 'With problems': '0' });
  await enter(page, page.getByRole('link', { name: `import #${id}` }));
  await expect(page.getByRole('main')).toContainText('2 rows with problems were corrected by import #');
  await expect(page.getByRole('region', { name: 'Rows with problems' })).toContainText('Price is not a number — 1 row');

  await page.goto(`/products?sku=${sku}`);
  await expect(skus(page)).toHaveText([`${sku}-1`, `${sku}-2`, `${sku}-3`]);
  await expect(page.getByRole('row', { name: `${sku}-2` })).toContainText('11.50 EUR');
  await skus(page).getByRole('link', { name: `${sku}-2`, exact: true }).click();
  await expect(page.getByLabel('Description', { exact: true })).toHaveValue('For "long"\nflowers');
});

test('rows that are still wrong can be left out, and are offered again', async ({ page, shop }) => {
  const { sku, id } = await withProblems(shop, 'rest');
  await page.goto(`/imports/${id}/correct`);
  await row(page, 5).getByLabel('Price').fill('4.00');
  await page.getByRole('button', { name: 'Check corrections' }).click();
  await expect(summary(page).getByRole('link')).toHaveCount(2);
  await page.getByRole('button', { name: 'Leave out the rows that are still wrong' }).click();
  await untilChecked(page);
  const correction = numberOfImport(page);
  await applyButton(page).click();
  await untilOver(page);
  await page.goto(`/imports/${id}`);
  await expect(page.getByRole('main')).toContainText(`1 row with problems was corrected by import #${correction}.`);
  await page.getByRole('link', { name: 'Correct them here' }).click();
  await expect(page.getByRole('group', { name: /^Row \d+$/ })).toHaveCount(2);
  await expect(row(page, 5)).toHaveCount(0);
  await page.goto(`/products?sku=${sku}`);
  await expect(skus(page)).toHaveText([`${sku}-1`, `${sku}-4`]);
});

test('nothing to send is said, and cancelling leads back', async ({ page, shop }) => {
  const { id } = await withProblems(shop, 'none');
  await page.goto(`/imports/${id}/correct`);
  for (const number of [3, 4, 5]) await row(page, number).getByLabel('Leave this row out').check();
  await page.getByRole('button', { name: 'Check corrections' }).click();
  await expect(summary(page)).toContainText('All rows were left out. Correct at least one row.');
  await tabTo(page, page.getByRole('link', { name: 'Cancel' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/imports/${id}`);
});
