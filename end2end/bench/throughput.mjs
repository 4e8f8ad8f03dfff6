/**
 * How many pages a second: the table of products as HTML and as JSON, asked for over sixteen connections at a time, against the floor of the
 * one statement that finds its rows, run by the engine's own program in the same run.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readsPerSecond } from './floor-reads.mjs';
import { catchUp, signedIn, signInAgain } from './pages.mjs';
import { importPass } from './passes.mjs';
import { profileOf } from './profile.mjs';
import { statementOf } from './statements.mjs';
import { figuresOf } from './statistics.mjs';
import { explained, installed, serve } from './stockroom.mjs';
import { Thread } from './threads.mjs';
import { processorSeconds } from './vitals.mjs';

/** Requests under way at a time. */
export const CONNECTIONS = 16;
const WARM_UP = 2;
/** Share of a processor at which this program itself would be what is measured: it has one thread. */
const BUSY = 0.8;

const PAGES = [
  { what: 'rendered page /products', path: '/products', isHtml: true },
  { what: '/api/v1/products?size=50', path: '/api/v1/products?size=50', isHtml: false },
];

/**
 * For each page `{ what, rate, floor, p50, p99, size, shares }`: answers in a second, those of the floor, milliseconds, bytes of an answer, and how
 * many processors the server, the database and this program have used. With `--perf`, `profile` says on what the server's were.
 */
export async function measureThroughput(engine, settings) {
  settings.say(`${engine.kind}: pages a second of ${settings.rows} products`);
  return installed(engine, settings, 'throughput', async (site, database) => {
    try {
      const rates = await served(engine, settings, site, database);
      const pages = [];
      for (const { isHtml, ...page } of rates) {
        const sql = await statementOf(site, (server) => askOnce(site, server, { isHtml, ...page }));
        const options = { seconds: settings.seconds, connections: CONNECTIONS, directory: settings.directory };
        pages.push({ ...page, floor: await readsPerSecond(engine, database, sql, options) });
      }
      return pages;
    } catch (error) {
      throw explained(error, site);
    }
  });
}

async function served(engine, settings, site, database) {
  const server = await serve(site);
  await importPass({ server, database, file: settings.files.plain, counter: 'created' });
  await catchUp(server.client);
  const browser = await signedIn(site);
  const rates = [];
  for (const page of PAGES) {
    const { headers } = page.isHtml ? browser : server.client;
    rates.push({ ...page, ...(await rateOf(engine, server, { port: site.port, path: page.path, headers }, settings)) });
  }
  await server.stop();
  return rates;
}

async function askOnce(site, server, { path, isHtml }) {
  const client = isHtml ? await signInAgain(site) : server.client;
  const { status } = await client.send('GET', path);
  if (status !== 200) throw new Error(`GET ${path} answered ${status}.`);
}

async function rateOf(engine, server, target, { seconds: wanted, perf, directory }) {
  const thread = new Thread('./requesting.mjs', { ...target, connections: CONNECTIONS });
  await thread.ask('watch', WARM_UP);
  const used = usedBy(engine, server);
  const { times, bytes, seconds, processor } = await thread.ask('watch', wanted);
  const after = usedBy(engine, server);
  // After what is measured: to be looked at costs time.
  const profile = perf ? await profileOf(perf, server.child.pid, wanted, directory) : null;
  await thread.stop();
  const { p50, p99 } = figuresOf(times);
  const share = (name) => (after[name] - used[name]) / seconds;
  const shares = { server: share('server'), database: share('database'), asking: processor / seconds };
  if (shares.asking > BUSY) throw new Error(`Asking takes ${shares.asking.toFixed(2)} of a processor: it is not the server that is measured.`);
  return { rate: times.length / seconds, p50, p99, size: bytes / times.length, shares, profile };
}

/** Seconds of processor time so far. SQLite works in the server's own process. */
function usedBy(engine, { child }) {
  return { server: processorSeconds(child.pid), database: engine.kind === 'postgres' ? processorSeconds(postmasterOf(engine.server)) : 0 };
}

function postmasterOf({ socket }) {
  return Number(readFileSync(join(socket, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
