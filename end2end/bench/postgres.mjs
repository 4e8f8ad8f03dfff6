/**
 * A throw-away PostgreSQL with the settings of a small production machine: `fsync` stays on, because that is what is measured.
 */

import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { freePort } from './ports.mjs';
import { atEnd, run, start, stop } from './processes.mjs';

const USER = 'stockroom';
const DEBIAN = '/usr/lib/postgresql';
const LOCAL = '127.0.0.1';
const SETTINGS = { fsync: 'on', shared_buffers: '1GB', max_wal_size: '4GB' };
const START_WITHIN = 30_000;

/**
 * Starts a server below `directory`: `{ bin, port, socket, user, url(name), stop(signal), start() }`. It is stopped at the end of the run.
 * With `network` it also listens on `address`, for everybody in that network.
 */
export async function startPostgres(directory, { address = LOCAL, network, connections = 60 } = {}) {
  const bin = programs();
  const owner = unprivilegedUser();
  const data = ownDirectory(join(directory, 'postgres'), owner);
  const options = { ...owner, cwd: data };
  await run(join(bin, 'initdb'), ['-D', join(data, 'data'), '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], options);
  if (network) appendFileSync(join(data, 'data', 'pg_hba.conf'), `host all all ${network} trust\n`);
  const addresses = [...new Set([LOCAL, address])].join(',');
  const server = { bin, port: await freePort(), socket: data, user: USER, settings: { listen_addresses: addresses, max_connections: connections } };
  const log = join(directory, 'postgres.log');
  const said = openSync(log, 'a');
  let child;
  const begin = () => {
    child = start(join(bin, 'postgres'), serverArguments(server), { ...options, stdio: ['ignore', said, said] });
    return ready(server, child, log);
  };
  // It breaks off whoever is connected, as a restart of the machine does; SIGQUIT leaves it no time to write anything down.
  const end = (signal = 'SIGINT') => stop(child, signal);
  atEnd(() => end());
  await begin();
  return { ...server, url: (name) => `postgres://${USER}@${address}:${server.port}/${name}`, stop: end, start: begin };
}

/** The directory of `initdb` and `postgres`: as told, on the path, or where Debian keeps the newest. */
function programs() {
  const places = [process.env.STOCKROOM_PG_BIN, ...process.env.PATH.split(delimiter), ...debianDirectories()];
  const found = places.find((place) => place && existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')));
  if (!found) throw new Error('PostgreSQL is missing: install its server programs, or name their directory in STOCKROOM_PG_BIN.');
  // A path may lead to links to a few programs only; the others are where the links point to.
  return dirname(realpathSync(join(found, 'initdb')));
}

function debianDirectories() {
  if (!existsSync(DEBIAN)) return [];
  const versions = readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(DEBIAN, version, 'bin'));
}

/** PostgreSQL refuses to run as root; its package brings a user for it. */
function unprivilegedUser() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function ownDirectory(path, { uid, gid }) {
  mkdirSync(path, { recursive: true });
  if (uid !== undefined) chownSync(path, uid, gid);
  return path;
}

function serverArguments({ socket, port, settings: own }) {
  const settings = { ...SETTINGS, ...own, port, unix_socket_directories: socket };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', join(socket, 'data'), ...pairs];
}

async function ready(server, child, log) {
  const deadline = performance.now() + START_WITHIN;
  const question = ['-q', '-h', server.socket, '-p', String(server.port), '-U', USER, '-d', 'postgres'];
  while (!(await answers(join(server.bin, 'pg_isready'), question))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers(program, args) {
  return run(program, args).then(() => true, () => false);
}
