/** Importing a file, with and without JavaScript. */

import { csv, mixedFile, PICTURE } from '../server/files.ts';
import { expect, test } from './fixtures.ts';
import { walkMainPath } from './main-path.ts';
import { apply, expectCounters, numberOfImport, skus, untilOver, upload } from './steps.ts';

test.use({ stock: 'busy' });

test('a file becomes products, and its bad rows come back with reasons', async ({ page }) => {
  await walkMainPath(page);
});

test('the same file again changes nothing', async ({ page, shop }) => {
  await shop.rest.import(mixedFile('SAME'));
  await upload(page, mixedFile('SAME'));
  await untilOver(page);
  await expectCounters(page, { Added: '0', Updated: '0', Unchanged: '3', 'With problems': '2' });
});

test('a changed row updates its product, whatever the case of its SKU', async ({ page, shop }) => {
  await shop.rest.import(csv('before.csv', ['CASE-1,Vase,,10.00,true,', 'CASE-2,Bowl,,20.00,true,']));
  await upload(page, csv('after.csv', ['case-1,12.50', 'CASE-2,20.00'], 'sku,price'));
  await untilOver(page);
  await expectCounters(page, { Added: '0', Updated: '1', Unchanged: '1', 'With problems': '0' });
  await page.goto('/products?sku=case-1');
  await expect(page.getByRole('row', { name: /case-1/i })).toContainText('12.50 EUR');
});

test('catalogues can be imported, and products filtered by them', async ({ page }) => {
  await page.goto('/imports/new');
  await page.getByRole('radio', { name: 'Catalogues' }).check();
  const file = { name: 'catalogues.csv', mimeType: 'text/csv', buffer: Buffer.from('name\nCarpets\nCurtains\n') };
  await page.getByLabel('Choose file').setInputFiles(file);
  await page.getByRole('button', { name: 'Check file' }).click();
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '2' });
  await page.goto('/products');
  await page.getByRole('combobox', { name: 'Catalogue' }).selectOption('Carpets');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('heading', { name: 'No products match these filters' })).toBeVisible();
});

test('an import stays in the list with its counters', async ({ page }) => {
  await upload(page, mixedFile('KEPT'));
  await untilOver(page);
  const number = numberOfImport(page);
  await page.getByRole('link', { name: '← Imports' }).click();
  const row = page.getByRole('table', { name: 'Imports' }).getByRole('row', { name: `Import #${number}` });
  await expect(row).toContainText('Finished with problems');
  await expect(row.getByRole('cell')).toContainText(['summer prices.csv', 'Products', 'Finished with problems', '6', '3', '0', '2']);
});

test('a picture with the name of a CSV file is refused, and the page stays', async ({ page }) => {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles({ name: 'photo.csv', mimeType: 'text/csv', buffer: PICTURE });
  await page.getByRole('button', { name: 'Check file' }).click();
  const summary = page.getByRole('group', { name: 'There is a problem' });
  await expect(summary).toContainText('The selected file must be a CSV or Excel (.xlsx) file.');
  await expect(page).toHaveTitle('Error: Import products – Stockroom');
  await expect(page).toHaveURL('/imports/new');
  await expect(page.getByLabel('Choose file')).toHaveAttribute('aria-invalid', 'true');
});

test('without a file nothing is imported', async ({ page }) => {
  await page.goto('/imports/new');
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Select a file');
  await expect(page).toHaveURL('/imports/new');
});

test('an import that does not exist is not found', async ({ page }) => {
  const answer = await page.goto('/imports/4711');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('region', { name: 'This import could not be shown.' })).toBeVisible();
});

test('the sample file can be imported as it is', async ({ page }, testInfo) => {
  await page.goto('/imports/new');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download sample file (CSV)' }).click(),
  ]);
  const file = testInfo.outputPath(download.suggestedFilename());
  await download.saveAs(file);
  await page.getByLabel('Choose file').setInputFiles(file);
  await page.getByRole('button', { name: 'Check file' }).click();
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '5', Updated: '0', Unchanged: '0', 'With problems': '0' });
  await page.goto('/products?sku=hose');
  await expect(skus(page)).toHaveText(['HOSE-15']);
});
