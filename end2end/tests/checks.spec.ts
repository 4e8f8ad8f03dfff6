/** A file is matched and checked before it changes anything, with and without JavaScript. */

import { readFileSync } from 'node:fs';

import { csv } from '../server/files.ts';
import { expect, test } from './fixtures.ts';
import { apply, applyButton, expectCounters, numberOfImport, send, skus, untilChecked, untilOver, upload } from './steps.ts';

test.use({ stock: 'busy' });

test('columns that are not known are matched by hand, and the next time by themselves', async ({ page }) => {
  const header = 'Kennung,Worum es geht,Kosten in Euro';
  await send(page, csv('first.csv', ['HAND-1,Desk,10.00', 'HAND-2,Vase,20.00'], header));
  await expect(page).toHaveTitle(/^Match columns \(step 2 of 4\)/);
  const columns = page.getByRole('table', { name: 'Columns' });
  await expect(columns.getByRole('row', { name: 'Kennung' })).toContainText('HAND-1');
  await page.getByRole('button', { name: 'Check file' }).click();
  const summary = page.getByRole('group', { name: 'There is a problem' });
  await expect(summary).toContainText('Match a column to SKU.');

  await columns.getByLabel('Kennung goes to').selectOption('SKU');
  await columns.getByLabel('Worum es geht goes to').selectOption('Name');
  await columns.getByLabel('Kosten in Euro goes to').selectOption('Price');
  await page.getByRole('button', { name: 'Check file' }).click();
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '2' });

  await send(page, csv('second.csv', ['HAND-1,Desk,11.00'], header));
  await untilChecked(page);
  await expectCounters(page, { 'Will be added': '0', 'Will be updated': '1' });
  await expect(page.getByRole('table', { name: 'Changes' })).toContainText('Price: 10.00 EUR → 11.00 EUR');
});

test('a file that is read wrongly is read again as somebody says', async ({ page }) => {
  await send(page, csv('odd.csv', ['ODD-1;Desk'], 'Nummer;Worum'));
  await page.getByLabel('Separator').selectOption('Comma');
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(page.getByRole('table', { name: 'Columns' }).getByRole('rowheader')).toHaveText(['Nummer;Worum']);
  await page.getByLabel('Separator').selectOption('Semicolon');
  await page.getByRole('button', { name: 'Read again' }).click();
  await expect(page.getByRole('table', { name: 'Columns' }).getByRole('rowheader')).toHaveText(['Nummer', 'Worum']);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL('/imports');
});

test('prices that move far are applied only when somebody has read of how many', async ({ page, shop }) => {
  const lines = (price: string) => Array.from({ length: 30 }, (_, row) => `FAR-${row},Desk,,${price},yes,`);
  await shop.rest.import(csv('before.csv', lines('10.00')));
  await send(page, csv('after.csv', lines('99.00')));
  await untilChecked(page);
  await expect(page.getByRole('region', { name: 'Prices move far' })).toContainText('30 products by more than 50 %.');
  await applyButton(page).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Type the number of products, 30');
  await page.getByLabel('Number of products').fill('30');
  await applyButton(page).click();
  await untilOver(page);
  await expectCounters(page, { Updated: '30' });
});

test('changes are looked through by kind and field, page by page', async ({ page, shop }) => {
  const lines = (name: string) => Array.from({ length: 60 }, (_, row) => `LOOK-${String(row).padStart(2, '0')},${name} ${row},,10.00,yes,`);
  await shop.rest.import(csv('before.csv', lines('Desk')));
  await send(page, csv('after.csv', [...lines('Chair'), 'LOOK-NEW,Vase,,3.00,yes,']));
  await untilChecked(page);
  const changes = page.getByRole('region', { name: 'Changes', exact: true });
  await changes.getByRole('link', { name: 'Name 60' }).click();
  await expect(changes.getByRole('rowheader')).toHaveCount(50);
  await changes.getByRole('link', { name: 'Next' }).click();
  await expect(changes.getByRole('rowheader')).toHaveCount(10);
  await changes.getByRole('link', { name: 'Added 1' }).click();
  await expect(changes.getByRole('rowheader')).toHaveText(['LOOK-NEW']);
});

test('what somebody changes between the check and the import is kept, and named', async ({ page, shop }) => {
  await shop.rest.import(csv('before.csv', ['MINE-1,Desk,,10.00,yes,', 'MINE-2,Vase,,10.00,yes,']));
  await send(page, csv('after.csv', ['MINE-1,Desk,,12.00,yes,', 'MINE-2,Vase,,12.00,yes,']));
  await untilChecked(page);
  const number = numberOfImport(page);
  await page.goto('/products?sku=mine-1');
  await skus(page).getByRole('link').first().click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Desk of mine');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.goto(`/imports/${number}`);
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Updated: '1', 'With problems': '1' });
  await expect(page.getByRole('region', { name: 'Rows with problems' })).toContainText('MINE-1');
});

test('rows with problems come back corrected without any matching', async ({ page }, testInfo) => {
  await upload(page, csv('bad.csv', ['BACK-1,Desk,,ten,yes,', 'BACK-2,Vase,,2.00,yes,']));
  await untilOver(page);
  const parent = numberOfImport(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download rows with problems (CSV)' }).click(),
  ]);
  const file = testInfo.outputPath('problems.csv');
  await download.saveAs(file);
  await upload(page, { name: 'problems.csv', text: readFileSync(file, 'utf8').replace('ten', '10.00') });
  await untilOver(page);
  await expectCounters(page, { Added: '1', 'With problems': '0' });
  await page.getByRole('link', { name: `import #${parent}` }).click();
  await expect(page.getByRole('main')).toContainText('1 row with problems was corrected by import #');
  await expect(page.getByRole('region', { name: 'Rows with problems' })).toBeHidden();
});

test('of a checked file nothing is left when it is cancelled', async ({ page }) => {
  await send(page, csv('dropped.csv', ['DROP-IT,Desk,,1.00,yes,']));
  await untilChecked(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL('/imports');
  await page.goto('/products?sku=drop-it');
  await expect(page.getByRole('heading', { name: 'No products match these filters' })).toBeVisible();
});
