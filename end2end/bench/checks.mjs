/**
 * A file that changes 60 % of half a million products, leaves 20 %, adds 15 % and has 5 % bad rows: checked, looked through, applied, undone,
 * and the undo undone. What the check says is counted again here, from the file and the database alone.
 *
 * The floors are the engine's own program loading the plain file, and changing every price, in the same run.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { floorPass, prepareFloor } from './floor.mjs';
import { watchMemory } from './memory.mjs';
import { mixedFile } from './mixed.mjs';
import { catchUp } from './pages.mjs';
import { importPass } from './passes.mjs';
import { median, percentile } from './statistics.mjs';
import { migrate, withServer } from './stockroom.mjs';

/** `{ floor, repriced, check, apply, undo, redo, pages: { p50, p95, slowest }, peak, expected }`: seconds, milliseconds and megabytes. */
export async function measureChecks(engine, settings) {
  const file = mixedFile(join(settings.directory, 'mixed.csv'), settings.rows);
  const rounds = [];
  for (let round = 1; round <= settings.runs; round += 1) {
    settings.say(`${engine.kind}: round ${round}: check, application and undo of ${file.rows} rows`);
    rounds.push({ ...(await floors(engine, settings)), ...(await checked(engine, settings, file)) });
  }
  const of = (name) => median(rounds.map((round) => round[name]));
  const pages = rounds.flatMap((round) => round.pages);
  return {
    ...Object.fromEntries(['floor', 'repriced', 'check', 'apply', 'undo', 'redo'].map((name) => [name, of(name)])),
    pages: { count: pages.length, p50: percentile(pages, 0.5), p95: percentile(pages, 0.95), slowest: Math.max(...pages) },
    peak: Math.max(...rounds.map((round) => round.peak)),
    expected: rounds[0].expected,
  };
}

async function floors(engine, settings) {
  const database = await engine.make('checks_floor');
  await migrate(settings.binary, database, settings.directory);
  const prepared = await prepareFloor(database, { cache: settings.sqliteCache });
  const floor = await floorPass(prepared, settings.files.plain);
  const repriced = await floorPass(prepared, settings.files.repriced);
  await database.drop();
  return { floor: floor.seconds, repriced: repriced.seconds };
}

async function checked(engine, settings, file) {
  const database = await engine.make('checks');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'checks') };
  const measured = await withServer(place, async (server) => {
    const { client } = server;
    await importPass({ server, database, file: settings.files.plain, counter: 'created' });
    await catchUp(client);
    const expected = await countedAgain(database, file);
    const before = await client.checksum(EXPORT);
    await database.settle();
    const memory = watchMemory(server.child.pid);
    const { jobId, started, accepted, answered } = await client.upload('/api/v1/imports?check=true', file.path);
    const check = await client.follow(jobId);
    // From the last byte on, as somebody waits for it.
    const seconds = (performance.now() - started) / 1000 - (accepted - answered);
    equal('the check', pick(check), expected);
    if (check.status !== 'awaiting_confirmation') throw new Error(`The check ended as ${check.status}: ${check.error ?? check.message}`);
    equal('the table after the check', await client.checksum(EXPORT), before);
    const pages = await lookThrough(client, jobId, check);
    const apply = await job(client, `/api/v1/imports/${jobId}/apply?confirm=true`, () => jobId);
    equal('the application', pick(apply.job), expected);
    const after = await client.checksum(EXPORT);
    const undo = await job(client, `/api/v1/imports/${jobId}/undo`);
    equal('the table after the undo', await client.checksum(EXPORT), before);
    const redo = await job(client, `/api/v1/imports/${undo.id}/undo`);
    equal('the table after the undo of the undo', await client.checksum(EXPORT), after);
    return {
      check: seconds, apply: apply.seconds, undo: undo.seconds, redo: redo.seconds, pages, peak: memory().peak, expected,
    };
  });
  await database.drop();
  return measured;
}

const EXPORT = '/api/v1/products/export?format=csv';

function pick({ created, updated, unchanged, failed }) {
  return { created, updated, unchanged, failed };
}

function equal(what, found, expected) {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}.`);
}

/** What the file would do, by reading it and the table: no rule of the server's is used. */
async function countedAgain(database, { path }) {
  const prices = new Map();
  for (const { sku_key: key, price_minor: price } of await database.rows('SELECT sku_key, price_minor FROM products')) prices.set(key, price);
  const counts = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  for (const { sku, price } of recordsOf(path)) {
    const minor = Math.round(Number(price) * 100);
    const known = prices.get(sku.toLowerCase());
    if (Number.isNaN(minor)) counts.failed += 1;
    else if (known === undefined) counts.created += 1;
    else if (known === minor) counts.unchanged += 1;
    else counts.updated += 1;
  }
  return counts;
}

/** The SKU and the price of each record; a line break inside quotation marks is none. */
function recordsOf(path) {
  const text = readFileSync(path, 'utf8');
  const records = [];
  let begin = text.indexOf('\n') + 1;
  let quoted = false;
  for (let at = begin; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') quoted = !quoted;
    if (letter !== '\n' || quoted) continue;
    const record = text.slice(begin, at);
    records.push({ sku: record.slice(0, record.indexOf(',')), price: record.match(/,([^,]*),(?:true|false)$/)[1] });
    begin = at + 1;
  }
  return records;
}

/** Milliseconds of pages of the changes: from the beginning, the middle and the end, of each kind and field. */
async function lookThrough(client, id, { check, created, updated }) {
  const all = created + updated;
  const places = [0, 0.25, 0.5, 0.75, 0.999].map((part) => Math.floor(all * part));
  const filters = ['', 'kind=create', 'kind=update', ...Object.keys(check.fields).map((field) => `field=${field}`), 'kind=update&field=price'];
  const times = [];
  for (const filter of filters) {
    for (const after of places) {
      const path = `/api/v1/imports/${id}/changes?size=100&after=${after}&${filter}`;
      const started = performance.now();
      const { status, body } = await client.send('GET', path);
      times.push(performance.now() - started);
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body.slice(0, 300)}`);
    }
  }
  return times;
}

async function job(client, path, idOf = (body) => JSON.parse(body).job_id) {
  const started = performance.now();
  const { status, body } = await client.send('POST', path);
  if (status !== 202) throw new Error(`POST ${path} answered ${status}: ${body.slice(0, 300)}`);
  const id = idOf(body);
  const done = await client.follow(id);
  if (done.status !== 'completed') throw new Error(`POST ${path} ended as ${done.status}: ${done.error ?? done.message}`);
  return { id, job: done, seconds: (performance.now() - started) / 1000 };
}
