/**
 * How long the server takes for a page of the full table: first, last, each single filter, each order, and rendered as HTML.
 * Measured by the caller on one warm connection, so what is shown is a little more than the server's own time.
 */

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from './client.mjs';
import { importPass } from './passes.mjs';
import { ABSENT_WORD, FREQUENT_WORD, GROUPS, HEADER, RARE_WORD, recordOf, skuOf } from './reference-rows.mjs';
import { percentile } from './statistics.mjs';
import { addUser, withServer } from './stockroom.mjs';

const WARM_UPS = 20;
const REQUESTS = 200;
const CATALOGUED_ROWS = 50_000;
const CATALOG = 'Bench';
const EMAIL = 'bench@example.com';
const PASSWORD = 'correct-horse-battery-staple-42';

/** `[{ what, p50, p95 }]` in milliseconds. */
export async function measurePages(engine, settings) {
  settings.say(`${engine.kind}: pages of ${settings.rows} products`);
  const database = await engine.make('pages');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'pages') };
  const times = await withServer(place, async (server, site) => {
    await importPass({ server, database, file: settings.files.plain, counter: 'created' });
    const catalogId = await fillCatalog(server.client, site, settings.rows);
    const pages = [...listPages(catalogId), await renderedPage(site)];
    return inTurn(pages, (page) => timesOf(page, server.client));
  });
  await database.drop();
  return times;
}

/** The pages to ask for. `some` says whether any product must be on it. */
function listPages(catalogId) {
  const list = (what, query, some = true) => ({ what, path: `/api/v1/products${query}`, some });
  const sorts = ['sku', 'name', 'price', 'updated_at', 'id'].flatMap((sort) => [sort, `-${sort}`]);
  return [
    list('first page', ''),
    list('last page', '?last=true'),
    list('SKU begins with a group', `?sku=${GROUPS[0]}-`),
    list('SKU begins with a whole SKU', `?sku=${skuOf(0)}`),
    list('active', '?active=true'),
    list('inactive', '?active=false'),
    list('catalogue', `?catalog_id=${catalogId}`),
    list('frequent word', `?q=${FREQUENT_WORD}`),
    list('rare word', `?q=${RARE_WORD}`),
    list('absent word', `?q=${ABSENT_WORD}`, false),
    ...sorts.map((sort) => list(`sorted by ${sort}`, `?sort=${sort}`)),
  ];
}

async function renderedPage(site) {
  await addUser(site, EMAIL, PASSWORD);
  return { what: 'rendered page /products', path: '/products', client: await signIn(site) };
}

async function signIn({ port }) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const form = new URLSearchParams({ email: EMAIL, password: PASSWORD }).toString();
  const answer = await new Client(port).send('POST', '/login', { headers, write: (sent) => sent.end(form) });
  const cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
  if (answer.status !== 303 || !cookie) throw new Error(`Signing in answered ${answer.status}: ${answer.body.slice(0, 300)}`);
  return new Client(port, { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' });
}

/** Puts a tenth of the products into one catalogue, by imports: the one way in which bulk changes are made. Returns its id. */
async function fillCatalog(client, { directory }, rows) {
  const names = join(directory, 'catalogs.csv');
  writeFileSync(names, `name\n${CATALOG}\n`);
  await importFile(client, '/api/v1/etl/catalogs', names);
  await importFile(client, '/api/v1/imports', writeCatalogued(join(directory, 'catalogued.csv'), Math.min(rows, CATALOGUED_ROWS)));
  const { items } = await client.json(`/api/v1/products?sku=${skuOf(0)}`);
  const id = items[0]?.catalog_id;
  if (!id) throw new Error('The products are in no catalogue after a file with a `catalog` column was imported.');
  return id;
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

async function timesOf(page, api) {
  const client = page.client ?? api;
  for (let warm = 0; warm < WARM_UPS; warm += 1) await timed(client, page);
  const times = [];
  for (let request = 0; request < REQUESTS; request += 1) times.push(await timed(client, page));
  return { what: page.what, p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

async function timed(client, { path, some }) {
  const started = performance.now();
  const { status, body } = await client.send('GET', path);
  const milliseconds = performance.now() - started;
  if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body.slice(0, 300)}`);
  if (some !== undefined && JSON.parse(body).items.length > 0 !== some) {
    throw new Error(`GET ${path} has ${some ? 'no' : 'unexpected'} products.`);
  }
  return milliseconds;
}

async function inTurn(items, measure) {
  const results = [];
  for (const item of items) results.push(await measure(item));
  return results;
}
