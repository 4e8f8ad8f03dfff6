/** Settings, people, keys, the audit log and webhooks without a mouse. */

import { expect, test } from './fixtures.ts';
import { choose, enter, toggle, typeInto } from './keyboard.ts';
import { own, runsScripts } from './steps.ts';

test.use({ stock: 'busy' });

test('the settings of the shop and of oneself are saved', async ({ page }) => {
  await page.goto('/settings');
  await typeInto(page, page.getByLabel('Name of the shop'), 'Corner shop');
  await enter(page, page.getByRole('button', { name: 'Save', exact: true }));
  await expect(page.getByText('Settings saved')).toBeVisible();
  await choose(page, page.getByRole('combobox', { name: 'Rows of tables' }), 'Compact');
  await enter(page, page.getByRole('button', { name: 'Save for me' }));
  await expect(page.getByText('Settings saved')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Rows of tables' })).toHaveValue('compact');
  await choose(page, page.getByRole('combobox', { name: 'Rows of tables' }), 'Comfortable');
  await enter(page, page.getByRole('button', { name: 'Save for me' }));
  await expect(page.getByRole('combobox', { name: 'Rows of tables' })).toHaveValue('comfortable');
});

test('somebody is invited and gets another role', async ({ page }) => {
  const email = `${own('keyed')}@shop.example`.toLowerCase();
  await page.goto('/settings/users');
  await typeInto(page, page.getByRole('textbox', { name: 'Email address' }), email);
  await choose(page, page.getByLabel('Role').last(), 'Viewer');
  await enter(page, page.getByRole('button', { name: 'Invite user' }));
  await expect(page.getByLabel('Link', { exact: true })).toBeVisible();
  const row = page.getByRole('row', { name: email });
  await expect(row).toContainText('Viewer');
  await enter(page, row.getByText(`Change ${email}`));
  await choose(page, row.getByLabel('Role'), 'Editor');
  await enter(page, row.getByRole('button', { name: `Save ${email}` }));
  await expect(page.getByText('User saved')).toBeVisible();
  await expect(row.getByRole('cell', { name: 'Editor', exact: true })).toBeVisible();
});

test('a key is created and revoked', async ({ page }) => {
  const name = own('keyed till');
  await page.goto('/settings/api-keys');
  await typeInto(page, page.getByRole('textbox', { name: 'Name' }), name);
  await enter(page, page.getByRole('button', { name: 'Create API key' }));
  await expect(page.getByLabel('API key', { exact: true })).toHaveValue(/^stk_/);
  const row = page.getByRole('row', { name });
  await enter(page, row.getByText(`Revoke… ${name}`));
  await enter(page, row.getByRole('button', { name: /^Revoke stk_/ }));
  await expect(page.getByText('API key revoked')).toBeVisible();
  await expect(row).toContainText('Revoked');
});

test('the audit log is filtered', async ({ page, shop }) => {
  const { sku } = await shop.rest.productInTheBin();
  await page.goto('/audit');
  await typeInto(page, page.getByLabel('To what'), sku);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row')).toHaveCount(3);
  await choose(page, page.getByRole('combobox', { name: 'Action' }), 'Moved product');
  // With the script the choice applies at once.
  if (!runsScripts()) await enter(page, page.getByRole('button', { name: 'Apply' }));
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('a webhook is added and tested, and its log is read', async ({ page, shop, receiver }) => {
  await page.goto('/webhooks/new');
  await typeInto(page, page.getByLabel('Address'), receiver.url);
  await toggle(page, page.getByRole('checkbox', { name: /^product\.deleted/ }));
  await enter(page, page.getByRole('button', { name: 'Add webhook' }));
  await expect(page.getByText('Webhook added')).toBeVisible();
  const webhook = Number(new URL(page.url()).pathname.split('/').pop());
  await choose(page, page.getByLabel('Event', { exact: true }), 'product.updated');
  await enter(page, page.getByRole('button', { name: 'Send test event' }));
  await expect(page.getByText(/^200 in \d+ ms$/)).toBeVisible();
  const [trial] = await receiver.received(1);
  expect(trial?.body.type).toBe('product.updated');
  await enter(page, page.getByRole('link', { name: 'Deliveries' }));
  await expect(page.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();
  await enter(page, page.getByRole('link', { name: /product\.updated/ }));
  await expect(page.getByRole('region', { name: 'Attempts' })).toBeVisible();
  // The receiver goes with this test.
  await shop.rest.deleteWebhook(webhook);
});

test('a webhook is disabled and deleted', async ({ page, shop, receiver }) => {
  await shop.rest.addWebhook(receiver.url, true);
  await page.goto('/webhooks');
  await enter(page, page.getByRole('link', { name: new URL(receiver.url).host }));
  await enter(page, page.getByText('Disable…', { exact: true }));
  await enter(page, page.getByRole('button', { name: 'Disable webhook' }));
  await expect(page.getByText('This webhook is disabled')).toBeVisible();
  await enter(page, page.getByText('Delete…', { exact: true }));
  await enter(page, page.getByRole('button', { name: 'Delete webhook' }));
  await expect(page.getByText('Webhook deleted')).toBeVisible();
});
