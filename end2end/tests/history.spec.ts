/** The history of imports, the files in it, and who set each field of a product, with and without JavaScript. */

import { readFileSync } from 'node:fs';

import { csv, mixedFile } from '../server/files.ts';
import { expect, test } from './fixtures.ts';
import { apply, applyButton, expectCounters, numberOfImport, own, send, untilChecked, untilOver, upload } from './steps.ts';

test.use({ stock: 'busy' });

test('the history is filtered by its address, and each filter can be taken away', async ({ page, shop }) => {
  const name = own('filtered').toLowerCase();
  await shop.rest.import(csv(`${name}-may.csv`, [`${name}-1,Desk,,1.00,yes,`]));
  await shop.rest.import(csv(`${name}-june.csv`, [`${name}-2,Desk,,dear,yes,`]));
  await page.goto('/imports');
  await page.getByLabel('File name contains').fill(name.toUpperCase());
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]file=/);
  const table = page.getByRole('table', { name: 'Imports' });
  await expect(table.getByRole('rowheader')).toHaveCount(2);
  await expect(table.getByRole('row').nth(1)).toContainText(`${name}-june.csv`);

  await page.getByLabel('File name contains').fill(`${name}-may`);
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(table.getByRole('rowheader')).toHaveCount(1);
  await table.getByRole('link', { name: `${name}-may.csv` }).click();
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await page.goBack();
  await page.getByRole('list', { name: 'Filters' }).getByRole('link', { name: /^Remove filter: File: / }).click();
  await expect(page).toHaveURL('/imports');

  await page.goto(`/imports?file=${name}&to=2020-01-01`);
  await expect(page.getByRole('heading', { name: 'No imports match these filters' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all imports' }).click();
  await expect(page).toHaveURL('/imports');
});

test('a file is given back, and imported again with the same matching', async ({ page }, testInfo) => {
  const sku = own('again');
  const file = csv('again.csv', [`${sku},Desk,,10.00,yes,`]);
  await upload(page, file);
  await untilOver(page);
  const first = numberOfImport(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the file as it was uploaded' }).click(),
  ]);
  const saved = testInfo.outputPath('saved.csv');
  await download.saveAs(saved);
  expect(readFileSync(saved, 'utf8')).toBe(file.text);
  await expect(page.getByRole('main')).toContainText(/SHA-256\s*[0-9a-f]{64}/);

  await page.getByRole('button', { name: 'Import again with the same matching' }).click();
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await untilChecked(page);
  expect(numberOfImport(page)).toBeGreaterThan(first);
  const notice = page.getByRole('region', { name: 'This file was imported before' });
  await expect(notice).toContainText('1 added, 0 updated');
  await expect(notice.getByRole('link', { name: `import #${first}` })).toBeVisible();
  await expectCounters(page, { 'Will be added': '0', 'Will be updated': '0' });
  await applyButton(page).click();
  await untilOver(page);
  await expectCounters(page, { Added: '0', Updated: '0', Unchanged: '1' });
});

test('a product says who set each of its fields', async ({ page, shop }) => {
  const sku = own('whose');
  await shop.rest.import(csv('whose.csv', [`${sku},Desk,,10.00,yes,`]));
  await page.goto(`/products?sku=${sku}`);
  // With the script a click would open the product above the table, without what has happened to it.
  const link = page.getByRole('table', { name: 'Products' }).getByRole('link', { name: sku });
  const address = (await link.getAttribute('href')) ?? '';
  await page.goto(address);
  const fields = page.getByRole('table', { name: 'Who set each field' });
  await expect(fields.getByRole('row', { name: /^Price/ })).toContainText('whose.csv, row 2');
  await page.getByLabel('Price').fill('12.00');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Product saved')).toBeVisible();
  await page.goto(address);
  await expect(fields.getByRole('row', { name: /^Price/ })).toContainText('10.00 EUR');
  await expect(fields.getByRole('row', { name: /^Price/ })).not.toContainText('whose.csv');
  await expect(fields.getByRole('row', { name: /^Name/ })).toContainText('whose.csv, row 2');
});

test('rows with problems are saved as a workbook', async ({ page }, testInfo) => {
  await send(page, mixedFile(own('sheet')));
  await apply(page);
  await untilOver(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download rows with problems (Excel)' }).click(),
  ]);
  const saved = testInfo.outputPath('problems.xlsx');
  await download.saveAs(saved);
  expect(readFileSync(saved).subarray(0, 2).toString()).toBe('PK');
});
