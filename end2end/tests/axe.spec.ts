/** No page, in no state, has a barrier that axe can find; none scrolls sideways on a small phone. Pictures to be looked at: `test-results/pages`. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { everyView } from './every-page.ts';
import { expect, test } from './fixtures.ts';

const OPTIONS = {
  runOnly: { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true } },
};

for (const { title, circumstances, open } of everyView()) {
  test.describe(() => {
    test.use(circumstances);

    test(title, async ({ page, shop }) => {
      await open(page, shop);
      const name = title.replaceAll(',', '').replaceAll(' ', '-');
      await page.screenshot({ path: `test-results/pages/${name}.png`, fullPage: true });
      expect(await barriers(page)).toEqual([]);
      const { content, window } = await widths(page);
      expect(content, 'the page must not scroll sideways').toBeLessThanOrEqual(window);
    });
  });
}

/** Each violation in one line, with the elements that it is about. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).options(OPTIONS).analyze();
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, any }) => `${html} (${any[0]?.message})`).join(' | ')}`);
}

function widths(page: Page): Promise<{ content: number; window: number }> {
  return page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: innerWidth }));
}
