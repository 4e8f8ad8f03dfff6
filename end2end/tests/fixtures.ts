/** What every test is given: a shop in the state that it names, a signed-in browser, and an eye on the browser's console. */

import { test as base, type BrowserContext } from '@playwright/test';

import { Receiver } from '../server/receiver.ts';
import { Shop, type Stock } from '../server/shop.ts';
import { watchConsole } from './console.ts';
import { noteAwakening } from './awake.ts';

export { expect } from '@playwright/test';

export type Theme = 'system' | 'light' | 'dark';

export interface ShopOptions {
  stock: Stock;
  signedIn: boolean;
  theme: Theme;
  /** Complaints of the browser that a test brings about on purpose. */
  tolerated?: RegExp;
}

interface Shops {
  open(stock: Stock): Promise<Shop>;
}

interface Given {
  shop: Shop;
  /** For those who ask for one: it belongs to the test alone. */
  receiver: Receiver;
  quietConsole: void;
}

/** Each worker has its own servers; each starts when the first test asks for it. */
export const test = base.extend<ShopOptions & Given, { shops: Shops }>({
  stock: ['stocked', { option: true }],
  signedIn: [true, { option: true }],
  theme: ['system', { option: true }],
  tolerated: [undefined, { option: true }],

  shops: [
    async ({}, use) => {
      const opened = new Map<Stock, Promise<Shop>>();
      const open = (stock: Stock) => opened.get(stock) ?? opened.set(stock, Shop.open(stock)).get(stock)!;
      await use({ open });
      await Promise.allSettled([...opened.values()].map(async (shop) => (await shop).close()));
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  shop: async ({ shops, stock }, use) => {
    const shop = await shops.open(stock);
    await use(shop);
    await shop.calm();
  },
  receiver: async ({}, use) => {
    const receiver = await Receiver.open();
    await use(receiver);
    receiver.close();
  },
  baseURL: async ({ shop }, use) => use(shop.address),
  storageState: async ({ shop, signedIn }, use) => use(signedIn ? shop.session : undefined),

  context: async ({ context, shop, theme }, use) => {
    await chooseTheme(context, shop.address, theme);
    await noteAwakening(context);
    await use(context);
  },

  quietConsole: [
    async ({ context, javaScriptEnabled, tolerated }, use) => {
      const complaints = watchConsole(context, { runsScripts: javaScriptEnabled !== false, tolerated });
      await use();
      base.expect(complaints, 'complaints of the browser').toEqual([]);
    },
    { auto: true },
  ],
});

async function chooseTheme(context: BrowserContext, address: string, theme: Theme): Promise<void> {
  if (theme !== 'system') await context.addCookies([{ name: 'theme', value: theme, url: address }]);
}
