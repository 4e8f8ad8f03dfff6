/**
 * Ten thousand clients that watch one import: all must hear of its end at once, and nobody else may feel that they are there. Then a
 * thousand that all come back when the server is started anew.
 *
 *   node end2end/bench/streams.mjs [--clients 10000] [--returning 1000] [--parts watching,returning] [--rows 2000000] [--databases sqlite,postgres]
 *     [--binary PATH]
 *
 * The file must be long enough for all of them to come while it is worked on.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';
import { openEngine } from './databases.mjs';
import { startLoad, wrongOf } from './loads.mjs';
import { watchMemory } from './memory.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain } from './processes.mjs';
import { referenceFile } from './reference.mjs';
import { figuresOf } from './statistics.mjs';
import { complaintsOf, explained, installed, logOf, serve } from './stockroom.mjs';
import { Tally } from './tally.mjs';
import { makeWatchers } from './watchers.mjs';

/** Seconds from the commit to the last client that hears of it. */
const END_WITHIN = 2;
/** Updates in a second to each client. */
const UPDATES = 2;
const MEMORY = 300;
/** Milliseconds of a request beside all that. */
const PING = 250;
/** Seconds after a restart until all are back. */
const BACK_WITHIN = 5;

const LOOK_EVERY = 50;
/** An import that gets no further for so long is given up. */
const STANDSTILL = 180_000;
const OVER = ['completed', 'failed', 'cancelled'];
/** Phases in which an import goes on row by row. */
const STEADY = ['reading', 'applying'];
const PARTS = { watching: watched, returning: returned };

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const kind of settings.databases) {
    const engine = await openEngine(kind, settings.directory);
    for (const part of settings.parts) await PARTS[part](engine, settings, tally);
  }
  return tally.finish();
});

function readSettings() {
  const names = Object.keys(PARTS);
  const options = readOptions({ clients: '10000', returning: '1000', parts: names.join(','), rows: '2000000' });
  return {
    ...options,
    clients: count('clients', options.clients),
    returning: count('returning', options.returning),
    parts: someOf('parts', options.parts, names),
    file: referenceFile({ rows: options.rows }),
    directory: scratchDirectory('streams'),
  };
}

async function watched(engine, settings, tally) {
  const { clients } = settings;
  const found = await importing(engine, settings, 'watched', clients, async ({ server, site, database, jobId, watching }) => {
    const watchers = makeWatchers({ ...watching, count: clients });
    const begun = now();
    await watchers.open();
    const opened = { seconds: (now() - begun) / 1000, ...(await watchers.counts()) };
    const notes = [];
    // Whatever breaks off this stream breaks off others, too, and is judged there.
    observe(server.client, watching.path, watchers, notes).catch(() => {});
    const pings = startLoad(site.port, pingsOf(server.client.headers));
    const end = await endOf(database, jobId);
    await watchers.until(({ ended }) => ended >= clients, 10 * END_WITHIN * 1000);
    const told = rateOf(notes) / clients;
    return { opened, end, told, pings: await pings.stop(), ...(await resultsOf(watchers)) };
  });
  judgeWatched(engine.kind, clients, found, tally);
}

/** Serves an import that has just begun to `use(stage)`, with room for so many clients; adds the memory that the server took. */
async function importing(engine, settings, name, clients, use) {
  return installed(engine, settings, `streams_${name}`, async (site, database) => {
    // Some more than the clients: the others who ask, and whoever comes back before the server knows that he is gone.
    Object.assign(site.env, { STOCKROOM_CONNECTION_LIMIT: `${2 * clients + 500}`, STOCKROOM_STREAM_LIMIT: `${2 * clients}` });
    const server = await serve(site);
    try {
      const memory = watchMemory(server.child.pid);
      const { jobId } = await server.client.upload('/api/v1/imports', settings.file.path);
      const watching = { port: site.port, key: site.key, path: `/api/v1/imports/${jobId}/events` };
      const stage = { server, site, database, jobId, watching };
      const found = await use(stage);
      const { highWater } = memory();
      await stage.server.stop();
      return { ...found, highWater };
    } catch (error) {
      throw explained(error, site);
    }
  });
}

function pingsOf(headers) {
  const ping = (name, path) => ({ name, every: 100, headers, paths: [path] });
  return [ping('/health/live', '/health/live'), ping('one product', '/api/v1/products?size=1')];
}

/** Waits for the end of an import, by the database alone: `{ status, at }`, where `at` is a moment shortly before its commit. */
async function endOf(database, id) {
  let [seen, moved] = ['', now()];
  for (let before = now(); ; ) {
    const asked = now();
    const [{ status, place }] = await database.rows(`SELECT status, place FROM imports WHERE id = ${id}`);
    if (OVER.includes(status)) return { status, at: before };
    if (place !== seen) [seen, moved] = [place, asked];
    if (asked - moved > STANDSTILL) return { status: `it stands still: ${status}, ${place}`, at: asked };
    before = asked;
    await delay(LOOK_EVERY);
  }
}

/** One more client, which notes at each of its events in which phase the import is and what all watchers together have been told by then. */
async function observe(client, path, watchers, notes) {
  const answer = await client.open('GET', path, { isAlone: true });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    const events = (text + chunk).split('\n\n');
    text = events.pop();
    const phases = events.flatMap((event) => event.match(/"phase":"(\w+)"/)?.[1] ?? []);
    if (phases.length > 0) notes.push({ phase: phases.at(-1), at: now(), ...(await watchers.counts()) });
  }
}

/** Events in a second, while there is something new to tell: a comparison, or an index that is made anew, is one statement of some seconds. */
function rateOf(notes) {
  let [events, time] = [0, 0];
  for (const [place, note] of notes.slice(1).entries()) {
    const before = notes[place];
    if (note.phase !== before.phase || !STEADY.includes(note.phase)) continue;
    events += note.events - before.events;
    time += (note.at - before.at) / 1000;
  }
  return events / time;
}

async function resultsOf(watchers) {
  const results = await watchers.results();
  await watchers.stop();
  return results;
}

function judgeWatched(kind, clients, { opened, end, told, pings, ended, faults, highWater }, tally) {
  const check = (sentence, holds, otherwise) => tally.check(`${kind}: ${sentence}`, holds, otherwise);
  const came = `all there after ${opened.seconds.toFixed(1)} s`;
  check(`${clients} clients watch an import, ${came}`, opened.open === clients, `${opened.open} do; ${said(faults)}`);
  check('the import completes', end.status === 'completed', end.status);
  check(`each is told of it ${told.toFixed(1)} times a second while rows are read and applied (at least ${UPDATES})`, told >= UPDATES);
  const late = figuresOf(ended.map((at) => (at - end.at) / 1000));
  check(`all hear of its end (${late.count})`, late.count === clients, said(faults));
  const lateness = `p50 ${late.p50.toFixed(2)} s, p99 ${late.p99.toFixed(2)} s, the last ${late.slowest.toFixed(2)} s`;
  check(`within ${END_WITHIN} s of the commit (${lateness})`, late.count === clients && late.slowest <= END_WITHIN);
  check(`nobody is cut off or turned away`, faults.length === 0, said(faults));
  for (const [name, { count, p50, p99, slowest }] of Object.entries(pings)) {
    const figures = `p99 ${p99.toFixed(0)} ms, p50 ${p50.toFixed(0)}, slowest ${slowest.toFixed(0)}, ${count} asked`;
    check(`${name} meanwhile within ${PING} ms (${figures})`, p99 <= PING);
  }
  const { wrong, examples } = wrongOf(pings);
  check('all of that is answered', wrong === 0, `${wrong} not: ${examples.join('; ')}`);
  check(`the server takes ${highWater.toFixed(0)} MB (at most ${MEMORY})`, highWater <= MEMORY);
}

async function returned(engine, settings, tally) {
  const clients = settings.returning;
  const found = await importing(engine, settings, 'returned', clients, async (stage) => {
    const { site, database, jobId, watching } = stage;
    const watchers = makeWatchers({ ...watching, count: clients, isFaithful: true });
    await watchers.open();
    const { open } = await watchers.counts();
    const [{ status }] = await database.rows(`SELECT status FROM imports WHERE id = ${jobId}`);
    const logged = logOf(site).length;
    await stage.server.stop();
    stage.server = await serve(site);
    const ready = now();
    await watchers.until((counts) => counts.open + counts.ended >= clients, 10 * BACK_WITHIN * 1000);
    const end = await endOf(database, jobId);
    await watchers.until(({ ended }) => ended >= clients, 10 * END_WITHIN * 1000);
    return { open, status, ready, end, complaints: complaintsOf(site, logged), ...(await resultsOf(watchers)) };
  });
  judgeReturned(engine.kind, clients, found, tally);
}

function judgeReturned(kind, clients, { open, status, ready, end, complaints, ended, back, faults }, tally) {
  const check = (sentence, holds, otherwise) => tally.check(`${kind}: ${sentence}`, holds, otherwise);
  const isWatched = open === clients && !OVER.includes(status);
  check(`${clients} clients watch an import when the server is stopped`, isWatched, `${open} watch, it is ${status}`);
  const after = faults.filter(({ at }) => at > ready);
  const last = (back.reduce((latest, at) => Math.max(latest, at), 0) - ready) / 1000;
  check(`all are back ${last.toFixed(2)} s after it is ready again (at most ${BACK_WITHIN})`, last <= BACK_WITHIN && ended.length === clients);
  const turnedAway = faults.filter(({ what }) => what.startsWith('answered'));
  check('none is turned away', turnedAway.length === 0, said(turnedAway));
  check('none is cut off once it is ready', after.length === 0, said(after));
  check('the server has nothing to complain of', complaints.length === 0, `${complaints.length} lines, such as ${complaints[0]}`);
  const isOver = end.status === 'completed' && ended.length === clients;
  check('the import goes on and completes, and all hear of it', isOver, `${end.status}, ${ended.length} do`);
}

/** Each kind of fault and how often it came. */
function said(faults) {
  const counts = new Map();
  for (const { what } of faults) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, times]) => `${times} × ${what}`).join(', ') || 'no fault was seen';
}
