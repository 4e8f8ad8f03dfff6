/**
 * The floor of reading: how often in a second the engine's own program gets the answer to a statement, with as many programs or connections at
 * a time as the machine can use. What they print is thrown away.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { run, start } from './processes.mjs';

const TRIAL = 200;

/** Answers in a second. `connections` is how many PostgreSQL has at a time. */
export function readsPerSecond(engine, database, sql, { seconds, connections, directory }) {
  if (/\?|\$\d/.test(sql)) throw new Error(`The statement has values that are not in it: ${sql}`);
  return engine.kind === 'postgres'
    ? fromPostgres(engine.server, database, sql, { seconds, connections, directory })
    : fromSqlite(database, sql, seconds);
}

/** Each statement is prepared anew here, and once for all by Stockroom; so what that takes is taken off. */
async function fromSqlite(database, sql, seconds) {
  const trial = await secondsOf(database, sql, TRIAL);
  const times = Math.max(TRIAL, Math.round((seconds / trial) * TRIAL));
  const whole = await secondsOf(database, sql, times);
  const preparing = await secondsOf(database, sql.replace(/\bLIMIT \d+/, 'LIMIT 0'), times);
  return (times * availableParallelism()) / (whole - preparing);
}

/** Of so many programs at a time, each of which runs the statement so often. */
async function secondsOf(database, sql, times) {
  const script = `.timeout 5000\n${`${sql};\n`.repeat(times)}`;
  const started = performance.now();
  await Promise.all(Array.from({ length: availableParallelism() }, () => sqlite(database, script)));
  return (performance.now() - started) / 1000;
}

async function sqlite({ url }, script) {
  const child = start('sqlite3', ['-batch', '-bail', url.replace('sqlite://', '')], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(script);
  const outcome = await child.ended;
  if (outcome !== 0) throw new Error(`sqlite3 ended with ${outcome}.`);
}

/** By the program that comes with PostgreSQL for this purpose, with the settings that Stockroom's connections have. */
async function fromPostgres({ bin, socket, port, user }, { url }, sql, { seconds, connections, directory }) {
  const script = join(directory, 'floor-reads.sql');
  writeFileSync(script, `${sql};\n`);
  const place = ['-h', socket, '-p', String(port), '-U', user];
  const load = ['-n', '-M', 'prepared', '-c', String(connections), '-j', String(availableParallelism()), '-T', String(seconds), '-f', script];
  const env = { ...process.env, PGOPTIONS: '-c random_page_cost=1.1 -c jit=off' };
  const { stdout } = await run(join(bin, 'pgbench'), [...place, ...load, url.split('/').at(-1)], { env });
  return Number(stdout.match(/^tps = ([\d.]+)/m)[1]);
}
