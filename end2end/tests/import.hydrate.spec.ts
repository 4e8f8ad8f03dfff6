/** What the script adds to an import: dropping a file, progress as it happens, a question before stopping. */

import type { Page } from '@playwright/test';

import { csv, longFile } from '../server/files.ts';
import type { UploadedFile } from '../server/rest.ts';
import { awake } from './awake.ts';
import { expect, test } from './fixtures.ts';
import { apply, applyButton, expectCounters, numberOfImport, untilOver } from './steps.ts';

test.use({ stock: 'busy' });

test('a dropped file is uploaded, and the bar moves before it is checked', async ({ page }) => {
  await page.goto('/imports/new');
  await awake(page);
  // A name of its own: other tests import longer editions of the usual file.
  await drop(page, { ...longFile(60_000, 'DROP'), name: 'dropped.csv' });
  await expect(page.getByLabel('Choose file')).toHaveValue(/dropped\.csv$/);
  await page.getByRole('button', { name: 'Check file' }).click();
  // A check that is over at once needs no bar any more.
  const news = page.locator('progress:not([value="0"])[value]').or(applyButton(page));
  await expect(news).toBeVisible();
  await apply(page);
  await untilOver(page);
  await expectCounters(page, { Added: '60,000', 'With problems': '0', 'Rows read': '60,000' });
});

test('a file that is let go beside the zone is taken, too', async ({ page }) => {
  await page.goto('/imports/new');
  await awake(page);
  await drop(page, csv('beside.csv', ['BESIDE-1,Rug,,10.00,true,']), 'What your file does');
  await expect(page.getByLabel('Choose file')).toHaveValue(/beside\.csv$/);
  await expect(page).toHaveURL('/imports/new');
});

test('two tabs tell the same story', async ({ page, context, shop }) => {
  const id = await shop.rest.upload(longFile(60_000, 'TABS'));
  const other = await context.newPage();
  await Promise.all([page, other].map((tab) => tab.goto(`/imports/${id}`)));
  await Promise.all([page, other].map(untilOver));
  for (const tab of [page, other]) {
    await expectCounters(tab, { Added: '60,000', 'Rows read': '60,000' });
    await expect(tab).toHaveTitle(`Import #${id} – Stockroom`);
  }
});

test('the end arrives by itself, and is announced', async ({ page, shop }) => {
  const id = await shop.rest.upload(longFile(60_000, 'LIVE'));
  await page.goto(`/imports/${id}`);
  await awake(page);
  await expect(page.getByRole('region', { name: /^Import finished/ })).toBeVisible({ timeout: 45_000 });
  await expect(page.getByRole('status')).toHaveText('The import has finished. 60,000 added, 0 updated, 0 with problems.');
});

test('a reload during an import shows how far it is, never less', async ({ page, shop }) => {
  const id = await shop.beginLongImport();
  await page.goto(`/imports/${id}`);
  await expect.poll(() => percent(page)).toBeGreaterThan(5);
  const before = await percent(page);
  await page.reload();
  expect(await percent(page)).toBeGreaterThanOrEqual(before);
  await expect(page).toHaveTitle(new RegExp(`^\\d+ % – Import #${id} – Stockroom$`));
});

test('who looks at the products meanwhile is told that there are newer ones', async ({ page, shop }) => {
  const id = await shop.beginLongImport();
  await page.goto(`/imports/${id}`);
  await expect.poll(() => percent(page)).toBeGreaterThan(5);
  await page.goto('/products?sort=-updated_at');
  await awake(page);
  const news = page.getByRole('status').filter({ hasText: 'changed since you opened this page' });
  await expect(news).toHaveText(/^(\d{1,3}|[\d,]+\+?) products have changed since you opened this page\. Refresh$/, { timeout: 30_000 });
  await news.getByRole('link', { name: 'Refresh' }).click();
  await expect(page).toHaveURL('/products?sort=-updated_at');
  await expect(news).toHaveCount(0);
});

test('stopping an import is asked about first, and the safe answer has no effect', async ({ page, shop }) => {
  const id = await shop.beginLongImport();
  await page.goto(`/imports/${id}`);
  await awake(page);
  const cancel = page.getByRole('button', { name: 'Cancel import' });
  const dialog = page.getByRole('dialog', { name: 'Stop this import?' });
  await cancel.click();
  await expect(dialog.getByRole('button', { name: 'Stop import' })).not.toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(cancel).toBeFocused();
  await cancel.click();
  await dialog.getByRole('button', { name: 'Keep going' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeVisible();
});

test('an import stops within two seconds of the wish', async ({ page, shop }) => {
  const id = await shop.beginLongImport();
  await page.goto(`/imports/${id}`);
  await awake(page);
  await page.getByRole('button', { name: 'Cancel import' }).click();
  await page.getByRole('dialog', { name: 'Stop this import?' }).getByRole('button', { name: 'Stop import' }).click();
  await expect(page.getByRole('region', { name: 'The import was cancelled.' })).toBeVisible({ timeout: 3_000 });
  expect(numberOfImport(page)).toBe(id);
});

test('a file with another extension is refused before anything is sent', async ({ page }) => {
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await page.goto('/imports/new');
  await awake(page);
  await page.getByLabel('Choose file').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await page.getByRole('button', { name: 'Check file' }).click();
  const summary = page.getByRole('group', { name: 'There is a problem' });
  await expect(summary).toContainText('The selected file must be a CSV or Excel (.xlsx) file');
  await expect(summary).toBeFocused();
  await summary.getByRole('link').click();
  await expect(page.getByLabel('Choose file')).toBeFocused();
  expect(sent).toEqual([]);
});

/** Lets a file go over an element with this text, as the browser does when somebody drags one in. */
async function drop(page: Page, { name, text }: UploadedFile, over = 'Drop a CSV or Excel file here'): Promise<void> {
  const dragged = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name, { type: 'text/csv' }));
      return transfer;
    },
    [name, text] as const,
  );
  const target = page.getByText(over);
  await target.dispatchEvent('dragover', { dataTransfer: dragged });
  await target.dispatchEvent('drop', { dataTransfer: dragged });
}

/** From the next click to the first progress that is more than none: of the upload, then of the import. Measured in the page. */
async function percent(page: Page): Promise<number> {
  const value = await page.getByRole('progressbar', { name: 'Progress of the work' }).getAttribute('value');
  return Number(value);
}
