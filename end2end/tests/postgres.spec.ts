/** The same on PostgreSQL: the pages must not know which database is behind them. */

import { expect, test } from './fixtures.ts';
import { walkMainPath } from './main-path.ts';
import { skus } from './steps.ts';

test.use({ stock: 'postgres' });

test('a file becomes products on PostgreSQL, too', async ({ page }) => {
  await walkMainPath(page);
  await page.goto('/products?sku=lamp&sort=-price&size=25');
  await expect(skus(page)).toHaveText(['LAMP-1', 'LAMP-3', 'LAMP-4']);
});
