/** A person without a mouse: goes from control to control, and looks at every step whether the focus can be seen. */

import type { Locator, Page } from '@playwright/test';

import { expect } from './fixtures.ts';

/** Presses of a key on the way to one control; more than that is no way. */
const FURTHEST = 120;

/** Presses Tab until the target has the focus. Whatever has it on the way must show it. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < FURTHEST; presses += 1) {
    await page.keyboard.press(key);
    const { isThere, faults } = await target.evaluate(lookAtFocus);
    expect(faults).toEqual([]);
    if (isThere) {
      await expect(target).toBeInViewport();
      return;
    }
  }
  throw new Error(`${target} is not reached by ${FURTHEST} presses of ${key}.`);
}

/** The same in the other direction: to what stands above. */
export async function backTo(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target, 'Shift+Tab');
}

/** Goes to a link, a button or a heading that opens, and presses Enter there. */
export async function enter(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Goes to a field and types over what it holds: a browser selects it all for those who come with Tab. */
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
  await expect(field).toHaveValue(text);
}

/** Goes to a list and types how an entry begins, as fast as a person does: a page that comes in between would take letters for shortcuts. */
export async function choose(page: Page, list: Locator, beginning: string): Promise<void> {
  await tabTo(page, list);
  await page.keyboard.type(beginning, { delay: 100 });
}

/** Goes to a box and turns it round. */
export async function toggle(page: Page, box: Locator): Promise<void> {
  await tabTo(page, box);
  await page.keyboard.press('Space');
}

/** Whether the target has the focus, and what is wrong with how the focus looks. Between two rounds the document itself may have it. */
function lookAtFocus(target: Element): { isThere: boolean; faults: string[] } {
  const element = document.activeElement;
  if (!element || element === document.body) return { isThere: false, faults: [] };
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight / 2));
  const faults = [];
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('has no outline');
  if (box.bottom < 0 || box.top > innerHeight || box.width === 0) faults.push('is out of sight');
  if (!top || !(element.contains(top) || top.contains(element))) faults.push('is covered');
  return { isThere: element === target, faults: faults.map((fault) => `${element.outerHTML.slice(0, 120)} ${fault}`) };
}
