/**
 * All that a shop does, over and over: pages, products read and written, files small and larger, checked, applied and undone, exports, and
 * clients that watch imports, some of whom do not wait for the end.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from './client.mjs';
import { startLoad } from './loads.mjs';
import { mixedFile } from './mixed.mjs';
import { signedIn } from './pages.mjs';
import { writeReference } from './reference.mjs';
import { FREQUENT_WORD, GROUPS } from './reference-rows.mjs';
import { addProducts } from './writes.mjs';

const SMALL = 1_000;
const MIDDLE = 20_000;
const CHECKED = 5_000;
const PRODUCTS = 100;
/** Clients of each import, of whom every other one goes away early. */
const WATCHERS = 10;
const GONE_AFTER = 200;
const EXPORT_EVERY = 10_000;
const PAUSE = 1_000;
const PACES = { page: 200, read: 50, add: 1_000, change: 200 };

/** What the work needs: files, products, somebody who has signed in. */
export async function prepareWork({ client }, site) {
  const file = (name, rows, repriced) => writeReference(join(site.directory, `${name}.csv`), { rows, repriced });
  return {
    site,
    client,
    browser: await signedIn(site),
    products: await addProducts(client, Array.from({ length: PRODUCTS }, (_, number) => `SOAK-${number}`), 4),
    files: {
      small: [file('small', SMALL, false), file('small-repriced', SMALL, true)],
      middle: [file('middle', MIDDLE, false), file('middle-repriced', MIDDLE, true)],
      mixed: mixedFile(join(site.directory, 'mixed.csv'), CHECKED),
    },
  };
}

/** Works until it is stopped: `stop()` waits for what is under way, and gives `{ load, done, faults }`: what was done how often, what went wrong. */
export function work(stage, name) {
  const load = startLoad(stage.site.port, streamsOf(stage, name));
  const notes = { done: {}, faults: [] };
  let isStopped = false;
  const repeat = async (action, pause) => {
    for (let round = 0; !isStopped; round += 1) {
      await action(stage, notes, round).catch((error) => notes.faults.push(error.message));
      for (const until = performance.now() + pause; !isStopped && performance.now() < until; ) await delay(100);
    }
  };
  const actors = [repeat(importFiles, PAUSE), repeat(exportProducts, EXPORT_EVERY)];
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all(actors);
      return { ...notes, load: await load.stop() };
    },
  };
}

function streamsOf({ client, browser, products }, name) {
  const own = client.headers;
  const ids = products.map(({ id }) => `/api/v1/products/${id}`);
  const lists = ['', 'last=true', `sku=${GROUPS[0]}-`, `q=${FREQUENT_WORD}`, 'sort=-price'].map((query) => `/api/v1/products?${query}`);
  const added = JSON.stringify({ sku: `SOAK-${name}-{n}`, name: 'Product {n}' });
  const changed = JSON.stringify({ name: `Changed as number {n} of ${name}` });
  return [
    { name: 'page', every: PACES.page, headers: browser.headers, paths: ['/products', '/', '/imports', '/products?last=true'] },
    { name: 'read', every: PACES.read, headers: own, paths: [...lists, ...ids.slice(0, 5), '/api/v1/imports', '/api/v1/catalogs'] },
    { name: 'add', every: PACES.add, headers: own, method: 'POST', paths: ['/api/v1/products'], body: added, expected: 201 },
    { name: 'change', every: PACES.change, headers: own, method: 'PATCH', paths: ids, body: changed },
  ];
}

async function importFiles(stage, notes, round) {
  const { files } = stage;
  await importAtOnce(stage, notes, files.small[round % 2]);
  if (round % 5 === 0) await importAtOnce(stage, notes, files.middle[(round / 5) % 2]);
  if (round % 5 === 2) await checkApplyUndo(stage, notes, files.mixed);
}

async function importAtOnce({ client, site }, notes, { path }) {
  const { jobId } = await client.upload('/api/v1/imports', path);
  const watching = watchers(site, jobId, notes);
  expect(await client.follow(jobId), 'completed');
  await watching;
  note(notes, 'imports');
}

async function checkApplyUndo({ client }, notes, { path }) {
  const { jobId } = await client.upload('/api/v1/imports?check=true', path);
  expect(await client.follow(jobId), 'awaiting_confirmation');
  note(notes, 'checks');
  await begun(client, `/api/v1/imports/${jobId}/apply?confirm=true`);
  expect(await client.follow(jobId), 'completed');
  const undo = await begun(client, `/api/v1/imports/${jobId}/undo`);
  expect(await client.follow(undo.job_id), 'completed');
  note(notes, 'undos');
}

async function begun(client, path) {
  const { status, body } = await client.send('POST', path);
  if (status !== 202) throw new Error(`POST ${path} answered ${status}: ${body.slice(0, 300)}`);
  return JSON.parse(body);
}

function expect(job, status) {
  if (job.status !== status) throw new Error(`Job ${job.job_id} is ${job.status} instead of ${status}: ${job.error ?? job.message}`);
}

async function watchers({ port, key }, id, notes) {
  const client = new Client(port, { authorization: `Bearer ${key}` }, { sockets: WATCHERS });
  const all = Array.from({ length: WATCHERS }, (_, number) => watch(client, id, number % 2 === 0));
  await Promise.all(all.map((one) => one.catch((error) => notes.faults.push(error.message))));
  client.close();
  notes.done.streams = (notes.done.streams ?? 0) + WATCHERS;
}

async function watch(client, id, isPatient) {
  const answer = await client.open('GET', `/api/v1/imports/${id}/events`);
  if (answer.statusCode !== 200) throw new Error(`A stream of events was answered with ${answer.statusCode}.`);
  if (!isPatient) setTimeout(() => answer.destroy(), GONE_AFTER);
  let last = '';
  try {
    for await (const chunk of answer) last = chunk.toString();
  } catch (error) {
    if (isPatient) throw error;
  }
  if (isPatient && !last.includes('"status":"completed"')) throw new Error(`A stream ended before its import did, with ${last.slice(0, 200)}`);
}

async function exportProducts({ client }, notes, round) {
  const format = round % 6 === 5 ? 'xlsx' : 'csv';
  await client.checksum(`/api/v1/products/export?format=${format}&sku=${GROUPS[round % GROUPS.length]}-`);
  note(notes, 'exports');
}

function note({ done }, what) {
  done[what] = (done[what] ?? 0) + 1;
}
