/** The page of those who watch over the shop: figures, alerts and a day in pictures. With and without JavaScript. */

import { expect, test } from './fixtures.ts';

test.use({ stock: 'stocked' });

test('the page shows what runs, where things are kept and how the day went', async ({ page }) => {
  await page.goto('/settings');
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Monitoring' }).click();
  await expect(page.getByRole('heading', { name: 'Monitoring', level: 1 })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Storage' })).toContainText('Database');
  await expect(page.getByRole('region', { name: 'This process' })).toContainText(/\d+\.\d+\.\d+/);
  await expect(page.getByRole('region', { name: 'Queues' })).toContainText('enabled');
  await expect(page.getByRole('region', { name: 'Requests' })).toBeVisible();
  await page.getByRole('link', { name: 'Refresh' }).click();
  await expect(page).toHaveURL('/monitoring');
});

test('a webhook that fails is told with what to do, and leads to it', async ({ page, shop }) => {
  const alert = page.getByRole('region', { name: `Webhook ${shop.hooks?.failing} is failing` });
  // It is told once the first call has been refused.
  await expect(async () => {
    await page.goto('/monitoring');
    await expect(alert).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(alert).toContainText('Nothing has arrived there since');
  await expect(alert).toContainText('Look at its log');
  await alert.getByRole('link', { name: 'Open webhook' }).click();
  await expect(page).toHaveURL(`/webhooks/${shop.hooks?.failing}`);
});

test('programs get the same figures', async ({ page, shop }) => {
  const answer = await page.request.get(`${shop.address}/api/v1/monitoring`);
  expect(answer.status()).toBe(200);
  const seen = await answer.json();
  expect(seen.history.series.map(({ label }: { label: string }) => label)).toContain('Rows applied');
  expect(seen.webhooks.items.map(({ id }: { id: number }) => id)).toContain(shop.hooks?.failing);
  const metrics = await page.request.get(`${shop.address}/metrics`);
  expect(metrics.headers()['content-type']).toContain('version=0.0.4');
  expect(await metrics.text()).toContain('# TYPE stockroom_http_requests_total counter');
});
