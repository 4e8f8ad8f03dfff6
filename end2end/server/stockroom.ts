/** The release binary as a process of its own: a fresh directory, a free port, and its end. */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { builtBinary } from '../bench/places.mjs';
import { freePort } from '../bench/ports.mjs';

const START_WITHIN = 30_000;
const STOP_WITHIN = 10_000;

/** Where one installation keeps everything. Without a database of its own it has SQLite. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'stockroom-end2end-'));
  private readonly environment: NodeJS.ProcessEnv;
  private child?: ChildProcess;

  private constructor(
    readonly address: string,
    databaseUrl?: string,
  ) {
    this.environment = {
      ...process.env,
      DATABASE_URL: databaseUrl ?? `sqlite://${join(this.directory, 'stockroom.db')}`,
      STORAGE_URL: `file://${join(this.directory, 'files')}`,
      // As much as an operator may ever ask for: no secret may be in it.
      RUST_LOG: 'debug,sqlx=warn,hyper=info,h2=info',
      STOCKROOM_SCRATCH_DIR: join(this.directory, 'scratch'),
      STOCKROOM_SECRET_KEY_FILE: join(this.directory, 'secret.key'),
      // The receivers of the tests are on this machine.
      STOCKROOM_WEBHOOK_ALLOW_HTTP: 'true',
      STOCKROOM_WEBHOOK_ALLOW_NETS: '127.0.0.1/32',
      STOCKROOM_SCHEDULE_ALLOW_HTTP: 'true',
      STOCKROOM_SCHEDULE_ALLOW_NETS: '127.0.0.1/32',
      LEPTOS_SITE_ADDR: address.replace('http://', ''),
    };
    process.once('exit', this.kill);
  }

  static async prepare(databaseUrl?: string): Promise<Installation> {
    return new Installation(`http://127.0.0.1:${await freePort()}`, databaseUrl);
  }

  /** Runs another command of the binary, as an administrator would: what it prints. */
  command(args: string[], input = ''): string {
    const options = { env: this.environment, cwd: this.directory, input, encoding: 'utf8' } as const;
    return execFileSync(builtBinary(), args, options).trim();
  }

  /** Starts the server and gives the line of its output that matches `awaited`. */
  async serve(awaited: RegExp): Promise<string> {
    const log = openSync(this.log, 'a');
    const options = { env: this.environment, cwd: this.directory };
    this.child = spawn(builtBinary(), ['serve'], { ...options, stdio: ['ignore', 'pipe', log] });
    return printed(this.child, awaited).catch((cause) => {
      throw new Error(`Stockroom did not start. ${cause.message} Its log ends:\n${this.logEnd()}`, { cause });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Asks the server to stop, waits until it has, and removes what it kept. */
  async remove(): Promise<void> {
    if (this.child && this.child.exitCode === null) await ended(this.child);
    process.removeListener('exit', this.kill);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Whatever ends this process, the server must not outlive it. */
  private readonly kill = () => {
    this.child?.kill('SIGKILL');
  };

  private get log(): string {
    return join(this.directory, 'server.log');
  }

  /** All that the server has logged. */
  logged(): string {
    return readFileSync(this.log, 'utf8');
  }

  private logEnd(): string {
    return this.logged().split('\n').slice(-15).join('\n');
  }
}

/** The first line on standard output that matches. The rest is read, too, so that the process never waits for a reader. */
function printed(child: ChildProcess, awaited: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => reject(new Error(`It printed nothing like ${awaited}.`)), START_WITHIN);
    const settle = (act: () => void) => {
      clearTimeout(impatience);
      act();
    };
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (awaited.test(line)) settle(() => resolve(line.trim()));
    });
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => reject(new Error(`It ended with ${code ?? signal}.`))));
  });
}

function ended(child: ChildProcess): Promise<void> {
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
