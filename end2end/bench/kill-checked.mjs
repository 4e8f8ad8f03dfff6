/**
 * A file that changes products, adds some and has bad rows: its check, its application and its undo are killed again and again. After each
 * of the three the counters, the problem rows, the products and their history must be those of a server that was left alone, and after the
 * undo the products those from before.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { planSteps } from './kill-plan.mjs';
import { unlike, wholeState } from './kill-state.mjs';
import { cataloguedFile, mixedCataloguedFile } from './mixed.mjs';
import { spread } from './statistics.mjs';
import { explained, installed, launch, serve, whenReady } from './stockroom.mjs';

const RESUME_WITHIN = 10;
/** For one step; far beyond what any should need. */
const PATIENCE = 300_000;
const POLL_EVERY = 20;
const AT_WORK = ['pending', 'processing'];

/** How each step begins: gives the id of its job. */
const STEPS = {
  check: async ({ client, file }) => (await client.upload('/api/v1/imports?check=true', file.path)).jobId,
  apply: async ({ client, checked }) => jobOf(await client.send('POST', `/api/v1/imports/${checked}/apply?confirm=true`)),
  undo: async ({ client, checked }) => jobOf(await client.send('POST', `/api/v1/imports/${checked}/undo`)),
};

/** `settings`: `{ kills, rows, seed, binary, directory }`. */
export async function killChecked(engine, settings, tally) {
  const files = {
    before: cataloguedFile(join(settings.directory, 'catalogued.csv'), settings.rows),
    mixed: mixedCataloguedFile(join(settings.directory, 'mixed.csv'), settings.rows),
  };
  const expected = await journey(engine, settings, files, { name: 'checked_undisturbed', plan: () => [] });
  for (const [name, step] of Object.entries(expected.steps)) {
    console.log(`▸ ${engine.kind}: ${name} undisturbed in ${(step.timeline.duration / 1000).toFixed(1)} s`);
  }
  const timelines = Object.fromEntries(Object.entries(expected.steps).map(([name, { timeline }]) => [name, timeline]));
  const plan = planSteps({ kills: settings.kills, timelines, seed: settings.seed });
  const found = await journey(engine, settings, files, { name: 'checked_killed', plan });
  checkUndisturbed(engine.kind, expected, tally);
  checkKilled(engine.kind, settings, { expected, found }, tally);
}

/** `{ before, steps: { check, apply, undo }, left }`: the products before, what each step came to, and what has been left lying about. */
async function journey(engine, settings, files, { name, plan }) {
  return installed(engine, settings, name, async (site, database) => {
    const stage = { site, database, server: await serve(site), file: files.mixed };
    try {
      const { jobId } = await stage.server.client.upload('/api/v1/imports', files.before.path);
      await stage.server.client.follow(jobId);
      const before = await wholeState(stage, jobId);
      const steps = {};
      for (const step of Object.keys(STEPS)) {
        steps[step] = await carriedOut(stage, step, plan(step));
        steps[step].state = await wholeState(stage, steps[step].id);
      }
      await stage.server.stop();
      return { before, steps, left: await leftOf(stage) };
    } catch (error) {
      throw explained(error, site);
    }
  });
}

/** `{ id, timeline, restarts, strikes }`. Each moment of `plan` is one kill; those for which the step is over too early are left out. */
async function carriedOut(stage, step, plan) {
  const token = step === 'apply' ? (await look(stage, stage.checked)).token : 0;
  const id = await STEPS[step]({ ...stage, client: stage.server.client });
  stage.checked ??= id;
  const lives = [{ from: performance.now(), token }];
  let strikes = 0;
  for (const moment of plan) {
    const reached = await until(stage, id, lives.at(-1), (state) => hasCome(moment, state));
    if (isOver(reached)) break;
    await delay(moment.wait);
    await stage.server.kill();
    stage.server = launch(stage.site);
    const from = performance.now();
    // Only after the start: a program that reads the database before it would tidy up what the kill has left.
    const left = await look(stage, id);
    if (left.status === 'processing') strikes += 1;
    lives.push({ from, token: left.token });
  }
  await until(stage, id, lives.at(-1), () => false);
  await whenReady(stage.server, stage.site);
  return { id, strikes, timeline: timelineOf(lives.at(-1)), restarts: lives.slice(1) };
}

function hasCome({ phase, done = 0 }, state) {
  return state.done >= done && (phase === undefined || isIn(state, phase));
}

/** The place is that of the present attempt; the phase of the job is also what the last one has left. */
function isIn({ place }, phase) {
  return place?.startsWith(`${phase} `) ?? false;
}

/** Waits until the moment has come or the step is over, and notes when the work was begun and when its first rows were written. */
async function until(stage, id, life, hasMomentCome) {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    if (stage.server.child.exitCode !== null) throw new Error(`The server ended by itself, with ${stage.server.child.exitCode}.`);
    const state = await look(stage, id);
    const now = performance.now();
    if (state.token > life.token) life.begun ??= now;
    if (isIn(state, 'comparing')) life.compared ??= now;
    if (state.done > 0) life.written ??= now;
    life.rows = state.done;
    if (isOver(state)) {
      life.over ??= now;
      return state;
    }
    if (life.begun !== undefined && hasMomentCome(state)) return state;
    if (now > deadline) throw new Error(`The job stands still: ${JSON.stringify(state)}`);
    await delay(POLL_EVERY);
  }
}

/** From the database, because each claim of the job raises its token, which the API does not tell. */
async function look({ database }, id) {
  const sql = `SELECT status, place, lease_token AS token, created + updated AS done FROM imports WHERE id = ${id}`;
  const [state] = await database.rows(sql);
  return state;
}

function isOver({ status }) {
  return !AT_WORK.includes(status);
}

/** Milliseconds from the claim to the comparison, to the first rows that are written and to the end, and how many rows were written. */
function timelineOf({ from, begun = from, over, written = over, compared = written, rows }) {
  return { compared: compared - begun, prepared: written - begun, duration: over - begun, rows };
}

function jobOf({ status, body }) {
  if (status !== 202) throw new Error(`The job was answered with ${status}: ${body.slice(0, 300)}`);
  return JSON.parse(body).job_id;
}

/** Scratch that nobody will look at any more. */
async function leftOf({ database, site }) {
  if (database.kind === 'sqlite') return readdirSync(join(site.directory, 'data', 'scratch'));
  const found = await database.rows("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' ORDER BY relname");
  return found.map(({ relname }) => relname);
}

function checkUndisturbed(kind, { before, steps: { check, apply, undo } }, tally) {
  const { created, updated, failed } = check.state.job;
  tally.check(`${kind}: the file adds, changes and has bad rows`, Math.min(created, updated, failed) > 0, JSON.stringify(check.state.job));
  tally.check(`${kind}: an undisturbed check changes nothing`, ...sameProducts(before, check.state));
  tally.check(`${kind}: an undisturbed application does`, apply.state.products !== before.products);
  tally.check(`${kind}: an undisturbed undo sets everything back`, ...sameProducts(before, undo.state));
}

function sameProducts(one, other) {
  return [one.exported === other.exported, `${other.exported} is not ${one.exported}`];
}

function checkKilled(kind, { kills }, { expected, found }, tally) {
  const steps = Object.entries(found.steps);
  const strikes = steps.map(([, step]) => step.strikes);
  const sum = strikes.reduce((one, other) => one + other, 0);
  const spreadOver = steps.map(([name, step]) => `${step.strikes} in the ${name}`).join(', ');
  tally.check(`${kind}: killed ${sum} times while it worked (${spreadOver})`, Math.min(...strikes) > 0 && sum <= kills);
  if (sum < kills) console.log(`▸ ${kind}: ${kills - sum} of ${kills} kills came too late`);
  for (const [name, step] of steps) {
    // A life that was ended before its work could begin again says nothing.
    const seen = step.restarts.filter(({ begun }) => begun !== undefined).map(({ from, begun }) => (begun - from) / 1000);
    const { median, max } = seen.length > 0 ? spread(seen) : { median: NaN, max: Infinity };
    const figures = `${seen.length} seen, median ${median.toFixed(2)} s, longest ${max.toFixed(2)} s`;
    tally.check(`${kind}: the ${name} goes on within ${RESUME_WITHIN} s of each restart (${figures})`, max <= RESUME_WITHIN);
    const wrong = unlike(expected.steps[name].state, step.state);
    const what = 'counters, problem rows, products with their versions, history and totals';
    tally.check(`${kind}: the killed ${name} leaves the same ${what}`, wrong.length === 0, wrong.join('; '));
  }
  tally.check(`${kind}: the killed undo sets everything back`, ...sameProducts(found.before, found.steps.undo.state));
  tally.check(`${kind}: no scratch is left behind`, found.left.length === 0, found.left.join(', '));
}
