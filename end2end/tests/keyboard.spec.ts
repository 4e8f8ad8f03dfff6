/** The whole main path without a mouse. */

import type { Locator, Page } from '@playwright/test';

import { csv } from '../server/files.ts';
import { STAFF } from '../server/shop.ts';
import { expect, test } from './fixtures.ts';
import { payload, skus, untilOver } from './steps.ts';

test.use({ stock: 'busy', signedIn: false });

const FURTHEST = 80;

test('a file is imported and its product found with the keyboard alone', async ({ page }) => {
  await test.step('sign in', () => signInByKeyboard(page));
  await test.step('skip the navigation', () => skipNavigation(page));
  await test.step('choose a file and send it', () => uploadByKeyboard(page));
  await untilOver(page);
  await test.step('find the product', () => findByKeyboard(page));
});

async function signInByKeyboard(page: Page): Promise<void> {
  await page.goto('/login?next=%2Fproducts');
  await tabTo(page, page.getByLabel('Email address'));
  await page.keyboard.type(STAFF.email);
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(STAFF.password);
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
  await tabTo(page, page.getByRole('link', { name: 'Import products', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Import products', level: 1 })).toBeVisible();
  await tabTo(page, page.getByLabel('Choose file'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
  await chooser.setFiles(payload(csv('keys.csv', ['KEYS-1,Keyboard,,49.00,true,'])));
  await tabTo(page, page.getByRole('button', { name: 'Import products' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/imports\/\d+$/);
}

async function findByKeyboard(page: Page): Promise<void> {
  await tabTo(page, page.getByRole('link', { name: 'View products' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('SKU begins with'));
  await page.keyboard.type('keys');
  await page.keyboard.press('Enter');
  await expect(skus(page)).toHaveText(['KEYS-1']);
  await tabTo(page, page.getByRole('link', { name: 'KEYS-1', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Keyboard' })).toBeVisible();
}

/** Presses Tab until the target has the focus. Whatever has it on the way must show it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < FURTHEST; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await faultsOfFocus(page)).toEqual([]);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${target} is not reached by ${FURTHEST} presses of Tab.`);
}

/** What is wrong with how the focused element looks. The document itself may have the focus between two rounds. */
function faultsOfFocus(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return [];
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight / 2));
    const faults = [];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('has no outline');
    if (box.bottom < 0 || box.top > innerHeight || box.width === 0) faults.push('is out of sight');
    if (!top || !(element.contains(top) || top.contains(element))) faults.push('is covered');
    return faults.map((fault) => `${element.outerHTML.slice(0, 120)} ${fault}`);
  });
}
