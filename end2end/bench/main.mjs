/**
 * The benchmark of the README: the floor of this machine, and Stockroom against it.
 *
 *   node end2end/bench/main.mjs [--rows 500000] [--runs 3] [--databases sqlite,postgres]
 *                               [--only floor,import,checks,changes,pages,scale,beside,throughput,webhooks] [--binary PATH] [--json FILE]
 *                               [--sqlite-cache MB] [--requests 100] [--events 5000] [--receivers 20] [--seconds 20] [--perf PROGRAM]
 *
 * Each page is asked for `--requests` times. So many `--events` are told to so many `--receivers` of webhooks; a steady pace is kept for `--seconds`,
 * and so long pages are asked for as fast as they come; with the program `perf` of Linux, what the server is at work on then is shown, too.
 * The floor of SQLite keeps the program's own page cache of 2 MB unless `--sqlite-cache` gives it more.
 */

import { writeFileSync } from 'node:fs';

import { measureBeside } from './beside.mjs';
import { measureChanges } from './changes.mjs';
import { measureChecks } from './checks.mjs';
import { openEngine } from './databases.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { measurePages } from './pages.mjs';
import { isLeaving, runMain } from './processes.mjs';
import { referenceFile } from './reference.mjs';
import { machine, report } from './report.mjs';
import { measureRounds } from './rounds.mjs';
import { measureScale } from './scale.mjs';
import { measureThroughput } from './throughput.mjs';
import { measureWebhooks } from './webhooks.mjs';

const PARTS = ['floor', 'import', 'checks', 'changes', 'pages', 'scale', 'beside', 'throughput', 'webhooks'];

await runMain(async () => {
  const webhooks = { events: '5000', receivers: '20', seconds: '20' };
  const options = readOptions({ runs: '3', only: PARTS.join(','), json: '', 'sqlite-cache': '2', requests: '100', perf: '', ...webhooks });
  const settings = settingsOf(options);
  const results = { machine: machine(), ...factsOf(settings), databases: {} };
  for (const kind of options.databases) results.databases[kind] = await measure(kind, settings);
  console.log(report(results));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  return settings.failures === 0 ? 0 : 1;
});

function factsOf({ files, runs, sqliteCache }) {
  const { rows, bytes, distinct } = files.plain;
  return { rows, bytes, distinct, runs, sqliteCache };
}

function settingsOf(options) {
  const say = (text) => console.error(`▸ ${text}`);
  say(`Reference file of ${options.rows} rows`);
  return {
    say,
    rows: options.rows,
    runs: count('runs', options.runs),
    parts: new Set(someOf('only', options.only, PARTS)),
    binary: options.binary,
    requests: count('requests', options.requests),
    events: count('events', options.events),
    receivers: count('receivers', options.receivers),
    seconds: count('seconds', options.seconds),
    perf: options.perf,
    failures: 0,
    sqliteCache: count('sqlite-cache', options['sqlite-cache']),
    directory: scratchDirectory('bench'),
    files: { plain: referenceFile({ rows: options.rows }), repriced: referenceFile({ rows: options.rows, repriced: true }) },
  };
}

async function measure(kind, settings) {
  const engine = await openEngine(kind, settings.directory);
  const part = (names, work) => (names.some((name) => settings.parts.has(name)) ? kept(() => work(engine, settings), settings) : null);
  return {
    rounds: await part(['floor', 'import'], measureRounds),
    checks: await part(['checks'], measureChecks),
    changes: await part(['changes'], measureChanges),
    pages: await part(['pages'], measurePages),
    scale: await part(['scale'], measureScale),
    beside: await part(['beside'], measureBeside),
    throughput: await part(['throughput'], measureThroughput),
    webhooks: await part(['webhooks'], measureWebhooks),
  };
}

/** A part that fails must not take the figures of the others with it. */
async function kept(work, settings) {
  try {
    return await work();
  } catch (error) {
    if (isLeaving()) throw error;
    settings.failures += 1;
    settings.say(`Failed: ${error.message}`);
    return null;
  }
}
