/**
 * An hour of everything at once: a server that grows, keeps files open or lets its write-ahead log grow shows it in no shorter time.
 *
 *   node end2end/bench/soak.mjs [--minutes 60] [--rows 100000] [--databases sqlite,postgres] [--binary PATH] [--json FILE]
 *
 * The first tenth of the time is for warming up. Then the server is left alone for a moment and looked at, and after the other nine tenths
 * once more. All samples go to the file.
 */

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { openEngine } from './databases.mjs';
import { addWebhook, drained, PRODUCT_EVENTS } from './hooks.mjs';
import { wrongOf } from './loads.mjs';
import { count, readOptions } from './options.mjs';
import { catchUp } from './pages.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain } from './processes.mjs';
import { startReceivers, sumOf } from './receivers.mjs';
import { referenceFile } from './reference.mjs';
import { prepareWork, work } from './soak-work.mjs';
import { fittedLine, median } from './statistics.mjs';
import { complaintsOf, explained, installed, serve } from './stockroom.mjs';
import { Tally } from './tally.mjs';
import { vitalsOf } from './vitals.mjs';

/** Megabytes an hour. */
const GROWTH = 1;
/** Megabytes of the write-ahead log when nobody writes. */
const LOG_SIZE = 64;
/** As many as the pool of connections to the database may have grown by. */
const MORE_DESCRIPTORS = 16;

const WARM_UP = 0.1;
const SAMPLE_EVERY = 10_000;
/** Connections that nobody uses any more and threads without work are gone after this. */
const REST = 20_000;
const PATIENCE = 60_000;
const HOUR = 3_600_000;

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const kind of settings.databases) {
    const engine = await openEngine(kind, settings.directory);
    const found = await soaked(engine, settings);
    if (settings.json) writeFileSync(settings.json, `${JSON.stringify({ kind, ...found })}\n`, { flag: 'a' });
    judge(kind, settings, found, tally);
  }
  return tally.finish();
});

function readSettings() {
  const options = readOptions({ minutes: '60', rows: '100000', json: '' });
  return {
    ...options,
    minutes: count('minutes', options.minutes),
    file: referenceFile({ rows: options.rows }),
    directory: scratchDirectory('soak'),
  };
}

/** `{ first, then, before, after, waiting, complaints }`: what was done in both parts of the time, and the server's vitals at rest after each. */
async function soaked(engine, settings) {
  return installed(engine, settings, 'soak', async (site, database) => {
    const server = await serve(site);
    const receivers = await startReceivers(2);
    try {
      const hooks = await filled(server, settings, receivers);
      const stage = await prepareWork(server, site);
      const look = () => ({ ...vitalsOf(server.child.pid), log: logSize(database) });
      const time = settings.minutes * 60_000;
      const first = await workFor(stage, 'first', WARM_UP * time, receivers, look);
      await delay(REST);
      const before = look();
      const then = await workFor(stage, 'then', (1 - WARM_UP) * time, receivers, look);
      const waiting = await drained(server.client, hooks, PATIENCE);
      await delay(REST);
      const after = look();
      await server.stop();
      return { first, then, before, after, waiting, complaints: complaintsOf(site) };
    } catch (error) {
      throw explained(error, site);
    } finally {
      await receivers.stop();
    }
  });
}

async function filled({ client }, { file }, { urls }) {
  const { jobId } = await client.upload('/api/v1/imports', file.path);
  const job = await client.follow(jobId);
  if (job.status !== 'completed') throw new Error(`The first import ended as ${job.status}: ${job.error ?? job.message}`);
  await catchUp(client);
  const events = [...PRODUCT_EVENTS, 'import.completed'];
  return [
    await addWebhook(client, { url: urls[0], events, bulk: 'summary' }),
    await addWebhook(client, { url: urls[1], events, bulk: 'batches' }),
  ];
}

/** Works for so many milliseconds and looks now and then: `{ samples, told, load, done, faults }`. */
async function workFor(stage, name, time, receivers, look) {
  const working = work(stage, name);
  const samples = [];
  let told = 0;
  const started = performance.now();
  const sampling = setInterval(async () => {
    samples.push({ at: (performance.now() - started) / HOUR, ...look() });
    told += sumOf(await receivers.counts(), 'calls');
    // An hour of batches with all that they tell would not fit into this program.
    await receivers.forget();
  }, SAMPLE_EVERY);
  await delay(time);
  clearInterval(sampling);
  return { samples, told, ...(await working.stop()) };
}

/** Megabytes of SQLite's write-ahead log. PostgreSQL keeps its own elsewhere, by its own settings. */
function logSize({ kind, url }) {
  const path = `${url.replace('sqlite://', '')}-wal`;
  return kind === 'sqlite' && existsSync(path) ? statSync(path).size / 2 ** 20 : 0;
}

function judge(kind, { minutes }, { first, then, before, after, waiting, complaints }, tally) {
  const check = (sentence, holds, otherwise) => tally.check(`${kind}: ${sentence}`, holds, otherwise);
  const { samples, told } = then;
  const line = (name) => fittedLine(samples.map((sample) => [sample.at, sample[name]]));
  const most = (name) => Math.max(...samples.map((sample) => sample[name]));
  const memory = line('memory');
  const rest = `at rest ${before.memory.toFixed(1)} MB before and ${after.memory.toFixed(1)} MB after, ${most('memory').toFixed(0)} MB at most`;
  const slope = `${memory.slope.toFixed(2)} ± ${memory.error.toFixed(2)} MB an hour by ${samples.length} samples`;
  check(`memory grows by at most ${GROWTH} MB an hour in ${minutes} minutes (${slope}; ${rest})`, memory.slope <= GROWTH);
  const files = line('descriptors');
  const open = `${before.descriptors} at rest before, ${after.descriptors} after; ${files.slope.toFixed(1)} ± ${files.error.toFixed(1)} an hour`;
  check(`open files stay as many (${open})`, after.descriptors - before.descriptors <= MORE_DESCRIPTORS);
  check(`threads stay as many (${before.threads} at rest before, ${after.threads} after)`, after.threads <= before.threads + 2);
  if (kind === 'sqlite') {
    const logs = `${after.log.toFixed(1)} MB, ${most('log').toFixed(1)} at most`;
    check(`the write-ahead log has at most ${LOG_SIZE} MB at rest (${logs})`, after.log <= LOG_SIZE);
  }
  judgeWork(check, first, 'while it warms up ');
  judgeWork(check, then);
  check(`the receivers are told of everything, in ${told} calls`, waiting === 0 && told > 0, `${waiting} deliveries wait`);
  check('the server has nothing to complain of', complaints.length === 0, `${complaints.length} lines, such as ${complaints[0]}`);
  console.log(`▸ ${kind}: megabytes of memory by tenths of that time: ${tenthsOf(samples).map((one) => one.toFixed(0)).join(' ')}`);
}

/** Whether memory goes on growing or has come to rest is seen better here than from one line. */
function tenthsOf(samples) {
  const each = Math.max(1, samples.length / 10);
  const starts = Array.from({ length: Math.min(10, samples.length) }, (_, tenth) => Math.floor(tenth * each));
  return starts.map((from, tenth) => median(samples.slice(from, starts[tenth + 1]).map(({ memory }) => memory)));
}

function judgeWork(check, { load, done, faults }, when = '') {
  const all = Object.entries(done).map(([what, times]) => `${times} ${what}`).join(', ');
  check(`${when}all jobs, streams and exports end as they should (${all})`, faults.length === 0, `${faults.length} do not, such as ${faults[0]}`);
  const times = Object.entries(load).map(([name, { count, p99 }]) => `${count} × ${name}, p99 ${p99.toFixed(0)} ms`).join('; ');
  const { wrong, examples } = wrongOf(load);
  check(`${when}all requests are answered as they should be (${times})`, wrong === 0, `${wrong} are not, such as ${examples.join('; ')}`);
}
