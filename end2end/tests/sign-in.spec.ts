/** Coming in and going out. */

import type { BrowserContext } from '@playwright/test';

import { STAFF } from '../server/shop.ts';
import { expect, test } from './fixtures.ts';
import { signIn } from './steps.ts';

test.use({ stock: 'empty', signedIn: false });

test('somebody who is signed out is led to the sign-in, and then to where they wanted to go', async ({ page }) => {
  await page.goto('/imports?size=25');
  await expect(page).toHaveTitle('Sign in – Stockroom');
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
  await signIn(page);
  await expect(page).toHaveURL('/imports?size=25');
  await expect(page.getByRole('heading', { name: 'Imports', level: 1 })).toBeVisible();
});

test('a wrong password is refused without saying which of both was wrong, and the e-mail address is kept', async ({ page }) => {
  await page.goto('/login');
  await signIn(page, 'not the password');
  await expect(page).toHaveTitle('Error: Sign in – Stockroom');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toContainText('Email address or password is not correct.');
  await expect(page.getByLabel('Email address')).toHaveValue(STAFF.email);
  await expect(page.getByLabel('Password')).toHaveValue('');
});

test('what was wrong is said once: after a reload the form is fresh', async ({ page }) => {
  await page.goto('/login');
  await signIn(page, 'not the password');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
  await page.reload();
  await expect(page).toHaveTitle('Sign in – Stockroom');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toHaveCount(0);
});

test('the way back survives a wrong password', async ({ page }) => {
  await page.goto('/imports?size=25');
  await signIn(page, 'not the password');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
  await signIn(page);
  await expect(page).toHaveURL('/imports?size=25');
});

test('nobody is led to another site', async ({ page, shop }) => {
  await page.goto('/login?next=https://evil.example/');
  await signIn(page);
  await expect(page).toHaveURL(`${shop.address}/`);
});

test('after signing out the pages are closed', async ({ page }) => {
  await page.goto('/login');
  await signIn(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/products');
  await expect(page).toHaveURL('/login?next=%2Fproducts');
});

test('signing in gives the session a new id', async ({ page, context }) => {
  await page.goto('/login');
  await signIn(page, 'not the password');
  await expect(page.getByRole('group', { name: 'There is a problem' })).toBeVisible();
  const before = await sessionId(context);
  await signIn(page);
  await expect(page).toHaveURL('/');
  expect(before).toBeTruthy();
  expect(await sessionId(context)).not.toBe(before);
});

async function sessionId(context: BrowserContext): Promise<string | undefined> {
  const cookies = await context.cookies();
  return cookies.find(({ name }) => name === 'stockroom')?.value;
}
