/**
 * What people and programs notice of an import: pages and products read and written at a steady pace while the reference file goes in, into an
 * empty catalogue, once more, and with every price changed.
 */

import { join } from 'node:path';

import { startLoad, wrongOf } from './loads.mjs';
import { catchUp } from './pages.mjs';
import { differences, expectedCounters, PASSES } from './passes.mjs';
import { FREQUENT_WORD, GROUPS, skuOf } from './reference-rows.mjs';
import { figuresOf, median } from './statistics.mjs';
import { logOf, withServer } from './stockroom.mjs';
import { addProducts } from './writes.mjs';

/** Milliseconds: what 99 of 100 may take at most. */
export const READ_TARGET = 100;
export const WRITE_TARGET = 300;

/** Products that are changed in turn. None of them is in the file. */
const PRODUCTS = 100;
/** Milliseconds between two requests of each kind. */
const PACES = { read: 25, add: 100, change: 50 };

/**
 * For each pass of the import `{ name, seconds, reads, writes, wrong, examples, locked }`: `seconds` in the median, milliseconds of all rounds
 * together, and how often the log says that the database is locked.
 */
export async function measureBeside(engine, settings) {
  const rounds = [];
  for (let round = 1; round <= settings.runs; round += 1) {
    settings.say(`${engine.kind}: round ${round}: reads and writes beside imports of ${settings.rows} rows`);
    rounds.push(await besides(engine, settings));
  }
  const passes = PASSES.map(({ name }) => together(name, rounds.map((round) => round[name])));
  const faults = faultsOf(passes);
  if (faults.length > 0) {
    settings.failures += 1;
    settings.say(`${engine.kind}: beside an import: ${faults.join('; ')}`);
  }
  return passes;
}

function together(name, rounds) {
  const of = (stream) => {
    const [{ path }] = rounds.map(({ figures }) => figures[stream].worst).sort((one, other) => other.time - one.time);
    return { ...figuresOf(rounds.flatMap(({ figures }) => figures[stream].times)), path };
  };
  const wrong = rounds.map(({ figures }) => wrongOf(figures));
  return {
    name,
    seconds: median(rounds.map(({ seconds }) => seconds)),
    reads: of('read'),
    writes: slower({ add: of('add'), change: of('change') }),
    wrong: wrong.reduce((sum, one) => sum + one.wrong, 0),
    examples: wrong.flatMap(({ examples }) => examples),
    locked: rounds.reduce((sum, { locked }) => sum + locked, 0),
  };
}

/** By the name of the pass `{ seconds, figures, locked }`. */
async function besides(engine, settings) {
  const database = await engine.make('beside');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'beside') };
  const passes = await withServer(place, async (server, site) => {
    const products = await addProducts(server.client, Array.from({ length: PRODUCTS }, (_, number) => `BESIDE-${number}`), 4);
    const measured = {};
    let logged = 0;
    for (const pass of PASSES) {
      const load = startLoad(site.port, streamsOf(server.client.headers, products, pass.name));
      const seconds = await imported(server.client, pass, settings.files);
      const figures = await load.stop();
      const log = logOf(site);
      measured[pass.name] = { seconds, figures, locked: log.slice(logged).split('database is locked').length - 1 };
      logged = log.length;
      await catchUp(server.client);
    }
    return measured;
  });
  await database.drop();
  return passes;
}

function streamsOf(headers, products, pass) {
  const ids = products.map(({ id }) => `/api/v1/products/${id}`);
  const queries = ['', 'last=true', `sku=${skuOf(0)}`, `sku=${GROUPS[0]}-`, `q=${FREQUENT_WORD}`, 'sort=-price'];
  const lists = queries.map((query) => `/api/v1/products?${query}`);
  const added = JSON.stringify({ sku: `BESIDE-${pass}-{n}`, name: 'Product {n}' });
  const changed = JSON.stringify({ name: `Changed as number {n} beside ${pass}` });
  return [
    { name: 'read', every: PACES.read, headers, paths: [...lists, ...ids.slice(0, lists.length), '/api/v1/imports', '/api/v1/catalogs'] },
    { name: 'add', every: PACES.add, headers, method: 'POST', paths: ['/api/v1/products'], body: added, expected: 201 },
    { name: 'change', every: PACES.change, headers, method: 'PATCH', paths: ids, body: changed },
  ];
}

async function imported(client, { repriced, counter }, files) {
  const file = repriced ? files.repriced : files.plain;
  const { jobId, started } = await client.upload('/api/v1/imports', file.path);
  const job = await client.follow(jobId);
  const wrong = differences(job, { status: 'completed', ...expectedCounters(file, counter) });
  if (wrong.length > 0) throw new Error(`Import ${jobId} is wrong: ${wrong.join('; ')}`);
  return (performance.now() - started) / 1000;
}

/** Of products that are added and products that are changed, whichever takes longer. */
function slower({ add, change }) {
  return add.p99 > change.p99 ? { ...add, what: 'products added' } : { ...change, what: 'products changed' };
}

function faultsOf(passes) {
  return passes.flatMap(({ name, reads, writes, wrong, examples, locked }) => {
    const faults = {
      [`${wrong} wrong answers (${name}), such as ${examples[0]}`]: wrong > 0,
      [`“database is locked” ${locked} times in the log (${name})`]: locked > 0,
      [`reads take ${reads.p99.toFixed(0)} ms, the slowest ${reads.path} (${name})`]: reads.p99 > READ_TARGET,
      [`writes take ${writes.p99.toFixed(0)} ms (${name})`]: writes.p99 > WRITE_TARGET,
    };
    return Object.keys(faults).filter((fault) => faults[fault]);
  });
}
