/** Excel workbooks are imported like any other file, with and without JavaScript. */

import { fileURLToPath } from 'node:url';

import { expect, test } from './fixtures.ts';
import { apply, expectCounters, untilChecked, untilOver } from './steps.ts';

test.use({ stock: 'busy' });

const supplier = fileURLToPath(new URL('files/supplier.xlsx', import.meta.url));

test('which sheet is meant is asked, and its cells come in as they look', async ({ page }) => {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles(supplier);
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page).toHaveTitle(/^Match columns \(step 2 of 4\)/);
  await expect(page.getByLabel('Encoding')).toHaveCount(0);

  await page.getByLabel('Sheet').selectOption('Autumn');
  await page.getByRole('button', { name: 'Read again' }).click();
  const columns = page.getByRole('table', { name: 'Columns' });
  await expect(columns.getByRole('row', { name: 'SKU' })).toContainText('WB-3');
  await page.getByLabel('Sheet').selectOption('Spring');
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(page.getByLabel('Row that names the columns')).toHaveValue('3');
  await expect(columns.getByRole('row', { name: 'SKU' })).toContainText('0000007');
  await expect(columns.getByRole('row', { name: 'Listed on' })).toContainText('2026-03-01');
  await page.getByRole('button', { name: 'Check file' }).click();

  await untilChecked(page);
  await expectCounters(page, { 'Will be added': '2' });
  await expect(page.getByRole('table', { name: 'Changes' })).toContainText('Price: 10.50 EUR');
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '2', 'With problems': '0' });
});

test('the sample workbook needs no help', async ({ page }) => {
  const answer = await page.request.get('/sample-products.xlsx');
  await page.goto('/imports/new');
  const file = { name: 'sample-products.xlsx', mimeType: 'application/octet-stream', buffer: await answer.body() };
  await page.getByLabel('Choose file').setInputFiles(file);
  await page.getByRole('button', { name: 'Check file' }).click();
  await untilChecked(page);
  await expectCounters(page, { 'With problems': '0' });
});

test('a file that is no workbook is refused in words', async ({ page }) => {
  await page.goto('/imports/new');
  const file = { name: 'broken.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('PK\u0003\u0004 and no more') };
  await page.getByLabel('Choose file').setInputFiles(file);
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('This is no workbook, or one that is damaged');
});
