/**
 * Stockroom itself: the release binary on a fresh database, in a directory of its own, with an API key for the driver.
 */

import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from './client.mjs';
import { freePort } from './ports.mjs';
import { atEnd, run, start, stop } from './processes.mjs';

const START_WITHIN = 30_000;
const COLOURS = /\x1b\[\d+m/g;

/** Runs the migrations on a database, as an administrator would. */
export async function migrate(binary, database, directory) {
  await run(needed(binary), ['migrate', 'up'], { env: environment(database, directory) });
}

/** A migrated installation that is not served yet: `{ binary, directory, port, env, key }`. `more` goes into its environment. */
export async function install(binary, database, directory, more = {}) {
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const env = { ...environment(database, directory, port), ...more };
  await migrate(binary, database, directory);
  const { stdout } = await run(binary, ['api-key', 'create', 'bench', '--role', 'admin'], { env });
  return { binary, directory, port, env, key: stdout.trim() };
}

/** A fresh installation on a fresh database, given to `use(site, database)` and cleared away. */
export async function installed(engine, { binary, directory }, name, use) {
  const database = await engine.make(name);
  const site = await install(binary, database, join(directory, `${engine.kind}-${name}`));
  const result = await use(site, database);
  await database.drop();
  return result;
}

/** Another node on the same database, with the same key. */
export async function neighbourOf(site) {
  const port = await freePort();
  return { ...site, port, env: { ...site.env, LEPTOS_SITE_ADDR: `127.0.0.1:${port}` } };
}

/** Adds a member of staff who can sign in. */
export function addUser({ binary, env }, email, password) {
  return run(binary, ['user', 'add', email, '--role', 'admin'], { env, input: `${password}\n` });
}

/**
 * Starts the server and returns at once: `{ child, client, stop(), kill() }`. A site may have a `host` that is not this machine's own, and words
 * before the program that bring it there: `within`.
 */
export function launch(site) {
  const log = openSync(join(site.directory, 'server.log'), 'a');
  const [program, ...args] = [...(site.within ?? []), site.binary, 'serve'];
  const child = start(program, args, { env: site.env, cwd: site.directory, stdio: ['ignore', log, log] });
  const client = new Client(site.port, { authorization: `Bearer ${site.key}` }, { host: site.host });
  const forget = atEnd(() => stop(child));
  return {
    child,
    client,
    stop: () => forget().finally(() => client.close()),
    kill: () => killed(child, client, forget),
  };
}

/** Starts the server and waits until it says that it is ready. */
export async function serve(site) {
  const server = launch(site);
  await whenReady(server, site);
  return server;
}

export async function whenReady(server, site) {
  const deadline = performance.now() + START_WITHIN;
  while (!(await isReady(server.client))) {
    if (server.child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`Stockroom did not become ready. Its log ends:\n${logEnd(site)}`);
    }
    await delay(25);
  }
}

/** Installs, serves, gives the server to `use`, and clears everything away. */
export async function withServer({ binary, database, directory }, use) {
  const site = await install(binary, database, directory);
  const server = await serve(site);
  try {
    return await use(server, site);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All that the server has said so far. */
export function logOf({ directory }) {
  return readFileSync(join(directory, 'server.log'), 'utf8');
}

/** What the server has warned of since its log had so many characters, but for what was slow: on a busy machine it is. */
export function complaintsOf(site, from = 0) {
  const lines = logOf(site).slice(from).replaceAll(COLOURS, '').split('\n');
  return lines.filter((line) => /\b(ERROR|WARN)\b/.test(line) && !/slow (statement|threshold)/.test(line));
}

export function logEnd(site) {
  return logOf(site).split('\n').slice(-15).join('\n');
}

/** An error with what the server said last. */
export function explained(error, site) {
  return new Error(`${error.message}\nThe server's log ends:\n${logEnd(site)}`, { cause: error });
}

function environment(database, directory, port = 0) {
  return {
    ...process.env,
    DATABASE_URL: database.url,
    STORAGE_URL: `file://${join(directory, 'files')}`,
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    STOCKROOM_SECRET_KEY_FILE: join(directory, 'secret.key'),
    // Receivers of webhooks are on this machine, too.
    STOCKROOM_WEBHOOK_ALLOW_HTTP: 'true',
    STOCKROOM_WEBHOOK_ALLOW_NETS: '127.0.0.1/32',
  };
}

function needed(binary) {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run \`make build\` first, or name another with --binary.`);
  return binary;
}

async function killed(child, client, forget) {
  child.kill('SIGKILL');
  await child.ended;
  client.close();
  await forget();
}

function isReady(client) {
  return client.send('GET', '/health/ready').then(({ status }) => status === 200, () => false);
}
