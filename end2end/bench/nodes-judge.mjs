/** What several nodes have come to under faults, against what one came to without. */

import { unlike } from './kill-state.mjs';

/** Seconds. */
const HANGS_AFTER = 30;
const GOES_ON_WITHIN = 30;
const ENDS_WITHIN = 10;

export function judge({ expected, found, network }, tally) {
  console.log(tableOf(found));
  checkWork(found, tally);
  checkState(expected, found, tally);
  checkEvents(found, tally);
  checkWatchers(found, network, tally);
}

function checkWork({ strikes, unfinished, asked, repeats, refusals }, tally) {
  console.log(`▸ ${refusals} times a worker was told that another one had taken its import over`);
  if (strikes.some(({ name }) => name.startsWith('S3'))) {
    const figures = `${asked.failing} times while it failed, ${asked.slow} while it was slow; ${asked.dropped} uploads to it were broken off`;
    tally.check(`the store was asked ${figures}`, Math.min(asked.failing, asked.slow, asked.dropped) > 0);
  }
  if (repeats.length > 0) console.log(`▸ ${repeats.length} uploads had to be sent again, such as: ${repeats[0]}`);
  const late = strikes.filter(({ wentOn }) => wentOn > GOES_ON_WITHIN).map(({ name }) => name);
  tally.check(`work goes on within ${GOES_ON_WITHIN} s of each of ${strikes.length} faults`, late.length === 0, late.join(', '));
  const endings = strikes.flatMap(({ ending }) => ending ?? []);
  const bad = endings.filter(({ outcome, seconds }) => outcome !== 0 || seconds > ENDS_WITHIN);
  const said = bad.map(({ name, outcome, seconds }) => `${name} with ${outcome} after ${seconds.toFixed(1)} s`).join(', ');
  if (endings.length > 0) tally.check(`each node ends in order within ${ENDS_WITHIN} s of being asked to`, bad.length === 0, said);
  tally.check('no pieces of unfinished files are left in the bucket', unfinished.length === 0, unfinished.slice(0, 3).join(', '));
}

function checkState(expected, { state, waves }, tally) {
  const over = state.imports.filter(({ status }) => status === 'completed');
  tally.check(`all ${state.imports.length} imports of ${waves} waves are completed`, over.length === state.imports.length, unfinishedOf(state));
  for (const [part, what] of Object.entries(PARTS)) {
    const wrong = unlike({ [part]: expected[part] }, state);
    tally.check(`${what} are those of one node that was left alone`, wrong.length === 0, wrong.join('; ').slice(0, 1_000));
  }
}

const PARTS = {
  imports: 'the counters of each import',
  problems: 'the problem rows of each import',
  products: 'the products, with their versions',
  history: 'the changes of each product',
  totals: 'the totals',
  exported: 'the exported products',
};

function unfinishedOf({ imports }) {
  return imports
    .filter(({ status }) => status !== 'completed')
    .map(({ file_name: name, status }) => `${name} is ${status}`)
    .join(', ');
}

function checkEvents({ calls, waiting, ids }, tally) {
  const events = calls.filter(({ type }) => type === 'import.completed');
  const bodies = distinct(events, ({ id }) => id, ({ digest }) => digest);
  const messages = distinct(events, ({ import: id }) => id, ({ id }) => id);
  const check = (sentence, wrong) => tally.check(sentence, wrong.length === 0, `not ${wrong.slice(0, 3).join(', ')}`);
  check('the end of each import is told', ids.filter((id) => !messages.has(id)));
  check('each with one event id', several(messages));
  check('and that with one body', several(bodies));
  check('nothing is told to have failed', calls.filter(({ type }) => type === 'import.failed').map(({ import: id }) => id));
  tally.check('no delivery waits any more', waiting === 0, `${waiting} do`);
}

function distinct(items, key, value) {
  const found = new Map();
  for (const item of items) found.set(key(item), (found.get(key(item)) ?? new Set()).add(value(item)));
  return found;
}

function several(found) {
  return [...found].filter(([, all]) => all.size !== 1).map(([name]) => name);
}

function checkWatchers({ streams, watchers }, { isSeparate }, tally) {
  const open = streams.filter(({ status }) => status !== 'completed').map(({ node, id, status }) => `${id} at ${node}: ${status}`);
  tally.check(`all ${streams.length} streams of events have ended with the last state`, open.length === 0, open.slice(0, 3).join(', '));
  for (const { node, what, seconds } of watchers.waits) {
    const kind = what.startsWith('page') ? 'page' : 'stream';
    const longest = `${seconds.toFixed(1)} s, ${what}`;
    tally.check(`no ${kind} of ${node} hung for ${HANGS_AFTER} s while it was there (longest: ${longest})`, seconds <= HANGS_AFTER);
  }
  const refused = watchers.refused.map(({ node, what, answer }) => `${what} at ${node}: ${answer}`);
  tally.check(`nothing but PostgreSQL's restarts made a node that was there refuse (${watchers.pages} pages)`, refused.length === 0, sample(refused));
  if (!isSeparate) console.log('▸ The nodes had one address, and no network was cut');
}

function sample(list) {
  return `${list.length}, such as ${list.slice(0, 3).join(', ')}`;
}

function tableOf({ strikes }) {
  const seconds = (value) => (value === null ? '–' : value.toFixed(1));
  const rows = strikes.map(({ name, at, lasted, wentOn, struck }) => [name, seconds(at), seconds(lasted), seconds(wentOn), seconds(struck)]);
  const head = ['fault', 'at (s)', 'lasted (s)', 'work went on after (s)', 'all that was struck went on after (s)'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
