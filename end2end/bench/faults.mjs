/**
 * Everything that can go wrong, provoked: `server/docs/faults.md` says what each fault is, how it is made and what must hold.
 *
 *   node end2end/bench/faults.mjs [--only F1,F5,…] [--rows 50000] [--kills 10] [--imports 10] [--frozen 20,60] [--full 30]
 *     [--databases sqlite,postgres] [--binary PATH]
 *
 * Faults that other programs here make, or tests in Rust, are made by them. An import is left with a full disk for `--full` seconds.
 */

import { fileURLToPath } from 'node:url';

import { openEngine } from './databases.mjs';
import { clientsGone } from './faults-clients.mjs';
import { unwritable } from './faults-database.mjs';
import { diskFull } from './faults-disk.mjs';
import { askedToEnd } from './faults-stop.mjs';
import { readerKilled } from './faults-workbook.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { isLeaving, runMain, start } from './processes.mjs';
import { Tally } from './tally.mjs';

const FAULTS = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12', 'F13', 'F14'];
/** Which faults of `nodes.mjs` are which of ours. */
const OF_NODES = { F3: 'freeze,cut', F4: 'postgres,sessions', F9: 'stop', F11: 'store', F14: 'deaf' };
const OF_TESTS = {
  F13: ['ten_attempts_take_some_75_hours', 'a_receiver_that_takes_nothing_for_five_days_is_given_up_and_loses_nothing'],
};
/** Built as `make test` builds them. */
const PACKAGES = ['stockroom', 'app', 'server', 'migration'].flatMap((name) => ['-p', name]);
/** Rows of a file that takes long enough to be killed in each of its steps. */
const LONG = 100_000;
const FEATURES = ['stockroom/testing', 'app/ssr', 'server/opentelemetry'].flatMap((name) => ['--features', name]);
const TEST = ['test', '--quiet', ...PACKAGES, ...FEATURES, '--'];

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const part of parts(settings)) {
    if (!part.faults.some((fault) => settings.only.includes(fault))) continue;
    console.log(`▸ ${part.faults.filter((fault) => settings.only.includes(fault)).join(', ')}: ${part.what}`);
    await kept(part, settings, tally);
  }
  return tally.finish();
});

function readSettings() {
  const options = readOptions({ only: FAULTS.join(','), rows: '50000', kills: '10', imports: '10', frozen: '20,60', full: '30' });
  const names = ['kills', 'imports', 'full'];
  const numbers = Object.fromEntries(names.map((name) => [name, count(name, options[name])]));
  const directory = scratchDirectory('faults');
  return { ...options, ...numbers, only: someOf('only', options.only, FAULTS), directory, engine: enginesIn(directory) };
}

/** Opens each engine when it is first needed. */
function enginesIn(directory) {
  const engines = {};
  return (kind) => (engines[kind] ??= openEngine(kind, directory));
}

/** `{ faults, what, run(settings, tally) }`, in the order in which they are made. */
function parts(settings) {
  const kills = ['--kills', settings.kills, '--databases', settings.databases.join(',')];
  return [
    program(['F1'], 'an import is killed at random moments', 'kill.mjs', ['--journeys', 'import', ...kills], LONG),
    program(['F2'], 'a check, its application and its undo are killed and started again at once', 'kill.mjs', ['--journeys', 'checked', ...kills], LONG),
    program(['F7', 'F8'], 'events are sent while the server is killed', 'kill-webhooks.mjs', kills),
    program(['F4'], 'events are sent while PostgreSQL is restarted', 'kill-webhooks.mjs', ['--restart-postgres']),
    own(['F5'], 'the disk is full', (_, tally) => diskFull(settings, tally)),
    own(['F6'], 'the database cannot be written', (engine, tally) => unwritable(engine, settings, tally)),
    onEach(settings, ['F9'], 'the server is asked to end amid an import', askedToEnd),
    onEach(settings, ['F10'], 'clients break off', clientsGone),
    own(['F12'], 'the process that reads a workbook is killed', (engine, tally) => readerKilled(engine, settings, tally)),
    severalNodes(settings),
    ...Object.entries(OF_TESTS).map(([fault, names]) => tests(fault, names)),
  ];
}

/** Another program of this folder, with files of so many rows at least. */
function program(faults, what, name, args, least = 0) {
  const run = ({ rows, binary }, tally) => {
    const all = [fileURLToPath(new URL(name, import.meta.url)), ...args, '--rows', Math.max(rows, least), '--binary', binary];
    return child(tally, `${faults.join(', ')}: ${name}`, process.execPath, all.map(String));
  };
  return { faults, what, run };
}

/** With SQLite, where a database is a file. */
function own(faults, what, make) {
  return { faults, what, run: async ({ engine }, tally) => make(await engine('sqlite'), tally) };
}

function onEach({ databases }, faults, what, make) {
  const run = async (settings, tally) => {
    for (const kind of databases) await make(await settings.engine(kind), settings, tally);
  };
  return { faults, what, run };
}

function severalNodes({ only, imports, frozen }) {
  const faults = Object.keys(OF_NODES).filter((fault) => only.includes(fault));
  const kinds = faults.map((fault) => OF_NODES[fault]);
  const args = ['--faults', kinds.join(','), '--imports', imports, '--frozen', frozen];
  return program(faults, 'two nodes that serve and two that work', 'nodes.mjs', args);
}

function tests(fault, names) {
  return { faults: [fault], what: 'tests in Rust', run: (_, tally) => child(tally, `${fault}: tests in Rust`, 'cargo', [...TEST, ...names]) };
}

/** Its own words are said as they come; what counts is how it ends. */
async function child(tally, name, path, args) {
  const outcome = await start(path, args, { stdio: 'inherit' }).ended;
  tally.check(name, outcome === 0, `ended with ${outcome}`);
}

/** A fault that breaks the run itself must not keep the others from being made. */
async function kept({ faults, run }, settings, tally) {
  try {
    await run(settings, tally);
  } catch (error) {
    if (isLeaving()) throw error;
    tally.check(`${faults.join(', ')}: it ran to its end`, false, error.message);
  }
}
