/** F5: the disk is full while a file comes in, while it is imported, and while single products are written. */

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openEngine } from './databases.mjs';
import { checkReading, keepReading } from './readers.mjs';
import { referenceFile } from './reference.mjs';
import { mountSmallDisk } from './small-disk.mjs';
import { explained, install, serve } from './stockroom.mjs';
import { sendJson } from './writes.mjs';

const MEGABYTES = 256;
/** Bytes that are left: less than the file, enough for a few rows of it, and enough for a few products. */
const FOR_AN_UPLOAD = 512 << 10;
const FOR_AN_IMPORT = 1 << 20;
const FOR_PRODUCTS = 256 << 10;
const FULL = 507;
const WORDS = /space|full|disk/i;
/** Milliseconds. */
const RESUMES_WITHIN = 60_000;
const LOOK_EVERY = 100;
const ANSWERS_WITHIN = 5;
/** For how long the disk stays full at least: after an upload, when nothing at all is left for an import, and for longer than the use of a key goes unnoted. */
const FULL_FOR = { upload: 3_000, import: 20_000, products: 70_000 };
/** Bytes that a server may have to say about that. */
const LOG_MOST = 1 << 20;
const PRODUCTS_MOST = 5_000;

export async function diskFull(settings, tally) {
  const disk = await mountSmallDisk(settings.directory, MEGABYTES).catch(({ message }) => message);
  if (typeof disk === 'string') return console.log(`▸ Nothing may be mounted here: what happens on a full disk has not been tried (${disk})`);
  const engine = await openEngine('sqlite', disk.path);
  const file = referenceFile({ rows: settings.rows });
  await onSmallDisk({ settings, disk, engine, tally, file, name: 'upload' }, fullForUpload);
  await onSmallDisk({ settings, disk, engine, tally, file, name: 'import', isStoreElsewhere: true }, fullForImport);
  await onSmallDisk({ settings, disk, engine, tally, file, name: 'products', isStoreElsewhere: true }, fullForProducts);
  await disk.unmount();
}

/** A shop whose database is on the small disk, and its files too unless they are elsewhere. */
async function onSmallDisk(stage, test) {
  const { settings, disk, engine, tally, name } = stage;
  const database = await engine.make(name);
  const files = join(stage.isStoreElsewhere ? settings.directory : disk.path, `files-${name}`);
  mkdirSync(files, { recursive: true });
  // What is usually left free is as much as this disk has.
  const more = { STORAGE_URL: `file://${files}`, STOCKROOM_DISK_RESERVE_MB: '0' };
  const site = await install(settings.binary, database, join(settings.directory, `disk-${name}`), more);
  const server = await serve(site);
  try {
    await test({ ...stage, site, files, client: server.client });
    tally.check(`disk full, ${name}: the server is the same all the time`, server.child.exitCode === null);
    await server.stop();
    const [{ integrity_check: integrity }] = await database.rows('PRAGMA integrity_check');
    tally.check(`disk full, ${name}: the database is whole`, integrity === 'ok', integrity);
  } catch (error) {
    throw explained(error, site);
  } finally {
    disk.free();
    await database.drop();
  }
}

async function fullForUpload({ disk, tally, client, file, files }) {
  const reading = keepReading(client);
  disk.fill(FOR_AN_UPLOAD);
  const refusal = await refusalOf(client.upload('/api/v1/imports', file.path));
  checkRefusal(tally, 'upload', refusal);
  await delay(FULL_FOR.upload);
  tally.check('disk full, upload: nothing of the file is left', filesIn(files).length === 0, filesIn(files).join(', '));
  checkReading(tally, 'disk full, upload', await reading.stop(), ANSWERS_WITHIN);
  disk.free();
  await checkImport(tally, 'upload', client, file);
}

/**
 * A file that was checked is applied: uploads are refused before the disk is full. It is left with the full disk for `settings.full` seconds,
 * unless it says so before.
 */
async function fullForImport({ settings: { full }, disk, tally, client, file, site }) {
  const { jobId } = await client.upload('/api/v1/imports?check=true', file.path);
  const checked = await until(client, jobId, RESUMES_WITHIN, ({ status }) => status === 'awaiting_confirmation' || isOver({ status }));
  if (checked.status !== 'awaiting_confirmation') throw new Error(`The check ended as ${checked.status}: ${checked.error ?? checked.message}`);
  const reading = keepReading(client);
  disk.fill(FOR_AN_IMPORT);
  const { status: taken, body } = await client.send('POST', `/api/v1/imports/${jobId}/apply?confirm=true`);
  if (taken !== 202) throw new Error(`The application was answered ${taken}: ${body.slice(0, 300)}`);
  const job = await until(client, jobId, full * 1000, ({ status, message, error }) => status === 'failed' || WORDS.test(`${message} ${error}`));
  const said = `${job.status}: ${job.error ?? job.message}`;
  tally.check(`disk full, import: it says so in words within ${full} s`, WORDS.test(said), said);
  disk.fill(0);
  await delay(FULL_FOR.import);
  const { size } = statSync(join(site.directory, 'server.log'));
  tally.check(`disk full, import: the log does not run over (${size} bytes)`, size <= LOG_MOST);
  checkReading(tally, 'disk full, import', await reading.stop(), ANSWERS_WITHIN);
  disk.free();
  if (job.status === 'failed') return checkImport(tally, 'import', client, file);
  const later = await until(client, jobId, RESUMES_WITHIN, ({ status }) => status === 'completed' || status === 'failed');
  checkCompleted(tally, 'import', later, file);
}

async function fullForProducts({ disk, tally, client }) {
  const reading = keepReading(client);
  disk.fill(FOR_PRODUCTS);
  let refusal = null;
  for (let number = 0; number < PRODUCTS_MOST && !refusal; number += 1) refusal = await refusalOf(added(client, `FULL-${number}`));
  checkRefusal(tally, 'products', refusal);
  disk.fill(0);
  // Small ones take what the larger ones have left over.
  for (const until = performance.now() + FULL_FOR.products; performance.now() < until; await delay(LOOK_EVERY)) {
    await refusalOf(added(client, `SMALL-${performance.now()}`, ''));
  }
  checkReading(tally, 'disk full, products', await reading.stop(), ANSWERS_WITHIN);
  disk.free();
  const product = await added(client, 'FREE-1').catch((error) => error);
  tally.check('disk full, products: once there is space, the next one is added', product.sku === 'FREE-1', product.message);
}

function added(client, sku, description = 'A description of some length. '.repeat(100)) {
  const wanted = { sku, name: `Product ${sku}`, description };
  return sendJson(client, 'POST', '/api/v1/products', wanted, { expected: 201 });
}

function refusalOf(asked) {
  return asked.then(() => null, (error) => error);
}

function checkRefusal(tally, name, refusal) {
  const said = refusal?.message ?? 'it was accepted';
  tally.check(`disk full, ${name}: the answer is ${FULL}`, refusal?.status === FULL, said);
  tally.check(`disk full, ${name}: the answer says so in words`, WORDS.test(said.replace(/^.*?answered/, '')), said);
}

async function checkImport(tally, name, client, file) {
  const { jobId } = await client.upload('/api/v1/imports', file.path);
  checkCompleted(tally, name, await until(client, jobId, RESUMES_WITHIN, isOver), file);
}

function checkCompleted(tally, name, job, file) {
  const rows = job.created + job.updated + job.unchanged;
  const isWhole = job.status === 'completed' && rows === file.distinct;
  tally.check(`disk full, ${name}: once there is space, the file is imported`, isWhole, `${job.status}: ${job.error ?? job.message}, ${rows} products`);
}

function isOver({ status }) {
  return ['completed', 'failed', 'cancelled'].includes(status);
}

async function until(client, id, patience, reached) {
  for (const deadline = performance.now() + patience; ; await delay(LOOK_EVERY)) {
    const job = await client.job(id).catch((error) => ({ status: 'unknown', message: error.message }));
    if (reached(job) || performance.now() > deadline) return job;
  }
}

function filesIn(directory) {
  if (!existsSync(directory)) return [];
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).map(({ name }) => name);
}
