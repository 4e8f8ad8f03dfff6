/** Pictures of every page, to be looked at: `test-results/pages`. */

import { everyView } from './every-page.ts';
import { test } from './fixtures.ts';

for (const { title, circumstances, open } of everyView()) {
  test.describe(() => {
    test.use(circumstances);

    test(title, async ({ page, shop }) => {
      await open(page, shop);
      const name = title.replaceAll(',', '').replaceAll(' ', '-');
      await page.screenshot({ path: `test-results/pages/${name}.png`, fullPage: true });
    });
  });
}
