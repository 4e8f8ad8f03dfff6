/** Light, dark, or as the system has it. */

import type { Page } from '@playwright/test';

import { expect, test } from './fixtures.ts';

const LIGHT = 'rgb(246, 247, 249)';
const DARK = 'rgb(14, 17, 22)';

async function choose(page: Page, theme: string): Promise<void> {
  await page.getByRole('group', { name: 'Theme' }).getByRole('button', { name: theme }).click();
  await expect(page.getByRole('button', { name: theme })).toHaveAttribute('aria-pressed', 'true');
}

/** The canvas behind everything. */
function canvas(page: Page) {
  return page.locator('body');
}

test('a choice is kept, here and after a reload', async ({ page }) => {
  await page.goto('/products?sku=MUG&size=25');
  await choose(page, 'Dark');
  await expect(page).toHaveURL('/products?sku=MUG&size=25');
  await expect(canvas(page)).toHaveCSS('background-color', DARK);
  await page.reload();
  await expect(canvas(page)).toHaveCSS('background-color', DARK);
  await choose(page, 'Light');
  await expect(canvas(page)).toHaveCSS('background-color', LIGHT);
});

test('without a choice the system decides', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/products');
  await expect(canvas(page)).toHaveCSS('background-color', DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(canvas(page)).toHaveCSS('background-color', LIGHT);
});

test('a choice stands against the system, until it is given back', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/products');
  await choose(page, 'Light');
  await expect(canvas(page)).toHaveCSS('background-color', LIGHT);
  await choose(page, 'System');
  await expect(canvas(page)).toHaveCSS('background-color', DARK);
});

test('the very first HTML has the theme, so nothing flashes', async ({ page }) => {
  await page.goto('/products');
  await choose(page, 'Dark');
  const html = await page.request.get('/products', { headers: { accept: 'text/html' } });
  expect(await html.text()).toMatch(/<html[^>]* data-theme="dark"/);
});
