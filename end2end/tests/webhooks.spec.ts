/** Webhooks by the forms of their pages, so with and without the script: added, tested, read about, sent again, disabled and deleted. */

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures.ts';

test.use({ stock: 'busy' });

async function addWebhook(page: Page, url: string): Promise<string> {
  await page.goto('/webhooks/new');
  await page.getByLabel('Address').fill(url);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.getByText('Webhook added')).toBeVisible();
  return page.url();
}

/** Whatever a test adds must not be called by the ones after it. */
async function deleteWebhook(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByText('Delete…', { exact: true }).click();
  await page.getByRole('button', { name: 'Delete webhook' }).click();
  await expect(page.getByText('Webhook deleted')).toBeVisible();
}

async function addProduct(page: Page, sku: string): Promise<void> {
  await page.goto('/products/new');
  await page.getByLabel('SKU').fill(sku);
  await page.getByLabel('Name').fill('Mug');
  await page.getByRole('button', { name: 'Add product' }).click();
  await expect(page.getByText('Product added')).toBeVisible();
}

function own(word: string): string {
  return `${word}-${Math.random().toString(36).slice(2, 8)}`;
}

test('a webhook is added, tested, told of a product and deleted', async ({ page, receiver }) => {
  const address = await addWebhook(page, receiver.url);
  await expect(page.getByRole('textbox', { name: 'Signing secret' })).toHaveValue(/^whsec_/);

  await page.getByLabel('Event', { exact: true }).selectOption('product.updated');
  await page.getByRole('button', { name: 'Send test event' }).click();
  await expect(page.getByText(/^200 in \d+ ms$/)).toBeVisible();
  const [trial] = await receiver.received(1);
  expect([trial?.body.type, trial?.body.test]).toEqual(['product.updated', true]);

  const sku = own('hooked');
  await addProduct(page, sku);
  const calls = await receiver.received(2);
  expect([calls[1]?.body.type, calls[1]?.body.data.sku]).toEqual(['product.created', sku]);

  await page.goto(`${address.replace(/[?#].*/, '')}/deliveries?q=${sku}`);
  const row = page.getByRole('row', { name: sku });
  await expect(row).toContainText('Delivered');
  await row.getByRole('link', { name: `product.created ${sku}` }).click();
  await expect(page.getByRole('heading', { name: 'product.created', level: 1 })).toBeVisible();
  await expect(page.getByText(`"sku": "${sku}"`)).toBeVisible();
  await expect(page.getByText('webhook-signature: …')).toBeVisible();
  await expect(page.getByText('Thank you')).toBeVisible();

  await page.getByRole('button', { name: 'Send again' }).click();
  await expect(page.getByText('It is being sent again')).toBeVisible();
  const again = await receiver.received(3);
  expect(again[2]?.headers['webhook-id']).toBe(again[1]?.headers['webhook-id']);
  await deleteWebhook(page, address);
});

test('what cannot be called is refused, with what was typed kept', async ({ page }) => {
  await page.goto('/webhooks/new');
  await page.getByLabel('Address').fill('http://169.254.169.254/latest');
  await page.getByLabel('Description').fill('Price display');
  await page.getByRole('checkbox', { name: /^product\.deleted/ }).uncheck();
  await page.getByRole('radio', { name: /^Batches/ }).check();
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('169.254.169.254 is not a public address');
  await expect(page.getByLabel('Address')).toHaveValue('http://169.254.169.254/latest');
  await expect(page.getByLabel('Description')).toHaveValue('Price display');
  await expect(page.getByRole('checkbox', { name: /^product\.deleted/ })).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: /^product\.created/ })).toBeChecked();
  await expect(page.getByRole('radio', { name: /^Batches/ })).toBeChecked();
});

test('a webhook is changed, and its keys stay hidden and in use', async ({ page, shop, receiver }) => {
  const address = await addWebhook(page, receiver.url);
  await page.getByText('Headers, pace and order').click();
  await page.getByLabel('Additional headers').fill('X-Key: sesame');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Webhook saved')).toBeVisible();
  await page.getByText('Headers, pace and order').click();
  await expect(page.getByLabel('Additional headers')).toHaveValue('X-Key: ••••••');
  await page.getByLabel('Description').fill('Till');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Webhook saved')).toBeVisible();
  await page.getByRole('button', { name: 'Send test event' }).click();
  await expect(page.getByText(/^200 in \d+ ms$/)).toBeVisible();
  const [call] = await receiver.received(1);
  expect(call?.headers['x-key']).toBe('sesame');

  await page.getByRole('button', { name: 'Reveal' }).click();
  const before = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue();
  await page.getByText('Replace…').click();
  await page.getByRole('button', { name: 'Replace secret' }).click();
  await expect(page.getByText('Secret replaced')).toBeVisible();
  const after = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue();
  expect(after).not.toBe(before);
  const log = shop.logged();
  expect(log.length).toBeGreaterThan(1_000);
  for (const secret of ['sesame', before.slice(6), after.slice(6), String(call?.headers['webhook-signature']).slice(3), 'enamel-mug-blue']) {
    expect(log.includes(secret), 'the log has no secret').toBe(false);
  }
  await expect(page.getByText(/The secret before it signs as well until/)).toBeVisible();
  await deleteWebhook(page, address);
});

test('what happens while a webhook is disabled is kept, and sent when somebody says so', async ({ page, receiver }) => {
  const address = await addWebhook(page, receiver.url);
  await page.getByText('Disable…', { exact: true }).click();
  await page.getByRole('button', { name: 'Disable webhook' }).click();
  await expect(page.getByText('This webhook is disabled')).toBeVisible();
  const sku = own('kept');
  await addProduct(page, sku);
  await page.goto(address);
  await expect(page.getByText('1 event was kept')).toBeVisible();
  await page.getByRole('button', { name: 'Enable' }).click();
  await expect(page.getByText('Webhook enabled')).toBeVisible();
  await page.getByRole('link', { name: 'Send again what failed or was kept…' }).click();
  await expect(page.getByRole('heading', { name: 'Send again', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Send 1 delivery again' }).click();
  await expect(page.getByText('They are being sent again')).toBeVisible();
  const [call] = await receiver.received(1);
  expect(call?.body.data.sku).toBe(sku);
  await deleteWebhook(page, address);
});

test('a receiver that refuses is shown with its answer and the next attempt', async ({ page, receiver }) => {
  receiver.answer = { status: 503, body: '<script>alert("busy")</script>' };
  const address = await addWebhook(page, receiver.url);
  const sku = own('refused');
  await addProduct(page, sku);
  await receiver.received(1);
  const log = `${address}/deliveries?q=${sku}`;
  await expect(async () => {
    await page.goto(log);
    await expect(page.getByRole('row', { name: sku })).toContainText('Retrying', { timeout: 500 });
  }).toPass();
  const row = page.getByRole('row', { name: sku });
  await expect(row).toContainText('503');
  await row.getByRole('link', { name: /product\.created/ }).click();
  await expect(page.getByText('it has a problem of its own')).toBeVisible();
  await expect(page.getByText('<script>alert("busy")</script>')).toBeVisible();
  await page.goto('/webhooks');
  await expect(page.getByRole('row', { name: new RegExp(new URL(receiver.url).host) })).toContainText('Failing');
  await page.goto('/');
  await expect(page.getByRole('region', { name: 'Needs attention' })).toContainText(receiver.url);
  await deleteWebhook(page, address);
});
