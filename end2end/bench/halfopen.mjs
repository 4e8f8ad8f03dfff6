/**
 * Two thousand connections that send half a header, the way to keep a server busy with next to nothing: each must be closed in time, and
 * whoever looks at a page meanwhile may not feel it. Half of them go on to send a letter now and then.
 *
 *   node end2end/bench/halfopen.mjs [--connections 2000] [--seconds 16] [--rows 20000] [--databases sqlite,postgres] [--binary PATH]
 *
 * Pages of so many products are asked for during so many seconds, without and with these connections.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openEngine } from './databases.mjs';
import { openHalves } from './halves.mjs';
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
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'site') };
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
  const { wrong, examples } = wrongOf({ alone: alone.page, beside: beside.page });
  check('all pages are shown', wrong === 0, `${wrong} are not: ${examples.join('; ')}`);
  console.log(`▸ ${kind}: ${(most.memory - before.memory).toFixed(1)} MB of memory for them`);
}
