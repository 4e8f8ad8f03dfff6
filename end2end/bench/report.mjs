/** The results as Markdown, each beside what it should be. */

import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

import { READ_TARGET, WRITE_TARGET } from './beside.mjs';
import { PASSES } from './passes.mjs';
import { spread } from './statistics.mjs';
import { CONNECTIONS } from './throughput.mjs';

/** Seconds of Stockroom over seconds of the floor with the same columns and indexes, at most. */
const RATIO_TARGETS = {
  sqlite: { empty: 1.6, same: 2.0, repriced: 1.8 },
  postgres: { empty: 1.6, same: 1.0, repriced: 1.8 },
};
const MEMORY_TARGET = 200;
const PAGE_TARGET = 100;
/** Seconds for half a million products. */
const CAUGHT_UP_TARGET = 30;
const SCALE_TARGET = 4.4;
const ANSWER_TARGET = 1;
/** What a receiver that hangs may add for the others: milliseconds. */
const HANGING_TARGET = 50;
/** An import of which webhooks are told, over one of which nobody is. */
const HOOKED_TARGET = 1.1;
/** Changes that fit into one call, and calls beside those. */
const BATCH = 500;
const FURTHER_CALLS = 10;
const TITLES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

export function machine() {
  const [{ model }, ...others] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${others.length + 1} × ${model.trim()}, ${memory}; SQLite ${version('sqlite3')}, PostgreSQL ${version('psql')}; Node ${process.version}`;
}

/** The first number in what a program says of itself. */
function version(program) {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).match(/\d+(\.\d+)+/)[0];
  } catch {
    return 'not found';
  }
}

export function report(results) {
  const { rows, bytes, runs, databases } = results;
  const found = (part) => Object.entries(databases).filter(([, result]) => result[part]);
  const size = `${grouped(rows)} rows, ${(bytes / 1e6).toFixed(0)} MB, ${grouped(results.distinct)} products`;
  const heading = `${size}; ${runs} rounds; floor of SQLite with a page cache of ${results.sqliteCache} MB.\n\n${results.machine}`;
  const parts = [
    section('Import: seconds, median (min–max)', RATIO_HEAD, found('rounds').flatMap(ratioRows)),
    section('Import: the rest', IMPORT_HEAD, found('rounds').flatMap(importRows)),
    section('Check before change, undo after', CHANGES_HEAD, found('checks').flatMap(checkRows)),
    section('Everything at once', CHANGES_HEAD, found('changes').flatMap(changesRows)),
    section(`Pages of ${grouped(results.distinct)} products: milliseconds`, PAGE_HEAD, found('pages').flatMap(pageRows)),
    section('Four times the rows', SCALE_HEAD, found('scale').flatMap(scaleRows)),
    section('Beside an import', CHANGES_HEAD, found('beside').flatMap(besideRows)),
    section(`Pages a second, ${CONNECTIONS} at a time`, THROUGHPUT_HEAD, found('throughput').flatMap(throughputRows)),
    section('What the server is at work on then', PROFILE_HEAD, found('throughput').flatMap(profileRows)),
    section('Webhooks', WEBHOOK_HEAD, found('webhooks').flatMap(webhookRows)),
  ];
  return [heading, ...parts.filter(Boolean)].join('\n\n');
}

const RATIO_HEAD = ['Database', 'Pass', 'Floor', 'Stockroom', 'Ratio', 'At most', '', 'Floor, key indexes only', 'Ratio'];

function ratioRows([kind, { rounds }]) {
  return PASSES.map(({ name, title }) => {
    const floor = secondsOf(rounds.floor, name);
    const stockroom = secondsOf(rounds.stockroom, name);
    const keys = rounds.keysOnly ? secondsOf([rounds.keysOnly.passes], name) : null;
    const ratio = over(stockroom, floor);
    const target = RATIO_TARGETS[kind][name];
    const judged = [times(ratio), times(target), verdict(ratio, target)];
    return [TITLES[kind], title, range(floor), range(stockroom), ...judged, range(keys), times(over(stockroom, keys))];
  });
}

const IMPORT_HEAD = [
  'Database', 'Pass', 'Rows per second', '202 after last byte', `At most ${ANSWER_TARGET} s`, 'Peak memory', `At most ${MEMORY_TARGET} MB`,
];

function importRows([kind, { rounds }]) {
  if (rounds.stockroom.length === 0) return [];
  return PASSES.map(({ name, title }) => {
    const passes = rounds.stockroom.map((round) => round[name]);
    const rate = passes[0].job.total / secondsOf(rounds.stockroom, name).median;
    const answered = Math.max(...passes.map((pass) => pass.answered));
    const peak = Math.max(...passes.map((pass) => (name === PASSES.at(-1).name ? pass.highWater : pass.peak)));
    const judged = [`${answered.toFixed(3)} s`, verdict(answered, ANSWER_TARGET), megabytes(peak), verdict(peak, MEMORY_TARGET)];
    return [TITLES[kind], title, grouped(Math.round(rate)), ...judged];
  });
}

const CHANGES_HEAD = ['Database', 'What', 'Measured', 'At most', ''];

function checkRows([kind, { checks }]) {
  const { floor, repriced, check, apply, undo, redo, pages, peak, expected } = checks;
  const row = (what, measured, limit = '', fits = true) => [TITLES[kind], what, measured, limit, fits ? '✓' : '✗'];
  const { created, updated, unchanged, failed } = expected;
  const counts = `${grouped(created)} added, ${grouped(updated)} changed, ${grouped(unchanged)} unchanged, ${grouped(failed)} with problems`;
  const over = (seconds, floor) => `${seconds.toFixed(2)} s, ${times(seconds / floor)} the floor of ${floor.toFixed(2)} s`;
  return [
    row('counted again from file and table', counts),
    row('check, from the last byte on', over(check, floor), '1.00 ×', check <= floor),
    row(`${pages.count} pages of its changes, p95`, `${pages.p95.toFixed(1)} ms (slowest ${pages.slowest.toFixed(1)})`, '200 ms', pages.slowest <= 200),
    row('application', `${apply.toFixed(2)} s`),
    row('undo, against every price changed', over(undo, repriced), '2.00 ×', undo <= 2 * repriced),
    row('undo of the undo', `${redo.toFixed(2)} s`),
    row('memory of all', megabytes(peak), `${MEMORY_TARGET} MB`, peak <= MEMORY_TARGET),
  ];
}

function changesRows([kind, { changes }]) {
  const { floor, deletion, undo, peak, others, exports } = changes;
  const row = (what, measured, limit, fits) => [TITLES[kind], what, measured, limit, fits ? '✓' : '✗'];
  const ratio = deletion / floor;
  const rate = exports.csv.rows / exports.csv.seconds;
  const memory = Math.max(exports.csv.peak, exports.xlsx.peak);
  return [
    row('deletion by a filter', `${deletion.toFixed(2)} s, ${times(ratio)} the floor of ${floor.toFixed(2)} s`, '1.00 ×', ratio <= 1),
    row('undo of it', `${undo.toFixed(2)} s, ${times(undo / floor)}`, '', true),
    row('memory of both', megabytes(peak), `${MEMORY_TARGET} MB`, peak <= MEMORY_TARGET),
    row(`${others.writes} writes beside it, p99`, `${others.p99.toFixed(0)} ms (p50 ${others.p50.toFixed(0)}, slowest ${others.slowest.toFixed(0)})`, '500 ms', others.p99 <= 500),
    row('CSV export', `${grouped(Math.round(rate))} rows/s`, '200,000 rows/s at least', rate >= 200_000),
    row('Excel export', `${exports.xlsx.seconds.toFixed(2)} s`, '', true),
    row('memory of exports', megabytes(memory), `${MEMORY_TARGET} MB`, memory <= MEMORY_TARGET),
  ];
}

const PAGE_HEAD = ['Database', 'Page', 'p50', 'p95', `p95 at most ${PAGE_TARGET}`];

function pageRows([kind, { pages: { caughtUp, pages } }]) {
  const waited = [TITLES[kind], 'search sees all products, seconds after the import', '', caughtUp.toFixed(1), verdict(caughtUp, CAUGHT_UP_TARGET)];
  return [waited, ...pages.map(({ what, p50, p95 }) => [TITLES[kind], what, p50.toFixed(1), p95.toFixed(1), verdict(p95, PAGE_TARGET)])];
}

const SCALE_HEAD = ['Database', 'Rows', 'Seconds', 'Memory', '', 'Ratio of times', `At most ${SCALE_TARGET}`];

function scaleRows([kind, { scale }]) {
  const { small, large, ratio } = scale;
  const memory = (size) => [megabytes(size.memory), verdict(size.memory, MEMORY_TARGET)];
  const row = (size) => [TITLES[kind], grouped(size.rows), size.seconds.toFixed(2), ...memory(size)];
  return [[...row(small), '', ''], [...row(large), times(ratio), verdict(ratio, SCALE_TARGET)]];
}

function besideRows([kind, { beside }]) {
  const row = (what, measured, limit, fits) => [TITLES[kind], what, measured, limit, fits ? '✓' : '✗'];
  const latency = ({ p50, p99, slowest }) => `${p99.toFixed(0)} ms (p50 ${p50.toFixed(0)}, slowest ${slowest.toFixed(0)})`;
  return beside.flatMap(({ name, seconds, reads, writes, wrong, locked }) => {
    const { title } = PASSES.find((pass) => pass.name === name);
    return [
      row(`${title}, in ${seconds.toFixed(1)} s: ${reads.count} reads, p99`, latency(reads), `${READ_TARGET} ms`, reads.p99 <= READ_TARGET),
      row(`${writes.what}, p99`, latency(writes), `${WRITE_TARGET} ms`, writes.p99 <= WRITE_TARGET),
      row('wrong answers, and “database is locked”', `${wrong}, ${locked}`, '0', wrong === 0 && locked === 0),
    ];
  });
}

const THROUGHPUT_HEAD = [
  'Database', 'Page', 'A second', 'Floor of its statement', 'Ratio', 'p50', 'p99', 'Size', 'Processors: server', 'database', 'asking',
];

function throughputRows([kind, { throughput }]) {
  return throughput.map(({ what, rate, floor, p50, p99, size, shares }) => {
    const rates = [grouped(Math.round(rate)), grouped(Math.round(floor)), times(rate / floor)];
    const milliseconds = [p50, p99].map((time) => `${time.toFixed(1)} ms`);
    const used = [shares.server, shares.database, shares.asking].map((share) => share.toFixed(2));
    return [TITLES[kind], what, ...rates, ...milliseconds, `${(size / 1000).toFixed(0)} kB`, ...used];
  });
}

const PROFILE_HEAD = ['Database', 'Page', 'Part', 'Share', 'Most often'];

function profileRows([kind, { throughput }]) {
  return throughput.flatMap(({ what, profile }) =>
    (profile ?? []).map(({ part, share, most }) => [TITLES[kind], what, part, `${(100 * share).toFixed(1)} %`, most.join(', ').replaceAll('|', '\\|')]),
  );
}

const WEBHOOK_HEAD = ['Database', 'What', 'Measured', 'At most', ''];

function webhookRows([kind, { webhooks: { flood, pace, imports } }]) {
  const row = (what, measured, limit = '', fits = true) => [TITLES[kind], what, measured, limit, fits ? '✓' : '✗'];
  const latency = ({ p50, p95, p99 }) => `${p95.toFixed(0)} ms (p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)})`;
  const told = `${grouped(flood.products)} products to ${flood.receivers} receivers`;
  const mostCalls = Math.ceil(imports.changes / BATCH) + FURTHER_CALLS;
  return [
    row(told, `${grouped(Math.round(flood.rate))} deliveries/s in ${flood.seconds.toFixed(1)} s; added in ${flood.adding.toFixed(1)} s`),
    row('from commit to receipt then, p95', latency(flood)),
    row(`missing of ${grouped(flood.deliveries)}`, `${flood.missing}`, '0', flood.missing === 0),
    row('calls that repeat one', `${flood.duplicates}`),
    row('logs that differ from what came', `${flood.differing} of ${flood.receivers}`, '0', flood.differing === 0),
    row(`from commit to receipt at ${grouped(pace.perSecond)} deliveries/s, p95`, latency(pace.alone)),
    row('the same beside a receiver that hangs, p95', latency(pace.beside)),
    row(`more because of it (${pace.hung} calls hung)`, `${Math.round(pace.more) || 0} ms`, `${HANGING_TARGET} ms`, pace.more <= HANGING_TARGET),
    row('missing at that pace', `${pace.missing}`, '0', pace.missing === 0),
    row('import with webhooks', `${range(imports.hooked)} s over ${range(imports.without)} s: ${times(imports.ratio)}`, times(HOOKED_TARGET), imports.ratio <= HOOKED_TARGET),
    row('calls for a summary', `${imports.summaryCalls}`, '1', imports.summaryCalls === 1),
    row(`calls for batches of ${grouped(imports.changes)} changes`, grouped(imports.batchCalls), grouped(mostCalls), imports.batchCalls <= mostCalls),
    row('last batch after the end of the import', `${imports.told.toFixed(1)} s`),
    row('changes that are not in them exactly once', `${imports.wrong}`, '0', imports.wrong === 0),
  ];
}

function section(title, head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function secondsOf(rounds, name) {
  return rounds.length === 0 ? null : spread(rounds.map((round) => round[name].seconds));
}

function over(one, other) {
  return one && other ? one.median / other.median : null;
}

function range(seconds) {
  if (!seconds) return '–';
  const { median, min, max } = seconds;
  return min === max ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

function times(ratio) {
  return ratio === null ? '–' : `${ratio.toFixed(2)} ×`;
}

function verdict(value, limit) {
  if (value === null) return '–';
  return value <= limit ? '✓' : '✗';
}

function megabytes(value) {
  return `${value.toFixed(0)} MB`;
}

function grouped(number) {
  return number.toLocaleString('en-GB');
}
