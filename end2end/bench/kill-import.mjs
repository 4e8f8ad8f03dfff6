/** A file that is imported at once: killed again and again, it must end as one that was left alone. */

import { setTimeout as delay } from 'node:timers/promises';

import { planKills } from './kill-plan.mjs';
import { differences, expectedCounters } from './passes.mjs';
import { referenceFile } from './reference.mjs';
import { isOver, Resumption } from './resumption.mjs';
import { spread } from './statistics.mjs';
import { explained, installed, launch, serve } from './stockroom.mjs';

const RESUME_WITHIN = 10;
/** For one step between two kills; far beyond what any step should need. */
const PATIENCE = 300_000;
const EXPORT = '/api/v1/products/export?format=csv&columns=sku,name,description,price,active&sort=sku';

/** `settings`: `{ kills, rows, seed, binary, directory }`. */
export async function killImport(engine, settings, tally) {
  const file = referenceFile({ rows: settings.rows });
  const expected = await undisturbedRun(engine, settings, file);
  const wrong = differences(expected.job, { status: 'completed', ...expectedCounters(file, 'created') });
  tally.check(`${engine.kind}: an undisturbed import completes with the counters of the file`, wrong.length === 0, wrong.join('; '));
  const plan = planKills({ kills: settings.kills, timeline: expected.timeline, seed: settings.seed });
  const found = await killedRun(engine, settings, file, plan);
  checkResumptions(engine.kind, settings, found, tally);
  checkResult(engine.kind, expected, found, tally);
}

async function undisturbedRun(engine, settings, file) {
  return installed(engine, settings, 'undisturbed', async (site, database) => {
    const server = await serve(site);
    const { jobId } = await server.client.upload('/api/v1/imports', file.path);
    const accepted = performance.now();
    const timeline = [];
    const note = ({ percent, phase }) => timeline.push({ at: performance.now() - accepted, percent, phase });
    const job = await server.client.follow(jobId, note);
    console.log(`▸ ${engine.kind}: undisturbed in ${(timeline.at(-1).at / 1000).toFixed(1)} s after the upload`);
    return { timeline, ...(await endState(server, job, database)) };
  });
}

async function killedRun(engine, settings, file, plan) {
  return installed(engine, settings, 'killed', async (site, database) => {
    let server = await serve(site);
    const { jobId } = await server.client.upload('/api/v1/imports', file.path);
    const lives = [new Resumption(server, jobId)];
    for (const moment of plan) {
      if (isOver(await strikingMoment(lives.at(-1), moment))) break;
      await lives.at(-1).end();
      server = launch(site);
      lives.push(new Resumption(server, jobId));
    }
    const job = await lives.at(-1).until(() => false, PATIENCE).catch((error) => {
      throw explained(error, site);
    });
    return { restarts: lives.slice(1), ...(await endState(server, job, database)) };
  });
}

/** Waits for the moment of the next kill; gives the job's state then, or null. */
async function strikingMoment(life, { percent, wait }) {
  if (percent === undefined) return life.until(() => life.age >= wait, PATIENCE);
  const job = await life.until((state) => state && state.percent >= percent, PATIENCE);
  await delay(wait);
  // The wait may have been the last that was missing.
  return isOver(job) ? job : life.look();
}

/** What must be the same in the end, however the import got there. */
async function endState(server, job, database) {
  const checksum = await server.client.checksum(EXPORT);
  await server.stop();
  const [table] = await database.rows('SELECT count(*) AS products, sum(version) AS versions FROM products');
  const [problems] = await database.rows('SELECT count(*) AS problems FROM import_problems');
  return { job, checksum, table: { ...table, ...problems } };
}

function checkResumptions(kind, { kills }, { restarts }, tally) {
  if (restarts.length < kills) console.log(`▸ ${kind}: the import was over after ${restarts.length} of ${kills} kills`);
  tally.check(`${kind}: the import was killed while it ran, ${restarts.length} times`, restarts.length > 0);
  // A life that was ended early, before it could show anything, says nothing; one that had all the time it is allowed does.
  const telling = restarts.filter(({ seconds, lived }) => seconds !== null || lived > RESUME_WITHIN);
  const seen = telling.map(({ seconds, lived }) => seconds ?? lived);
  const { median, max } = seen.length > 0 ? spread(seen) : { median: NaN, max: Infinity };
  const figures = `${seen.length} seen, median ${median.toFixed(2)} s, longest ${max.toFixed(2)} s`;
  tally.check(`${kind}: goes on within ${RESUME_WITHIN} s of each restart (${figures})`, max <= RESUME_WITHIN);
}

function checkResult(kind, expected, found, tally) {
  const { status, error, message } = found.job;
  tally.check(`${kind}: the killed import completes`, status === 'completed', `${status}: ${error ?? message}`);
  const counters = ['total', 'processed', 'created', 'updated', 'unchanged', 'failed', 'superseded'];
  const wrong = differences(found.job, Object.fromEntries(counters.map((name) => [name, expected.job[name]])));
  tally.check(`${kind}: its counters are those of the undisturbed one`, wrong.length === 0, wrong.join('; '));
  const sums = `${found.checksum} is not ${expected.checksum}`;
  tally.check(`${kind}: its products are those of the undisturbed one`, found.checksum === expected.checksum, sums);
  const tables = [expected, found].map(({ table }) => JSON.stringify(table));
  tally.check(`${kind}: nothing was written twice`, tables[0] === tables[1], `${tables[1]} instead of ${tables[0]}`);
}
