/**
 * Fresh databases of both engines behind one shape, driven by the engines' own programs:
 * `{ kind, url, script(text), rows(sql), settle(), drop() }`.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { startPostgres } from './postgres.mjs';
import { run } from './processes.mjs';

export const KINDS = ['sqlite', 'postgres'];

/** What makes fresh databases of one kind: `make(name)`; `server` is the PostgreSQL that they are in. */
export async function openEngine(kind, directory) {
  if (kind === 'sqlite') return { kind, make: (name) => sqliteDatabase(directory, name) };
  const server = await startPostgres(directory);
  return { kind, server, make: (name) => postgresDatabase(server, name) };
}

async function sqliteDatabase(directory, name) {
  const path = join(directory, `${name}.db`);
  const database = {
    kind: 'sqlite',
    url: `sqlite://${path}`,
    script: (text) => run('sqlite3', ['-batch', '-bail', path], { input: text }),
    rows: async (sql) => JSON.parse((await run('sqlite3', ['-batch', '-bail', '-json', path], { input: `.timeout 5000\n${sql};\n` })).stdout || '[]'),
    settle: () => run('sqlite3', ['-batch', path], { input: '.timeout 5000\nPRAGMA wal_checkpoint(TRUNCATE);\n' }).then(flushDisks),
    drop: async () => ['', '-wal', '-shm'].forEach((part) => rmSync(path + part, { force: true })),
  };
  await database.script('PRAGMA journal_mode = WAL;\n');
  return database;
}

async function postgresDatabase(server, name) {
  const psql = (database, text) => run(join(server.bin, 'psql'), psqlArguments(server, database), { input: text });
  await psql('postgres', `CREATE DATABASE ${name};\n`);
  return {
    kind: 'postgres',
    url: server.url(name),
    script: (text) => psql(name, text),
    rows: async (sql) => JSON.parse((await psql(name, `SELECT coalesce(json_agg(found), '[]') FROM (${sql}) AS found;\n`)).stdout),
    settle: () => psql(name, 'CHECKPOINT;\n').then(flushDisks),
    drop: () => psql('postgres', `DROP DATABASE ${name} WITH (FORCE);\n`),
  };
}

function psqlArguments({ socket, port, user }, database) {
  return ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-p', String(port), '-U', user, '-d', database];
}

/** What the last pass left to be written must not be paid for by the next one. */
function flushDisks() {
  return run('sync', []);
}
