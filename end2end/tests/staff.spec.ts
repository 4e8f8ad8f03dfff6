/** Who may sign in, keys for programs, the audit log, settings: by plain forms, so with and without the script. */

import { expect, test } from './fixtures.ts';

test.use({ stock: 'busy' });

function own(word: string): string {
  const { project, workerIndex, retry } = test.info();
  return `${word}-${project.name}-${workerIndex}-${retry}-${Math.random().toString(36).slice(2, 8)}`.toLowerCase();
}

test('somebody is invited, joins, looks at everything and changes nothing', async ({ page, browser, shop }) => {
  const email = `${own('ben')}@shop.example`;
  await page.goto('/settings/users');
  await page.getByRole('textbox', { name: 'Email address' }).fill(email);
  await page.getByLabel('Role').last().selectOption('viewer');
  await page.getByRole('button', { name: 'Invite user' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  await expect(page.getByRole('row', { name: email })).toContainText('Invited');

  const javaScriptEnabled = test.info().project.use.javaScriptEnabled !== false;
  // A browser of his own: without saying so it would begin with Ana's session.
  const context = await browser.newContext({ baseURL: shop.address, javaScriptEnabled, storageState: { cookies: [], origins: [] } });
  const ben = await context.newPage();
  await ben.goto(link);
  await ben.getByLabel('Password').fill('short');
  await ben.getByRole('button', { name: 'Join' }).click();
  await expect(ben.getByRole('group', { name: 'There is a problem' })).toContainText('10 characters');
  await ben.getByLabel('Password').fill('blue enamel mug');
  await ben.getByRole('button', { name: 'Join' }).click();
  await expect(ben.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await ben.goto('/products');
  await expect(ben.getByRole('link', { name: 'Add product' })).toHaveCount(0);
  await expect(ben.getByRole('checkbox', { name: /^Select/ })).toHaveCount(0);
  const denied = await ben.goto('/settings/users');
  expect(denied?.status()).toBe(403);
  await expect(ben.getByRole('region', { name: 'Not allowed' })).toContainText('You need the role Administrator');

  await page.goto('/settings/users');
  const row = page.getByRole('row', { name: email });
  await expect(row).toContainText('Active');
  await row.getByText(`Change ${email}`).click();
  await row.getByRole('button', { name: `Disable for ${email}` }).click();
  await expect(page.getByText('User disabled')).toBeVisible();
  await ben.goto('/products');
  await expect(ben.getByText('You were signed out. Sign in to continue where you left off.')).toBeVisible();
  await context.close();
});

test('the last administrator stays one', async ({ page }) => {
  await page.goto('/settings/users');
  const row = page.getByRole('row', { name: 'ana@shop.example' });
  await row.getByText('Change ana@shop.example').click();
  await row.getByLabel('Role').selectOption('viewer');
  await row.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Add another administrator first.');
});

test('a key is made, shown once, used, and revoked', async ({ page, shop }) => {
  const name = own('till');
  await page.goto('/settings/api-keys');
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create API key' }).click();
  const key = await page.getByLabel('API key', { exact: true }).inputValue();
  const ask = () => page.request.get(`${shop.address}/api/v1/products`, { headers: { authorization: `Bearer ${key}` } });
  expect((await ask()).status()).toBe(200);
  await page.goto('/settings/api-keys');
  await expect(page.getByLabel('API key', { exact: true })).toHaveCount(0);
  const row = page.getByRole('row', { name });
  await expect(row).toContainText('127.0.0.1');
  await row.getByText(`Revoke… ${name}`).click();
  await row.getByRole('button', { name: /^Revoke stk_/ }).click();
  await expect(page.getByText('API key revoked')).toBeVisible();
  await expect(row).toContainText('Revoked');
  expect((await ask()).status()).toBe(401);
});

test('what was done stands in the audit log, and can be found there', async ({ page }) => {
  const name = own('shelf');
  await page.goto('/catalogues');
  await page.getByLabel('Name of a new catalogue').fill(name);
  await page.getByRole('button', { name: 'Add catalogue' }).click();
  await page.goto('/audit?action=catalogue_added&who=ana%40shop.example');
  await page.getByLabel('To what').fill(name.toUpperCase());
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  const row = page.getByRole('row', { name: new RegExp(`Added catalogue ${name}`) });
  await expect(row).toContainText('ana@shop.example');
  await row.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
});

test('settings are saved, and what cannot be used is refused', async ({ page }) => {
  await page.goto('/settings');
  await page.getByLabel('Currency').fill('JPY');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Prices have two decimals here');
  await expect(page.getByLabel('Currency')).toHaveValue('JPY');
  await page.getByLabel('Currency').fill('eur');
  await page.getByLabel('Name of the shop').fill('Corner shop');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Settings saved')).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('Corner shop');
});

test('the dashboard leads to what it counts', async ({ page, shop }) => {
  const id = await shop.rest.import({ name: 'dash.csv', text: `sku,name\n${own('dash')},Dash\n` });
  await page.goto('/');
  await expect(page.getByRole('region', { name: 'Recent imports' }).getByRole('link', { name: `Import #${id}: dash.csv` })).toBeVisible();
  await page.getByRole('link', { name: /^Active: / }).click();
  await expect(page).toHaveURL('/products?status=active');
});
