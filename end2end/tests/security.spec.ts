/** What protects people who are signed in. */

import { expect, test } from './fixtures.ts';

const FORM = { kind: 'products', file: { name: 'evil.csv', mimeType: 'text/csv', buffer: Buffer.from('sku,name\nEVIL-1,Evil\n') } };

for (const path of ['/imports', '/logout', '/preferences/theme', '/api/v1/imports']) {
  test(`a form of another site cannot post to ${path}`, async ({ page }) => {
    const answer = await page.request.post(path, { multipart: FORM, headers: { origin: 'https://evil.example' } });
    expect(answer.status()).toBe(403);
    await page.goto('/products?sku=EVIL');
    await expect(page.getByRole('heading', { name: 'No products match these filters' })).toBeVisible();
  });
}

test('cookies are out of reach of scripts and of other sites', async ({ page, context }) => {
  await page.goto('/products');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name).sort()).toEqual(['stockroom', 'theme']);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
});

test('pages carry a strict policy with a nonce of their own', async ({ page }) => {
  const policies = [];
  for (const path of ['/products', '/products', '/login', '/nowhere']) {
    const headers = (await page.goto(path))?.headers() ?? {};
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin' });
    policies.push(headers['content-security-policy'] ?? '');
  }
  for (const policy of policies) {
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=-]+' 'wasm-unsafe-eval'/);
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).toContain("frame-ancestors 'none'");
  }
  expect(new Set(policies).size).toBe(policies.length);
});

test('pages of the signed-in are not kept by caches', async ({ page }) => {
  const answer = await page.goto('/products');
  expect(answer?.headers()['cache-control']).toBe('no-store');
});

test.describe('for those who are not signed in', () => {
  test.use({ signedIn: false });

  for (const path of ['/api/v1/products', '/actions/list_products', '/actions/list_imports', '/api/v1/products/export?format=csv']) {
    test(`there is nothing to see at ${path}`, async ({ page }) => {
      const answer = await page.request.get(path, { headers: { accept: 'application/json' } });
      expect(answer.status()).toBe(401);
    });
  }
});
