/** F10: clients that break uploads off, send a byte now and then, or go away while they listen. Nothing of them may be left. */

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { checkReading, keepReading } from './readers.mjs';
import { referenceFile } from './reference.mjs';
import { explained, install, serve } from './stockroom.mjs';

const EACH = 20;
/** For how long bytes drip, and how far apart they are: milliseconds. */
const DRIPS_FOR = 15_000;
const DRIP = 1_000;
/** Bytes of an upload of several pieces. */
const LONG = 40_000_000;
const GONE_WITHIN = 60_000;
const LOOK_EVERY = 250;
const ANSWERS_WITHIN = 2;
const BOUNDARY = 'stockroom-fault-5d1e';

export async function clientsGone(engine, settings, tally) {
  const database = await engine.make('clients');
  const site = await install(settings.binary, database, join(settings.directory, `${engine.kind}-clients`));
  const server = await serve(site);
  const file = referenceFile({ rows: settings.rows });
  const once = readFileSync(file.path);
  // Half of it is more than a piece of the store.
  const long = Buffer.concat(Array.from({ length: Math.ceil(LONG / once.length) }, () => once));
  const stage = { kind: engine.kind, site, server, client: server.client, file, long, tally, pid: server.child.pid };
  try {
    await warmUp(stage);
    await leavesNothing(stage, `${EACH} uploads broken off at half`, () => together(() => halfAnUpload(stage)));
    await leavesNothing(stage, `${EACH} uploads of one byte a second`, () => drips(stage));
    await leavesNothing(stage, `${EACH} streams of a running import whose clients go away`, () => streamsGone(stage), { kept: 1 });
    tally.check(`${engine.kind}: the server is the same all the time`, server.child.exitCode === null);
    await server.stop();
  } catch (error) {
    throw explained(error, site);
  }
  await database.drop();
}

/** Opens what a server keeps open once it was needed. */
async function warmUp({ client, file }) {
  const { jobId } = await client.upload('/api/v1/imports', file.path);
  await client.follow(jobId);
  await Promise.all(Array.from({ length: EACH }, () => client.send('GET', '/api/v1/products', { isAlone: true })));
}

/** Of what is uploaded in order, so many files are `kept`. */
async function leavesNothing(stage, what, happen, { kept = 0 } = {}) {
  const { tally, kind } = stage;
  const before = await settledPossessions(stage);
  const reading = keepReading(stage.client);
  const amid = watchMost(() => excess(before, possessions(stage)).length);
  await happen();
  tally.check(`${kind}, ${what}: amid it the server has more`, amid() > 1);
  checkReading(tally, `${kind}, ${what}`, await reading.stop(), ANSWERS_WITHIN);
  stage.client.close();
  const from = performance.now();
  const look = () => excess(before, possessions(stage));
  let left = look();
  while (left.length > kept && performance.now() - from < GONE_WITHIN) {
    await delay(LOOK_EVERY);
    left = look();
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const sentence = `${kind}, ${what}: no file and no descriptor more than before (${before.length} of them; after ${seconds} s)`;
  const isKept = (one) => one.startsWith('file files/');
  tally.check(sentence, left.length === kept && left.every(isKept), left.slice(0, 5).join(', '));
}

/** What it has when it has had nothing to do for a while: connections that are kept for a moment are closed by then. */
async function settledPossessions(stage) {
  stage.client.close();
  for (let last = possessions(stage); ; ) {
    await delay(LOOK_EVERY * 8);
    const now = possessions(stage);
    if (now.length === last.length) return now;
    last = now;
  }
}

/**
 * Files of the shop, but for its database and its log, each upload as one whatever it consists of, and descriptors of the server, by what they
 * lead to.
 */
function possessions({ site, pid }) {
  const files = readdirSync(site.directory, { recursive: true }).filter((name) => statOf(join(site.directory, name))?.isFile());
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((number) => linkOf(`/proc/${pid}/fd/${number}`));
  const uploads = new Set(files.map((name) => `file ${name.replace(/^(files\/uploads\/[^/]+)\/.*/, '$1')}`));
  return [...uploads, ...descriptors.map((to) => `descriptor of ${to.replace(/:\[\d+\]$/, '')}`)];
}

function statOf(path) {
  return statSync(path, { throwIfNoEntry: false });
}

function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return 'something that was just closed';
  }
}

/** Looks now and then; the returned function gives the most that was seen. */
function watchMost(count) {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, count())), LOOK_EVERY / 10);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** What is there more often than before. */
function excess(before, after) {
  const rest = [...before];
  return after.filter((one) => {
    const place = rest.indexOf(one);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}

function together(happen) {
  return Promise.all(Array.from({ length: EACH }, happen));
}

/** Sends half of what it has announced, and breaks off. */
async function halfAnUpload({ client, long }) {
  const half = long.subarray(0, long.length / 2);
  await broken(client, long.length, (sent) => new Promise((resolve) => sent.write(half, () => setTimeout(resolve, DRIP))));
}

async function drips({ client }) {
  await together(() =>
    broken(client, DRIPS_FOR, async (sent) => {
      for (let passed = 0; passed < DRIPS_FOR && !sent.destroyed; passed += DRIP) {
        sent.write('x');
        await delay(DRIP);
      }
    }),
  );
}

/** An upload of so many bytes whose client writes as it likes and then is gone. */
async function broken(client, length, writeSome) {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="broken.csv"\r\nContent-Type: text/csv\r\n\r\n`;
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-length': head.length + length };
  const write = async (sent) => {
    sent.write(head);
    await writeSome(sent);
    sent.destroy(new Error('gone'));
  };
  await client.open('POST', '/api/v1/imports', { headers, write }).then((answer) => answer.resume(), () => {});
}

async function streamsGone({ client, file }) {
  const { jobId } = await client.upload('/api/v1/imports', file.path);
  await together(async () => {
    const answer = await client.open('GET', `/api/v1/imports/${jobId}/events`, { isAlone: true });
    answer.on('error', () => {});
    await new Promise((resolve) => answer.once('data', resolve));
    answer.destroy();
  });
  await client.follow(jobId);
}
