/** The descriptions of the REST API: other people's pages, served by ourselves and without the internet. */

import { expect, test } from './fixtures.ts';

test.use({ stock: 'empty' });

for (const path of ['/docs', '/redoc']) {
  test(`${path} lists the operations, and loads nothing from elsewhere`, async ({ page, shop }) => {
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(shop.address) && /^(https?|wss?):/.test(request.url())) elsewhere.push(request.url());
    });
    await page.goto(path);
    await expect(page.getByText('Upload a file of products.').first()).toBeVisible();
    expect(elsewhere).toEqual([]);
  });
}
