/**
 * Fresh databases of both engines behind one shape, driven by the engines' own programs:
 * `{ kind, url, script(text), rows(sql), digest(sql), settle(), drop() }`.
 */

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { startPostgres } from './postgres.mjs';
import { run, start } from './processes.mjs';

export const KINDS = ['sqlite', 'postgres'];

/** What makes fresh databases of one kind: `make(name)`; `server` is the PostgreSQL that they are in, and `reach` says from where it can be reached. */
export async function openEngine(kind, directory, reach = {}) {
  if (kind === 'sqlite') return { kind, make: (name) => sqliteDatabase(directory, name) };
  const server = await startPostgres(directory, reach);
  return { kind, server, make: (name) => postgresDatabase(server, name) };
}

async function sqliteDatabase(directory, name) {
  const path = join(directory, `${name}.db`);
  const database = {
    kind: 'sqlite',
    url: `sqlite://${path}`,
    script: (text) => run('sqlite3', ['-batch', '-bail', path], { input: text }),
    rows: async (sql) => JSON.parse((await run('sqlite3', ['-batch', '-bail', '-json', path], { input: `.timeout 5000\n${sql};\n` })).stdout || '[]'),
    digest: (sql) => digestOf('sqlite3', ['-batch', '-bail', '-quote', path, `.timeout 5000`, sql]),
    settle: () => run('sqlite3', ['-batch', path], { input: '.timeout 5000\nPRAGMA wal_checkpoint(TRUNCATE);\n' }).then(flushDisks),
    drop: async () => ['', '-wal', '-shm'].forEach((part) => rmSync(path + part, { force: true })),
  };
  await database.script('PRAGMA journal_mode = WAL;\n');
  return database;
}

async function postgresDatabase(server, name) {
  const program = join(server.bin, 'psql');
  const psql = (database, text) => run(program, psqlArguments(server, database), { input: text });
  await psql('postgres', `CREATE DATABASE ${name};\n`);
  return {
    kind: 'postgres',
    url: server.url(name),
    script: (text) => psql(name, text),
    rows: async (sql) => JSON.parse((await psql(name, `SELECT coalesce(json_agg(found), '[]') FROM (${sql}) AS found;\n`)).stdout),
    digest: (sql) => digestOf(program, [...psqlArguments(server, name), '-c', `COPY (${sql}) TO STDOUT`]),
    settle: () => psql(name, 'CHECKPOINT;\n').then(flushDisks),
    drop: () => psql('postgres', `DROP DATABASE ${name} WITH (FORCE);\n`),
  };
}

function psqlArguments({ socket, port, user }, database) {
  return ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-p', String(port), '-U', user, '-d', database];
}

/** sha256 of what a program writes, which may be long. */
async function digestOf(program, args) {
  const child = start(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const hash = createHash('sha256');
  await pipeline(child.stdout, hash);
  const outcome = await child.ended;
  if (outcome !== 0) throw new Error(`${program} ended with ${outcome}.`);
  return hash.digest('hex');
}

/** What the last pass left to be written must not be paid for by the next one. */
function flushDisks() {
  return run('sync', []);
}
