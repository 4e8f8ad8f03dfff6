/**
 * An hour of everything at once: a server that grows, keeps files open or lets its write-ahead log grow shows it in no shorter time.
 *
 *   node end2end/bench/soak.mjs [--minutes 60] [--rows 100000] [--databases sqlite,postgres] [--binary PATH] [--json FILE]
 *
 * The first tenth of the time is for warming up. After it, and after each of nine legs, the server is left alone for a moment and looked at: what it
 * keeps is seen at rest, where what it works on, which comes and goes, does not hide it. All samples go to the file.
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
const LEGS = 9;
const SAMPLE_EVERY = 10_000;
/** Connections that nobody uses any more and threads without work are gone after this. */
const REST = 20_000;
const REST_EVERY = 1_000;
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
    minutes: minutesOf(options),
    file: referenceFile({ rows: options.rows }),
    directory: scratchDirectory('soak'),
  };
}

/** In less, no leg would have time for work. */
function minutesOf({ minutes }) {
  const wanted = count('minutes', minutes);
  if (WARM_UP * wanted * 60_000 < 2 * REST) throw new Error(`--minutes ${minutes} is too short: each leg rests for ${REST / 1_000} s.`);
  return wanted;
}

/** `{ first, legs, waiting, complaints }`: what was done in each part of the time, and the server's vitals in it and at rest after it. */
async function soaked(engine, settings) {
  return installed(engine, settings, 'soak', async (site, database) => {
    const server = await serve(site);
    const receivers = await startReceivers(2);
    try {
      const hooks = await filled(server, settings, receivers);
      const stage = await prepareWork(server, site);
      const look = () => ({ at: performance.now() / HOUR, ...vitalsOf(server.child.pid), log: logSize(database) });
      const time = settings.minutes * 60_000;
      const first = await leg(stage, 'first', WARM_UP * time, receivers, look);
      const legs = [];
      while (legs.length < LEGS) legs.push(await leg(stage, `leg-${legs.length}`, ((1 - WARM_UP) * time) / LEGS, receivers, look));
      const waiting = await drained(server.client, hooks, PATIENCE);
      await server.stop();
      return { first, legs, waiting, complaints: complaintsOf(site) };
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

/** Works for so many milliseconds and looks now and then, and once more at rest: `{ samples, told, rest, load, done, faults }`. */
async function leg(stage, name, time, receivers, look) {
  const working = work(stage, name);
  const samples = [];
  let told = 0;
  const sampling = setInterval(async () => {
    samples.push(look());
    told += sumOf(await receivers.counts(), 'calls');
    // An hour of batches with all that they tell would not fit into this program.
    await receivers.forget();
  }, SAMPLE_EVERY);
  await delay(time - REST);
  clearInterval(sampling);
  const done = await working.stop();
  return { samples, told, rest: await atRest(look), ...done };
}

/** Memory comes and goes with what a server does now and then, even when nobody asks anything of it; what it keeps is the least of a while. */
async function atRest(look) {
  await delay(REST / 2);
  const looks = [look()];
  for (const until = performance.now() + REST / 2; performance.now() < until; looks.push(look())) await delay(REST_EVERY);
  return looks.reduce((least, one) => (one.memory < least.memory ? one : least));
}

/** Megabytes of SQLite's write-ahead log. PostgreSQL keeps its own elsewhere, by its own settings. */
function logSize({ kind, url }) {
  const path = `${url.replace('sqlite://', '')}-wal`;
  return kind === 'sqlite' && existsSync(path) ? statSync(path).size / 2 ** 20 : 0;
}

function judge(kind, { minutes }, { first, legs, waiting, complaints }, tally) {
  const check = (sentence, holds, otherwise) => tally.check(`${kind}: ${sentence}`, holds, otherwise);
  const samples = legs.flatMap((one) => one.samples);
  const rests = [first, ...legs].map(({ rest }) => rest);
  const [before, after] = [rests[0], rests.at(-1)];
  const most = (name) => Math.max(...samples.map((sample) => sample[name]));
  const memory = slopeOf(rests, 'memory');
  const steps = rests.map((rest) => rest.memory.toFixed(1)).join(' ');
  check(`memory grows by at most ${GROWTH} MB an hour in ${minutes} minutes (${memory}; at rest ${steps} MB)`, memory.slope <= GROWTH);
  const open = `${before.descriptors} at rest before, ${after.descriptors} after; ${slopeOf(rests, 'descriptors')}`;
  check(`open files stay as many (${open})`, after.descriptors - before.descriptors <= MORE_DESCRIPTORS);
  check(`threads stay as many (${before.threads} at rest before, ${after.threads} after)`, after.threads <= before.threads + 2);
  if (kind === 'sqlite') {
    const logs = `${after.log.toFixed(1)} MB, ${most('log').toFixed(1)} at most`;
    check(`the write-ahead log has at most ${LOG_SIZE} MB at rest (${logs})`, after.log <= LOG_SIZE);
  }
  judgeWork(check, first, 'while it warms up ');
  judgeWork(check, together(legs));
  const told = sumOf(legs, 'told');
  check(`the receivers are told of everything, in ${told} calls`, waiting === 0 && told > 0, `${waiting} deliveries wait`);
  check('the server has nothing to complain of', complaints.length === 0, `${complaints.length} lines, such as ${complaints[0]}`);
  const busy = legs.map((one) => median(one.samples.map((sample) => sample.memory)).toFixed(0)).join(' ');
  console.log(`▸ ${kind}: megabytes of memory at work, leg by leg: ${busy}, ${most('memory').toFixed(0)} at most; ${slopeOf(samples, 'memory')}`);
  const code = rests.map((rest) => rest.mapped.toFixed(0)).join(' ');
  console.log(`▸ ${kind}: megabytes of the program's own file that are in memory, of those at rest: ${code}`);
}

/** Of something that vitals tell, by the hour: `{ slope, error }`, and as a sentence. */
function slopeOf(looks, name) {
  const { slope, error } = fittedLine(looks.map((look) => [look.at, look[name]]));
  return { slope, error, toString: () => `${slope.toFixed(2)} ± ${error.toFixed(2)} an hour by ${looks.length} looks` };
}

/** What all legs have done: sums, and the worst of what are no sums. */
function together(legs) {
  const names = Object.keys(legs[0].load);
  const load = names.map((name) => {
    const each = legs.map((one) => one.load[name]);
    const examples = each.flatMap((one) => one.examples);
    return [name, { count: sumOf(each, 'count'), p99: Math.max(...each.map(({ p99 }) => p99)), wrong: sumOf(each, 'wrong'), examples }];
  });
  const kinds = [...new Set(legs.flatMap(({ done }) => Object.keys(done)))];
  const done = kinds.map((kind) => [kind, legs.reduce((sum, one) => sum + (one.done[kind] ?? 0), 0)]);
  return { load: Object.fromEntries(load), done: Object.fromEntries(done), faults: legs.flatMap(({ faults }) => faults) };
}

function judgeWork(check, { load, done, faults }, when = '') {
  const all = Object.entries(done).map(([what, times]) => `${times} ${what}`).join(', ');
  check(`${when}all jobs, streams and exports end as they should (${all})`, faults.length === 0, `${faults.length} do not, such as ${faults[0]}`);
  const times = Object.entries(load).map(([name, { count, p99 }]) => `${count} × ${name}, p99 ${p99.toFixed(0)} ms`).join('; ');
  const { wrong, examples } = wrongOf(load);
  check(`${when}all requests are answered as they should be (${times})`, wrong === 0, `${wrong} are not, such as ${examples.join('; ')}`);
}
