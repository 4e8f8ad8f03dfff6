/**
 * How long the server takes for a page of the full table: first, last, each single filter, each order, and rendered as HTML.
 * Measured by the caller on one warm connection, so what is shown is a little more than the server's own time.
 */

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { importPass } from './passes.mjs';
import { ABSENT_WORD, FREQUENT_WORD, GROUPS, HEADER, RARE_WORD, recordOf, skuOf } from './reference-rows.mjs';
import { signIn } from './sign-in.mjs';
import { percentile } from './statistics.mjs';
import { addUser, withServer } from './stockroom.mjs';

const WARM_UPS = 3;
const CATALOGUED_ROWS = 50_000;
const CATALOG = 'Bench';
const EMAIL = 'bench@example.com';
const PASSWORD = 'correct-horse-battery-staple-42';

/** How often the server is asked whether its search has caught up, in milliseconds. */
const LOOK_EVERY = 250;
const CATCH_UP_WITHIN = 300_000;

/** `{ caughtUp, pages: [{ what, p50, p95 }] }`: seconds that the search needed after the import, and milliseconds. */
export async function measurePages(engine, settings) {
  settings.say(`${engine.kind}: pages of ${settings.rows} products`);
  const database = await engine.make('pages');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'pages') };
  const times = await withServer(place, async (server, site) => {
    await importPass({ server, database, file: settings.files.plain, counter: 'created' });
    const caughtUp = await catchUp(server.client);
    const catalogued = await fillCatalog(server.client, site, settings.rows);
    await catchUp(server.client);
    const pages = [...listPages(catalogued), await renderedPage(site)];
    return { caughtUp, pages: await inTurn(pages, (page) => timesOf(page, server.client, settings.requests)) };
  });
  await database.drop();
  return times;
}

/** Seconds until a search for words sees all products. */
export async function catchUp(client) {
  const started = performance.now();
  for (;;) {
    const { unsearched } = await client.json(`/api/v1/products?q=${ABSENT_WORD}`);
    const passed = performance.now() - started;
    if (!unsearched) return passed / 1000;
    if (passed > CATCH_UP_WITHIN) throw new Error(`The search still does not see ${unsearched} products.`);
    await delay(LOOK_EVERY);
  }
}

/** The pages to ask for. `some` says whether any product must be on it. */
function listPages({ catalogId, importId }) {
  const list = (what, query, some = true) => ({ what, path: `/api/v1/products?${query}`, some });
  const sorts = ['sku', 'name', 'price', 'updated_at', 'id'].flatMap((sort) => [sort, `-${sort}`]);
  const filters = {
    'SKU prefix': `sku=${GROUPS[0]}-`,
    'frequent word': `q=${FREQUENT_WORD}`,
    'rare word': `q=${RARE_WORD}`,
    'inside words': 'q=uetza',
    name: 'name=brushed%20oak',
    description: `description=${RARE_WORD}`,
    active: 'active=true',
    inactive: 'active=false',
    catalogue: `catalog_id=${catalogId}`,
    price: 'price_min=100&price_max=200',
    created: 'created_after=2026-01-01',
    updated: 'updated_after=2026-01-01',
    import: `import=${importId}`,
  };
  const names = Object.keys(filters);
  const pairs = names.flatMap((one, place) => names.slice(place + 1).map((other) => [one, other]));
  const mayBeEmpty = null;
  return [
    list('first page', ''),
    list('last page', 'last=true'),
    list('one SKU', `sku=${skuOf(0)}`),
    list('absent word', `q=${ABSENT_WORD}`, false),
    ...names.map((name) => list(name, filters[name])),
    ...names.map((name) => list(`${name}, last page`, `${filters[name]}&last=true`)),
    ...sorts.map((sort) => list(`sorted by ${sort}`, `sort=${sort}`)),
    ...names.map((name) => list(`${name}, sorted by price`, `${filters[name]}&sort=-price`)),
    ...pairs
      .filter((pair) => !sameParameter(...pair.map((name) => filters[name])))
      .map(([one, other]) => list(`${one} and ${other}`, `${filters[one]}&${filters[other]}`, mayBeEmpty)),
  ];
}

/** Two filters of one parameter cannot be set together. */
function sameParameter(one, other) {
  return one.split('=')[0] === other.split('=')[0];
}

async function renderedPage(site) {
  return { what: 'rendered page /products', path: '/products', client: await signedIn(site) };
}

/** A member of staff at a browser. */
export async function signedIn(site) {
  await addUser(site, EMAIL, PASSWORD);
  return signInAgain(site);
}

/** The same who signs in once more. */
export function signInAgain(site) {
  return signIn(site, EMAIL, PASSWORD);
}

/** Puts a tenth of the products into one catalogue, by imports: the one way in which bulk changes are made. Returns its id, and that of the import. */
async function fillCatalog(client, { directory }, rows) {
  const names = join(directory, 'catalogs.csv');
  writeFileSync(names, `name\n${CATALOG}\n`);
  await importFile(client, '/api/v1/etl/catalogs', names);
  await importFile(client, '/api/v1/imports', writeCatalogued(join(directory, 'catalogued.csv'), Math.min(rows, CATALOGUED_ROWS)));
  const { items } = await client.json(`/api/v1/products?sku=${skuOf(0)}`);
  const catalogId = items[0]?.catalog_id;
  if (!catalogId) throw new Error('The products are in no catalogue after a file with a `catalog` column was imported.');
  const imports = await client.json('/api/v1/imports');
  return { catalogId, importId: imports.items[0].job_id };
}

function writeCatalogued(path, rows) {
  const file = openSync(path, 'w');
  writeSync(file, HEADER.replace('\n', ',catalog\n'));
  for (let row = 0; row < rows; row += 1) writeSync(file, recordOf(row).replace(/\n$/, `,${CATALOG}\n`));
  closeSync(file);
  return path;
}

async function importFile(client, path, file) {
  const { jobId } = await client.upload(path, file);
  const job = await client.follow(jobId);
  if (job.status !== 'completed' || job.failed > 0) throw new Error(`Importing ${file} ended as ${job.status}: ${job.error ?? job.message}`);
}

async function timesOf(page, api, requests) {
  const client = page.client ?? api;
  for (let warm = 0; warm < WARM_UPS; warm += 1) await timed(client, page);
  const times = [];
  for (let request = 0; request < requests; request += 1) times.push(await timed(client, page));
  return { what: page.what, p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

async function timed(client, { path, some }) {
  const started = performance.now();
  const { status, body } = await client.send('GET', path);
  const milliseconds = performance.now() - started;
  if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body.slice(0, 300)}`);
  if (typeof some === 'boolean' && JSON.parse(body).items.length > 0 !== some) {
    throw new Error(`GET ${path} has ${some ? 'no' : 'unexpected'} products.`);
  }
  return milliseconds;
}

async function inTurn(items, measure) {
  const results = [];
  for (const item of items) results.push(await measure(item));
  return results;
}
