/**
 * Two thousand connections that send half a header, the way to keep a server busy with next to nothing: each must be closed in time, and
 * whoever looks at a page meanwhile may not feel it. Half of them go on to send a letter now and then.
 *
 *   node end2end/bench/halfopen.mjs [--connections 2000] [--seconds 16] [--rows 20000] [--databases sqlite,postgres] [--binary PATH]
 *
 * Pages of so many products are asked for during so many seconds, without and with these connections.
 */

import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';
import { openEngine } from './databases.mjs';
import { startLoad, wrongOf } from './loads.mjs';
import { count, readOptions } from './options.mjs';
import { catchUp, signedIn } from './pages.mjs';
import { importPass } from './passes.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain } from './processes.mjs';
import { referenceFile } from './reference.mjs';
import { spread } from './statistics.mjs';
import { withServer } from './stockroom.mjs';
import { Tally } from './tally.mjs';
import { vitalsOf } from './vitals.mjs';

/** Seconds until each is closed, and what a busy machine may add. */
const CLOSED_WITHIN = 15;
const MARGIN = 1;
/** What they may add to the time of a page for everybody else: milliseconds. */
const MORE = 50;
/** Milliseconds between two pages. */
const PAGE_EVERY = 20;

const HALF = 'GET /products HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Unfinished: ';
const LETTER_EVERY = 4_000;
const TOGETHER = 200;

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const kind of settings.databases) {
    const engine = await openEngine(kind, settings.directory);
    judge(kind, settings, await besieged(engine, settings), tally);
  }
  return tally.finish();
});

function readSettings() {
  const options = readOptions({ connections: '2000', seconds: '16', rows: '20000' });
  return {
    ...options,
    connections: count('connections', options.connections),
    seconds: count('seconds', options.seconds),
    file: referenceFile({ rows: options.rows }),
    directory: scratchDirectory('halfopen'),
  };
}

async function besieged(engine, settings) {
  const database = await engine.make('halfopen');
  const place = { binary: settings.binary, database, directory: join(settings.directory, engine.kind) };
  const found = await withServer(place, async (server, site) => {
    await importPass({ server, database, file: settings.file, counter: 'created' });
    await catchUp(server.client);
    const { headers } = await signedIn(site);
    const pages = startLoad(site.port, [{ name: 'page', every: PAGE_EVERY, headers, paths: ['/products'] }]);
    // The first pages also make connections and fill caches.
    await delay(2_000);
    await pages.figures();
    await delay(settings.seconds * 1000);
    const alone = await pages.figures();
    const before = vitalsOf(server.child.pid);
    const halves = await openHalves(site.port, settings.connections);
    const most = vitalsOf(server.child.pid);
    await halves.until((CLOSED_WITHIN + 5 * MARGIN) * 1000);
    const beside = await pages.stop();
    return { alone, beside, before, most, seconds: halves.seconds(), answers: halves.answers() };
  });
  await database.drop();
  return found;
}

/** Opens all, some at a time. `seconds()` is how long each lasted from its first byte on, or Infinity. */
async function openHalves(port, wanted) {
  const halves = Array.from({ length: wanted }, (_, number) => new Half(port, number % 2 === 1));
  const waiting = halves.values();
  const opener = async () => {
    for (const half of waiting) await half.open();
  };
  await Promise.all(Array.from({ length: TOGETHER }, opener));
  return {
    until: (patience) => Promise.race([Promise.all(halves.map(({ closed }) => closed)), delay(patience)]),
    seconds: () => halves.map((half) => (half.to - half.from) / 1000),
    answers: () => halves.map(({ answer }) => answer),
  };
}

class Half {
  from = Infinity;
  to = Infinity;
  answer = '';

  constructor(port, isTalkative) {
    this.port = port;
    this.isTalkative = isTalkative;
    this.closed = new Promise((resolve) => (this.close = resolve));
  }

  async open() {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    const talking = this.isTalkative && setInterval(() => socket.write('x'), LETTER_EVERY);
    socket.on('data', (chunk) => (this.answer += chunk.latin1Slice()));
    // One that is cut off has been closed, too.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(talking);
      this.to = now();
      this.close();
    });
    await new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
    this.from = now();
    socket.write(HALF);
  }
}

function judge(kind, { connections }, { alone, beside, before, most, seconds, answers }, tally) {
  const check = (sentence, holds, otherwise) => tally.check(`${kind}: ${sentence}`, holds, otherwise);
  const held = most.descriptors - before.descriptors;
  check(`${connections} connections send half a header and are held at first (${held})`, held >= connections * 0.9);
  const closed = seconds.filter((one) => Number.isFinite(one));
  check('all are closed', closed.length === connections, `${connections - closed.length} are not`);
  const { median, min, max } = spread(seconds);
  const times = `first after ${min.toFixed(1)} s, median ${median.toFixed(1)} s, last ${max.toFixed(1)} s`;
  check(`within ${CLOSED_WITHIN} s and ${MARGIN} s of margin (${times})`, max <= CLOSED_WITHIN + MARGIN);
  const odd = answers.filter((answer) => !/^(HTTP\/1\.1 (400|408) |$)/.test(answer));
  check('none is answered as if it had asked for something', odd.length === 0, odd[0]?.slice(0, 200));
  const more = beside.page.p99 - alone.page.p99;
  const figures = `${beside.page.p99.toFixed(1)} ms, ${alone.page.p99.toFixed(1)} without, of ${beside.page.count} and ${alone.page.count}`;
  check(`99 of 100 pages meanwhile take at most ${MORE} ms more (${figures})`, more <= MORE);
  const { wrong, examples } = wrongOf({ ...alone, page: beside.page });
  check('all pages are shown', wrong === 0 && alone.page.wrong === 0, `${wrong} are not: ${examples.join('; ')}`);
  console.log(`▸ ${kind}: ${(most.memory - before.memory).toFixed(1)} MB of memory for them`);
}
