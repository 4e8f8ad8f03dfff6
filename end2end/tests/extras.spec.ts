/** What a file says of its products beside their fields: pictures in the sheet, and columns of its own. With and without JavaScript. */

import { fileURLToPath } from 'node:url';

import { expect, test } from './fixtures.ts';
import { apply, expectCounters, untilChecked, untilOver } from './steps.ts';

test.use({ stock: 'busy' });

const file = fileURLToPath(new URL('files/pictures.xlsx', import.meta.url));

test('pictures of a sheet come along, and a column is kept under its name', async ({ page }) => {
  await page.goto('/imports/new');
  await page.getByLabel('Choose file').setInputFiles(file);
  await page.getByRole('button', { name: 'Check file' }).click();
  await expect(page).toHaveTitle(/^Match columns \(step 2 of 4\)/);
  await expect(page.getByLabel('Photo goes to')).toHaveValue('pictures');
  await page.getByLabel('Brand goes to').selectOption('Extra attribute, under its own name');
  await page.getByRole('button', { name: 'Check file' }).click();

  await untilChecked(page);
  await expectCounters(page, { 'Will be added': '2', 'With problems': '0' });
  await expect(page.getByRole('table', { name: 'Changes' })).toContainText('Extra attributes: Brand: Acme');
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '2', 'With problems': '0' });

  await page.goto('/products?sku=pic-1');
  // With the script a click opens a dialogue with the fields alone.
  await page.goto((await page.getByRole('link', { name: 'PIC-1', exact: true }).getAttribute('href')) ?? '');
  await expect(page.getByRole('region', { name: 'Extra attributes' })).toContainText('Acme');
  const picture = page.getByRole('region', { name: 'Pictures' }).getByRole('img');
  const answer = await page.request.get((await picture.getAttribute('src')) ?? '');
  expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/png']);
  await expect(picture).toHaveJSProperty('naturalWidth', 480);
});
