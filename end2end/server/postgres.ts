/** A throw-away PostgreSQL for as long as a worker needs it. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '../bench/postgres.mjs';

export interface Cluster {
  url: string;
  stop(): void;
}

export async function openCluster(): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'stockroom-end2end-'));
  // PostgreSQL runs as another user where this one is root, and must be able to walk in.
  chmodSync(directory, 0o755);
  const server = await startPostgres(directory);
  const pid = Number(readFileSync(join(server.socket, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const kill = () => process.kill(pid, 'SIGQUIT');
  process.once('exit', kill);
  return {
    url: server.url('postgres'),
    stop: () => {
      process.removeListener('exit', kill);
      stop(server.bin, join(server.socket, 'data'));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function stop(bin: string, data: string): void {
  const owner = process.getuid?.() === 0 ? postgresUser() : {};
  execFileSync(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-w'], { ...owner, cwd: data, stdio: 'ignore' });
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
