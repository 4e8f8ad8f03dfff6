/** Scheduled imports by the forms of their pages, so with and without the script: added, run, changed, paused and deleted. */

import type { Page } from '@playwright/test';

import { Supplier } from '../server/supplier.ts';
import { expect, test as base } from './fixtures.ts';
import { own } from './steps.ts';

const test = base.extend<{ supplier: Supplier }>({
  supplier: async ({}, use) => {
    const supplier = await Supplier.open();
    await use(supplier);
    supplier.close();
  },
});

test.use({ stock: 'busy' });

async function addSchedule(page: Page, name: string, url: string): Promise<string> {
  await page.goto('/imports/schedules/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Address').fill(url);
  await page.getByRole('button', { name: 'Add schedule' }).click();
  await expect(page.getByText('Schedule added')).toBeVisible();
  return page.url();
}

/** Whatever a test adds must not be run by the ones after it. */
async function deleteSchedule(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByText('Delete…', { exact: true }).click();
  await page.getByRole('button', { name: 'Delete schedule' }).click();
  await expect(page.getByText('Schedule deleted')).toBeVisible();
}

/** Without the script nothing moves unless one asks for it. */
async function runUntil(page: Page, address: string, result: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('The run begins')).toBeVisible();
  await expect(async () => {
    await page.goto(address);
    await expect(newest(page)).toContainText(result, { timeout: 500 });
  }).toPass();
}

function newest(page: Page) {
  return page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1);
}

test('a list is fetched, imported, known again and told on its import', async ({ page, supplier }) => {
  const [name, sku] = [own('supplier'), own('listed')];
  supplier.list = `sku,name,price\n${sku},Mug,5.00\n`;
  const address = await addSchedule(page, name, supplier.url);
  await expect(page.getByText('every day at 03:00')).toBeVisible();
  await expect(page.getByText('It has not run yet.')).toBeVisible();
  await runUntil(page, address, 'Imported');
  await newest(page).getByRole('link', { name: /^Import #/ }).click();
  await expect(page.getByText('begun by schedule')).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveAttribute('href', new URL(address).pathname);
  await page.goto(`/products?sku=${sku}`);
  await expect(page.getByRole('row', { name: sku })).toContainText('5.00');
  await runUntil(page, address, 'Unchanged');
  await page.goto('/imports');
  await page.getByRole('link', { name: 'Schedules' }).click();
  await expect(page.getByRole('row', { name })).toContainText('Unchanged');
  await deleteSchedule(page, address);
});

test('what looks wrong waits for a person, and the page says why', async ({ page, supplier }) => {
  const [name, sku] = [own('careful'), own('zero')];
  supplier.list = `sku,name,price\n${sku},Mug,5.00\n`;
  const address = await addSchedule(page, name, supplier.url);
  await runUntil(page, address, 'Imported');
  supplier.list = `sku,name,price\n${sku},Mug,0.00\n`;
  await runUntil(page, address, 'Waits for a person');
  const banner = page.getByRole('region', { name: 'The last file waits for a person' });
  await expect(banner).toContainText('Prices become zero');
  await banner.getByRole('link', { name: /^Look at import #/ }).click();
  await expect(page.getByText('Prices become zero').first()).toBeVisible();
  await page.goto(`/products?sku=${sku}`);
  await expect(page.getByRole('row', { name: sku })).toContainText('5.00');
  supplier.list = `sku,name,price\n${sku},Mug,6.00\n`;
  await runUntil(page, address, 'Imported');
  await deleteSchedule(page, address);
});

test('the key is sent and never shown', async ({ page, shop, supplier }) => {
  const name = own('keyed');
  supplier.list = 'sku,name\nKEYED,Mug\n';
  await page.goto('/imports/schedules/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Address').fill(`${supplier.url}?token=pumpkin-lantern`);
  await page.getByLabel('Header for authorisation').fill('X-Key');
  await page.getByLabel('Value of the header').fill('sesame-street');
  await page.getByRole('button', { name: 'Add schedule' }).click();
  await expect(page.getByText('Schedule added')).toBeVisible();
  const address = page.url();
  await expect(page.getByLabel('Address')).toHaveValue(`${supplier.url}?…`);
  await expect(page.getByLabel('Value of the header')).toHaveValue('••••••');
  await page.getByLabel('Time', { exact: true }).fill('04:15');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Schedule saved')).toBeVisible();
  await expect(page.getByText('every day at 04:15')).toBeVisible();
  await runUntil(page, address, 'Imported');
  expect(supplier.asked[0]?.['x-key']).toBe('sesame-street');
  const log = shop.logged();
  expect(log.length).toBeGreaterThan(1_000);
  for (const secret of ['sesame-street', 'pumpkin-lantern']) {
    expect(log.includes(secret), 'the log has no secret').toBe(false);
    expect((await page.content()).includes(secret), 'the page has no secret').toBe(false);
  }
  await deleteSchedule(page, address);
});

test('what cannot be fetched is refused, with what was typed kept', async ({ page }) => {
  await page.goto('/imports/schedules/new');
  await page.getByLabel('Name').fill('Supplier');
  await page.getByLabel('Address').fill('http://169.254.169.254/latest');
  await page.getByRole('radio', { name: 'On chosen days' }).check();
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']) await page.getByRole('checkbox', { name: day }).uncheck();
  await page.getByRole('radio', { name: /^Always wait/ }).check();
  await page.getByRole('button', { name: 'Add schedule' }).click();
  const summary = page.getByRole('group', { name: 'There is a problem' });
  await expect(summary).toContainText('169.254.169.254 is not a public address');
  await expect(summary.getByRole('link', { name: 'Choose at least one day.' })).toHaveAttribute('href', '#days');
  await expect(page.getByLabel('Name')).toHaveValue('Supplier');
  await expect(page.getByLabel('Address')).toHaveValue('http://169.254.169.254/latest');
  await expect(page.getByRole('radio', { name: 'On chosen days' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Monday' })).not.toBeChecked();
  await expect(page.getByRole('radio', { name: /^Always wait/ })).toBeChecked();
});

test('a schedule is paused and resumed, and a server that is away is told', async ({ page, supplier }) => {
  supplier.status = 503;
  const address = await addSchedule(page, own('away'), supplier.url);
  await runUntil(page, address, 'Failed');
  await expect(newest(page)).toContainText('it has a problem of its own');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Schedule paused')).toBeVisible();
  await expect(page.getByRole('region', { name: 'This schedule is paused' })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Schedule resumed')).toBeVisible();
  await deleteSchedule(page, address);
});
