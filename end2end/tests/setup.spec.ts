/** The first account of a new shop. */

import { Shop, STAFF } from '../server/shop.ts';
import { expect, test as base } from './fixtures.ts';

/** Setting up can be done once, so each test has a shop of its own. */
const test = base.extend({
  shop: async ({}, use) => {
    const shop = await Shop.open('unopened');
    await use(shop);
    await shop.close();
  },
});

test.use({ signedIn: false });

test('the address that the server printed makes the first account, and then is gone', async ({ page, shop }) => {
  await page.goto(shop.announcement);
  await expect(page).toHaveTitle('Set up Stockroom – Stockroom');
  await page.getByLabel('Email address').fill(STAFF.email);
  await page.getByLabel('Password').fill(STAFF.password);
  await page.getByRole('button', { name: 'Create administrator account' }).click();

  await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText(`Signed in as ${STAFF.email}`);
  const again = await page.goto(shop.announcement);
  expect(again?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
});

test('a password that is too short is refused beside its field, and the e-mail address is kept', async ({ page, shop }) => {
  await page.goto(shop.announcement);
  await page.getByLabel('Email address').fill(STAFF.email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create administrator account' }).click();

  await expect(page).toHaveTitle('Error: Set up Stockroom – Stockroom');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('10 characters');
  await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Email address')).toHaveValue(STAFF.email);
});

test('an address with another code makes no account', async ({ page }) => {
  await page.goto('/setup?token=guessed');
  await page.getByLabel('Email address').fill(STAFF.email);
  await page.getByLabel('Password').fill(STAFF.password);
  await page.getByRole('button', { name: 'Create administrator account' }).click();

  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('not the one that the server printed');
  await page.goto('/products');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
