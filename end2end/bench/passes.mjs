/**
 * One import through Stockroom, from the first byte of the upload to `completed`, checked against what the file is known to hold.
 */

import { watchMemory } from './memory.mjs';
import { countProducts } from './schema.mjs';

const NOTHING = { created: 0, updated: 0, unchanged: 0, failed: 0 };

/** The three passes of each round, and the counter into which every product must fall. */
export const PASSES = [
  { name: 'empty', title: 'into an empty catalogue', repriced: false, counter: 'created' },
  { name: 'same', title: 'the same file again', repriced: false, counter: 'unchanged' },
  { name: 'repriced', title: 'every price changed', repriced: true, counter: 'updated' },
];

/** `{ seconds, accepted, answered, peak, highWater, job }`. */
export async function importPass({ server, database, file, counter }) {
  await database.settle();
  const memory = watchMemory(server.child.pid);
  const { jobId, started, accepted, answered } = await server.client.upload('/api/v1/imports', file.path);
  const job = await server.client.follow(jobId);
  const seconds = (performance.now() - started) / 1000;
  const measured = memory();
  checkCounters(job, expectedCounters(file, counter));
  await checkTable(database, file);
  return { seconds, accepted, answered, ...measured, job };
}

/** What the import of a reference file must report when all its products fall into one counter. */
export function expectedCounters(file, counter) {
  return { ...NOTHING, superseded: file.rows - file.distinct, [counter]: file.distinct };
}

/** The names of the counters whose values differ, each with both values. */
export function differences(job, expected) {
  return Object.entries(expected)
    .filter(([name, value]) => job[name] !== value)
    .map(([name, value]) => `${name} is ${job[name]} instead of ${value}`);
}

function checkCounters(job, expected) {
  const wrong = differences(job, expected);
  if (job.status !== 'completed') wrong.unshift(`it ended as ${job.status}: ${job.error ?? job.message}`);
  if (wrong.length > 0) throw new Error(`Import ${job.job_id} is wrong: ${wrong.join('; ')}`);
}

async function checkTable(database, file) {
  const products = await countProducts(database);
  if (products !== file.distinct) throw new Error(`The table has ${products} products instead of ${file.distinct}.`);
}
