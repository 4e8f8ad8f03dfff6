/** Every page in a real browser, twice: as most people see it, and without JavaScript. */

import { defineConfig } from '@playwright/test';

import { chromium } from './server/chromium.ts';
import type { ShopOptions } from './tests/fixtures.ts';

const ONLY_WITH_SCRIPT = ['**/*.hydrate.spec.ts', '**/axe.spec.ts'];

export default defineConfig<ShopOptions>({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  // A machine that stalls for a minute is no fault of a page; what fails twice is. The summary has the others as "flaky".
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    launchOptions: chromium(),
    locale: 'en-GB',
    // Not UTC, so that it shows when a page has put its times into the reader's own zone.
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'chromium' },
    { name: 'chromium-no-js', use: { javaScriptEnabled: false }, testIgnore: ONLY_WITH_SCRIPT },
  ],
});
