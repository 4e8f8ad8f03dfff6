/** A large file arrives over a connection that breaks, and hardly a byte is sent twice: by a client of tus, and by the import page. */

import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Page } from '@playwright/test';
import { Upload } from 'tus-js-client';

import { longFile } from '../server/files.ts';
import { BadLine } from '../server/bad-line.ts';
import { awake } from './awake.ts';
import { expect, test as base } from './fixtures.ts';
import { applyButton, numberOfImport } from './steps.ts';

interface Given {
  line: BadLine;
  /** Of a file on disk: its time stays the same when it is chosen again. */
  file: (rows: number, prefix: string, description?: string) => string;
}

const test = base.extend<Given>({
  line: async ({ shop }, use) => {
    const line = await BadLine.to(shop.address);
    await use(line);
    line.close();
  },
  file: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), 'stockroom-upload-'));
    await use((rows, prefix, description) => {
      const path = join(directory, `${prefix.toLowerCase()}.csv`);
      writeFileSync(path, longFile(rows, prefix, description).text);
      return path;
    });
    rmSync(directory, { recursive: true, force: true });
  },
});

/** Makes a file large: what the systems on both sides hold of a connection that breaks is a few megabytes, whatever its size. */
const LONG = 'Made of clay. '.repeat(15);

// The browser complains about each connection that breaks.
test.use({ stock: 'busy', tolerated: /Failed to load resource/ });

test('a client of tus brings 90 MB over a connection that breaks five times', async ({ shop, line, file }) => {
  test.setTimeout(120_000);
  const path = file(300_000, 'TUS', 'Fired twice, and packed by hand. '.repeat(8));
  const { size } = statSync(path);
  expect(size).toBeGreaterThan(90_000_000);
  line.breakAt(...[0.07, 0.21, 0.4, 0.6, 0.93].map((part) => Math.round(part * size)));
  const address = await new Promise<string>((resolve, reject) => {
    // Their types know only what a browser has.
    const upload = new Upload(createReadStream(path) as unknown as Blob, {
      endpoint: `${line.address}/api/v1/uploads`,
      headers: shop.rest.authorization,
      metadata: { filename: 'tus.csv' },
      retryDelays: [100, 300, 1_000, 3_000],
      onError: reject,
      onSuccess: () => resolve(upload.url!),
    });
    upload.start();
  });
  expect(line.cuts).toBe(5);
  expect(line.sent).toBeLessThan(size * 1.05);

  const id = await shop.rest.importUpload(address.split('/').at(-1)!);
  // The file is the one that was sent: an import refuses any other.
  expect(await shop.rest.over(id)).toMatchObject({ status: 'completed', created: 300_000 });
});

test('an upload goes on after a break and a reload where it stopped', async ({ page, line, file }) => {
  const path = file(300_000, 'AGAIN', LONG);
  const { size } = statSync(path);
  line.breakAt(Math.round(size / 2));
  await choose(page, line, path);
  // The page goes on by itself, unless nobody answers.
  await expect.poll(() => line.cuts).toBe(1);
  line.goDown();
  await expect(page.getByText('Connection lost. Trying again …').first()).toBeVisible();
  await page.goto('about:blank');
  line.isDown = false;

  const offsets: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await choose(page, line, path);
  await expect(page).toHaveURL(/\/imports\/\d+$/, { timeout: 30_000 });
  expect(offsets[0]).toBeGreaterThan(size * 0.4);
  // Two breaks lose what is under way; from the beginning it would be one and a half times as much.
  expect(line.sent).toBeLessThan(size * 1.25);
  await expect(applyButton(page)).toBeVisible({ timeout: 45_000 });
  await expect(page.getByText('again.csv').first()).toBeVisible();
  expect(numberOfImport(page)).toBeGreaterThan(0);
});

test('a break that is soon over is said, and mends itself', async ({ page, line, file }) => {
  const path = file(300_000, 'MENDED', LONG);
  const { size } = statSync(path);
  line.breakAt(Math.round(size / 2));
  await choose(page, line, path);
  await expect(page.getByText('Connection lost. Trying again …').first()).toBeVisible();
  await expect(page).toHaveURL(/\/imports\/\d+$/, { timeout: 30_000 });
  expect(line.sent).toBeLessThan(size * 1.1);
});

test('what somebody else says about an upload is not believed', async ({ page, line, file }) => {
  const path = file(250_000, 'FORGED');
  const { size, mtimeMs } = statSync(path);
  await page.goto(`${line.address}/imports/new`);
  await page.evaluate(
    ([key, id]) => localStorage.setItem(key, id),
    [`stockroom-upload ${size} ${Math.trunc(mtimeMs)} forged.csv`, 'f'.repeat(32)] as const,
  );
  await choose(page, line, path);
  await expect(page).toHaveURL(/\/imports\/\d+$/, { timeout: 30_000 });
});

test('a cancelled upload is removed from the server', async ({ page, line, file }) => {
  await page.goto(`${line.address}/imports/new`);
  // Whatever is sent is held up, so that there is something to cancel.
  await page.route('**/api/v1/uploads/*', (route) => (route.request().method() === 'PATCH' ? undefined : route.continue()));
  const held = page.waitForRequest((request) => request.method() === 'PATCH');
  await choose(page, line, file(250_000, 'CANCELLED'));
  await held;
  const removed = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect((await removed).status()).toBe(204);
  await expect(page.getByRole('button', { name: 'Check file' })).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('stockroom-upload')))).toEqual([]);
});

async function choose(page: Page, line: BadLine, path: string): Promise<void> {
  await page.goto(`${line.address}/imports/new`);
  await awake(page);
  await page.getByLabel('Choose file').setInputFiles(path);
  await page.getByRole('button', { name: 'Check file' }).click();
}
