/** The whole main path without a mouse. */

import type { Page } from '@playwright/test';

import { csv } from '../server/files.ts';
import { STAFF } from '../server/shop.ts';
import { expect, test } from './fixtures.ts';
import { enter, tabTo, typeInto } from './keyboard.ts';
import { applyButton, payload, skus, untilChecked, untilOver } from './steps.ts';

test.use({ stock: 'busy', signedIn: false });

test('a file is imported and its product found with the keyboard alone', async ({ page }) => {
  await test.step('sign in', () => signInByKeyboard(page));
  await test.step('skip the navigation', () => skipNavigation(page));
  await test.step('choose a file and send it', () => uploadByKeyboard(page));
  await untilOver(page);
  await test.step('find the product', () => findByKeyboard(page));
});

async function signInByKeyboard(page: Page): Promise<void> {
  await page.goto('/login?next=%2Fproducts');
  await typeInto(page, page.getByLabel('Email address'), STAFF.email);
  await typeInto(page, page.getByLabel('Password'), STAFF.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Products', level: 1 })).toBeVisible();
}

async function skipNavigation(page: Page): Promise<void> {
  const skip = page.getByRole('link', { name: 'Skip to main content' });
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
}

async function uploadByKeyboard(page: Page): Promise<void> {
  await enter(page, page.getByRole('link', { name: 'Import products', exact: true }));
  await expect(page.getByRole('heading', { name: 'Import products', level: 1 })).toBeVisible();
  await tabTo(page, page.getByLabel('Choose file'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
  await chooser.setFiles(payload(csv('keys.csv', ['KEYS-1,Keyboard,,49.00,true,'])));
  await enter(page, page.getByRole('button', { name: 'Check file' }));
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await untilChecked(page);
  await enter(page, applyButton(page));
}

async function findByKeyboard(page: Page): Promise<void> {
  await enter(page, page.getByRole('link', { name: 'View products' }));
  await typeInto(page, page.getByLabel('SKU begins with'), 'keys');
  await page.keyboard.press('Enter');
  await expect(skus(page)).toHaveText(['KEYS-1']);
  await enter(page, page.getByRole('link', { name: 'KEYS-1', exact: true }));
  await expect(page.getByRole('heading', { name: 'Keyboard' })).toBeVisible();
}
