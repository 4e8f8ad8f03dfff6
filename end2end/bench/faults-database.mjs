/** F6: the file of the database cannot be written, or another process keeps it locked for a while. */

import { chmodSync, chownSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { differences, expectedCounters } from './passes.mjs';
import { run, start, stop } from './processes.mjs';
import { checkReading, keepReading } from './readers.mjs';
import { referenceFile } from './reference.mjs';
import { explained, install, launch, logEnd, serve } from './stockroom.mjs';
import { sendJson } from './writes.mjs';

const LOCKED_FOR = 10_000;
const READS_WITHIN = 2;
/** A write may wait for as long as the lock is held, and somewhat longer. */
const WRITES_WITHIN = 15;
const REFUSES_WITHIN = 15_000;
const WORDS = /read-only|readonly|written|write|permission/i;
/** Whoever that is, it is not the owner. */
const NOBODY = 65_534;

export async function unwritable(engine, settings, tally) {
  await onShop(engine, settings, 'locked', (stage) => lockedForAWhile(stage, tally));
  await onShop(engine, settings, 'immutable', (stage) => cannotBeWritten(stage, tally));
  await onShop(engine, settings, 'unpermitted', (stage) => startsOnReadOnly(stage, tally));
}

async function onShop(engine, settings, name, test) {
  const database = await engine.make(name);
  const site = await install(settings.binary, database, join(settings.directory, name));
  try {
    await test({ settings, database, site, path: database.url.replace('sqlite://', '') });
  } catch (error) {
    throw existsSync(join(site.directory, 'server.log')) ? explained(error, site) : error;
  }
  await database.drop();
}

/** Another program holds the lock amid an import. */
async function lockedForAWhile({ settings, site, path }, tally) {
  const server = await serve(site);
  const { client } = server;
  const file = referenceFile({ rows: settings.rows });
  const { jobId } = await client.upload('/api/v1/imports', file.path);
  const release = await lock(path);
  const reading = keepReading(client);
  const from = performance.now();
  const written = added(client, 'LOCKED-1').catch((error) => error);
  await delay(LOCKED_FOR);
  await release();
  const product = await written;
  const seconds = (performance.now() - from) / 1000;
  checkReading(tally, 'database locked', await reading.stop(), READS_WITHIN);
  const said = product.message ?? product.sku;
  const sentence = `database locked: a product is added once it is free, or refused as busy, within ${WRITES_WITHIN} s (${seconds.toFixed(1)} s, ${said})`;
  tally.check(sentence, seconds <= WRITES_WITHIN && (product.sku === 'LOCKED-1' || product.status === 503));
  const again = await added(client, 'LOCKED-2').catch((error) => error);
  tally.check('database locked: the next one is added', again.sku === 'LOCKED-2', again.message);
  const job = await client.follow(jobId);
  const wrong = differences(job, { status: 'completed', ...expectedCounters(file, 'created') });
  tally.check('database locked: the import completes with the counters of the file', wrong.length === 0, wrong.join('; '));
  await server.stop();
}

/** Gives a function that lets go of it. */
async function lock(path) {
  const holder = start('sqlite3', ['-batch', path], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('.timeout 30000\nBEGIN IMMEDIATE;\nSELECT 1;\n');
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  return async () => {
    holder.stdin.end('ROLLBACK;\n');
    await holder.ended;
  };
}

/** The file system refuses all writes for a while. */
async function cannotBeWritten({ site, path }, tally) {
  const server = await serve(site);
  const { client } = server;
  await added(client, 'BEFORE-1');
  if (!(await immutable(path, '+i'))) {
    await server.stop();
    return console.log('▸ Files cannot be made immutable here: what happens when a database becomes read-only has not been tried');
  }
  const reading = keepReading(client);
  const refusal = await added(client, 'REFUSED-1').catch((error) => error);
  tally.check('database read-only: a product is refused', refusal.status >= 500, refusal.message ?? 'it was added');
  tally.check('database read-only: the answer says so in words', WORDS.test(refusal.message?.replace(/^.*?answered/, '')), refusal.message);
  await delay(REFUSES_WITHIN / 10);
  checkReading(tally, 'database read-only', await reading.stop(), READS_WITHIN);
  await immutable(path, '-i');
  const product = await added(client, 'AFTER-1').catch((error) => error);
  tally.check('database read-only: once it can be written, the next product is added', product.sku === 'AFTER-1', product.message);
  tally.check('database read-only: the server is the same all the time', server.child.exitCode === null);
  await server.stop();
}

async function immutable(path, flag) {
  const parts = [path, `${path}-wal`].filter((part) => existsSync(part));
  return run('chattr', [flag, ...parts]).then(() => true, () => false);
}

/** A server that must not write the file says so when it is started, and does nothing. */
async function startsOnReadOnly({ site, path, database }, tally) {
  await database.settle();
  const program = readableProgram(site);
  mkdirSync(join(site.directory, 'data'), { recursive: true });
  chownSync(join(site.directory, 'data'), NOBODY, NOBODY);
  const folder = join(site.directory, 'read-only');
  cpSync(path, join(folder, 'shop.db'));
  chmodSync(join(folder, 'shop.db'), 0o444);
  chmodSync(folder, 0o555);
  const files = { STORAGE_URL: `file://${join(site.directory, 'data', 'files')}`, STOCKROOM_SECRET_KEY_FILE: join(site.directory, 'data', 'secret.key') };
  const env = { ...site.env, ...files, DATABASE_URL: `sqlite://${join(folder, 'shop.db')}` };
  const within = process.getuid() === 0 ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const server = launch({ ...site, binary: program, env, within });
  const outcome = await Promise.race([server.child.ended, delay(REFUSES_WITHIN, null)]);
  await server.stop();
  tally.check('database read-only at the start: the server ends at once', outcome === 1, outcome === null ? 'it serves' : `ended with ${outcome}`);
  const said = logEnd(site);
  tally.check('database read-only at the start: it says so in words', WORDS.test(said) && !/panicked/.test(said), said);
  await stop(server.child);
}

/** The program may be where only its owner can go. */
function readableProgram({ binary, directory }) {
  const copy = join(directory, 'program', 'stockroom');
  cpSync(binary, copy);
  chmodSync(dirname(copy), 0o755);
  return copy;
}

function added(client, sku) {
  return sendJson(client, 'POST', '/api/v1/products', { sku, name: `Product ${sku}` }, { expected: 201 });
}
