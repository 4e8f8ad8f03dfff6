/** The descriptions of the REST API: other people's pages, served by ourselves and without the internet. */

import { expect, test } from './fixtures.ts';

// Redoc asks for its makers' logo at the foot of its menu; our policy does not let it.
test.use({ stock: 'empty', tolerated: /cdn\.redoc\.ly\/redoc\/logo-mini\.svg' violates/ });

for (const path of ['/docs', '/redoc']) {
  test(`${path} lists the operations, and loads nothing from elsewhere`, async ({ page, shop }) => {
    const elsewhere: string[] = [];
    page.on('response', (response) => {
      const url = response.url();
      if (url.startsWith('http') && !url.startsWith(shop.address)) elsewhere.push(url);
    });
    await page.goto(path);
    // A page of other people's that reads the whole description first.
    await expect(page.getByText('Imports a file of products.').filter({ visible: true }).first()).toBeVisible({ timeout: 45_000 });
    expect(elsewhere).toEqual([]);
  });
}
