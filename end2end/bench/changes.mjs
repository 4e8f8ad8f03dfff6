/**
 * Everything at once: all products of an import deleted by a filter, had back, and exported. Meanwhile somebody else goes on writing.
 * The floor is what the engine's own program needs to load the same products into the same table, in the same run.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { floorPass, prepareFloor } from './floor.mjs';
import { watchMemory } from './memory.mjs';
import { catchUp } from './pages.mjs';
import { importPass } from './passes.mjs';
import { median, percentile } from './statistics.mjs';
import { migrate, withServer } from './stockroom.mjs';

const JSON_BODY = { 'content-type': 'application/json' };

/** `{ floor, deletion, undo, others: { writes, p50, p99, slowest }, exports: { csv, xlsx } }`: seconds, milliseconds and megabytes. */
export async function measureChanges(engine, settings) {
  const rounds = [];
  for (let round = 1; round <= settings.runs; round += 1) {
    settings.say(`${engine.kind}: round ${round}: deletion, undo and exports of ${settings.rows} products`);
    rounds.push({ floor: await floorOf(engine, settings), ...(await changes(engine, settings)) });
  }
  const of = (pick) => median(rounds.map(pick));
  const latencies = rounds.flatMap((round) => round.latencies);
  return {
    floor: of((round) => round.floor),
    deletion: of((round) => round.deletion),
    undo: of((round) => round.undo),
    peak: Math.max(...rounds.map((round) => round.peak)),
    others: { writes: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), slowest: Math.max(...latencies) },
    exports: Object.fromEntries(['csv', 'xlsx'].map((format) => [format, bestOf(rounds.map((round) => round.exports[format]))])),
  };
}

function bestOf(exports) {
  return { seconds: median(exports.map(({ seconds }) => seconds)), peak: Math.max(...exports.map(({ peak }) => peak)), rows: exports[0].rows };
}

async function floorOf(engine, settings) {
  const database = await engine.make('changes_floor');
  await migrate(settings.binary, database, settings.directory);
  const floor = await prepareFloor(database, { cache: settings.sqliteCache });
  const { seconds } = await floorPass(floor, settings.files.plain);
  await database.drop();
  return seconds;
}

async function changes(engine, settings) {
  const file = settings.files.plain;
  const database = await engine.make('changes');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'changes') };
  const measured = await withServer(place, async (server) => {
    const { job } = await importPass({ server, database, file, counter: 'created' });
    const filter = `import=${job.job_id}`;
    const csv = `/api/v1/products/export?format=csv&${filter}`;
    // Until then the index of words takes a core for itself, whatever else is asked.
    await catchUp(server.client);
    const before = await server.client.checksum(csv);
    const exports = { csv: await exported(server, csv, file), xlsx: await exported(server, csv.replace('csv', 'xlsx'), file) };
    const other = await addOther(server.client);
    const memory = watchMemory(server.child.pid);
    const writing = keepWriting(server.client, other);
    const deletion = await timed(server.client, 'DELETE', `/api/v1/products?confirm=true&${filter}`, file);
    const latencies = await writing.stop();
    const undo = await timed(server.client, 'POST', `/api/v1/jobs/${deletion.id}/undo`, file);
    const after = await server.client.checksum(csv);
    if (after !== before) throw new Error('After the undo the products are not what they were.');
    return { deletion: deletion.seconds, undo: undo.seconds, latencies, exports, peak: memory().peak };
  });
  await database.drop();
  return measured;
}

async function exported(server, path, file) {
  const memory = watchMemory(server.child.pid);
  const started = performance.now();
  await server.client.checksum(path);
  return { seconds: (performance.now() - started) / 1000, peak: memory().peak, rows: file.distinct };
}

/** A job from its request to its end, which must have changed every product of the file. */
async function timed(client, method, path, file) {
  const started = performance.now();
  const { status, body } = await client.send(method, path);
  if (status !== 202) throw new Error(`${method} ${path} answered ${status}: ${body.slice(0, 300)}`);
  const id = JSON.parse(body).job_id;
  const job = await client.follow(id);
  const seconds = (performance.now() - started) / 1000;
  if (job.status !== 'completed' || job.updated !== file.distinct) {
    throw new Error(`${method} ${path} ended as ${job.status} with ${job.updated} of ${file.distinct}: ${job.error ?? job.message}`);
  }
  return { id, seconds };
}

async function addOther(client) {
  const body = JSON.stringify({ sku: 'SOMEBODY-ELSE', name: 'Not in the file' });
  const answer = await client.send('POST', '/api/v1/products', { headers: JSON_BODY, write: (sent) => sent.end(body) });
  if (answer.status !== 201) throw new Error(`Adding a product answered ${answer.status}: ${answer.body.slice(0, 300)}`);
  return JSON.parse(answer.body).id;
}

/** Milliseconds between two writes: as many as a busy shop has, and not so many that they are the load that is measured. */
const WRITE_EVERY = 20;

/** Writes at a steady pace until it is stopped; gives the milliseconds of each. */
function keepWriting(client, id) {
  let isStopped = false;
  const latencies = [];
  const write = async () => {
    for (let count = 1; !isStopped; count += 1) {
      const body = JSON.stringify({ name: `Changed ${count} times` });
      const started = performance.now();
      const { status } = await client.send('PATCH', `/api/v1/products/${id}`, { headers: JSON_BODY, write: (sent) => sent.end(body) });
      latencies.push(performance.now() - started);
      if (status !== 200) throw new Error(`A write beside the deletion answered ${status}.`);
      await delay(Math.max(0, WRITE_EVERY - (performance.now() - started)));
    }
  };
  const writing = write();
  return {
    stop: async () => {
      isStopped = true;
      await writing;
      return latencies;
    },
  };
}
