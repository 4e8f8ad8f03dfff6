/** A shop to look at: a running server, somebody who may sign in, and what is in it. */

import { request } from '@playwright/test';

import { longFile, manyCatalogues, mixedFile, repetitiveFile, stock, unreadableFile } from './files.ts';
import { openCluster, type Cluster } from './postgres.ts';
import { Receiver } from './receiver.ts';
import { Rest } from './rest.ts';
import { Installation } from './stockroom.ts';

export const STAFF = { email: 'ana@shop.example', password: 'enamel-mug-blue' };

export type Session = Awaited<ReturnType<Awaited<ReturnType<typeof request.newContext>>['storageState']>>;

/**
 * - `busy`: the tests change it; - `empty`: nothing in it, ever; - `stocked`: products and imports of every outcome, only to be read;
 * - `postgres`: like `busy`, on the other database; - `crowded`: more catalogues than a list holds; - `unopened`: nobody has an account yet.
 */
export type Stock = 'busy' | 'empty' | 'stocked' | 'postgres' | 'crowded' | 'unopened';

/** Numbers of the imports in a stocked shop. */
export interface Outcomes {
  finished: number;
  withProblems: number;
  failed: number;
  cancelled: number;
}

/** Numbers of the webhooks in a stocked shop. */
export interface Hooks {
  working: number;
  failing: number;
  disabled: number;
}

export class Shop {
  /** What the server printed for whoever creates the first account. */
  announcement = '';
  /** Cookies of somebody who is signed in. */
  session?: Session;
  outcomes?: Outcomes;
  hooks?: Hooks;
  private receiver?: Receiver;
  private watched: number[] = [];

  private constructor(
    private readonly installation: Installation,
    readonly rest: Rest,
    private readonly cluster?: Cluster,
  ) {}

  static async open(stock: Stock): Promise<Shop> {
    const cluster = stock === 'postgres' ? await openCluster() : undefined;
    const installation = await Installation.prepare(cluster?.url);
    const key = installation.command(['api-key', 'create', 'end2end', '--role', 'admin']);
    const shop = new Shop(installation, new Rest(installation.address, key), cluster);
    try {
      await shop.begin(stock);
      return shop;
    } catch (error) {
      await shop.close();
      throw error;
    }
  }

  get address(): string {
    return this.installation.address;
  }

  /** All that the server has logged. */
  logged(): string {
    return this.installation.logged();
  }

  /** Begins an import that takes its time: its number. It is stopped by `calm`. */
  async beginLongImport(): Promise<number> {
    // Products that are there already would be done with too soon.
    const id = await this.rest.upload(longFile(600_000, `LONG-${this.watched.length + 1}`));
    this.watched.push(id);
    return id;
  }

  /** Lets the server stand still. */
  pause(): void {
    this.installation.signal('SIGSTOP');
  }

  /** Undoes what a test has done to the server. */
  async calm(): Promise<void> {
    this.installation.signal('SIGCONT');
    const last = this.watched.at(-1);
    if (last) await this.rest.cancel(last);
  }

  async close(): Promise<void> {
    await this.installation.remove();
    this.receiver?.close();
    this.cluster?.stop();
  }

  private async begin(stock: Stock): Promise<void> {
    if (stock === 'unopened') {
      this.announcement = await this.installation.serve(/\/setup\?token=/);
      return;
    }
    this.installation.command(['user', 'add', STAFF.email], `${STAFF.password}\n`);
    await this.installation.serve(/serves on/);
    this.session = await signIn(this.address);
    if (stock === 'crowded') await this.rest.import(manyCatalogues(), 'catalogs');
    if (stock !== 'stocked') return;
    this.receiver = await Receiver.open();
    this.hooks = await connect(this.rest, this.receiver);
    this.outcomes = await fill(this.rest);
  }
}

/** The cookies of a new session, by the form that people use. */
async function signIn(address: string): Promise<Session> {
  const browser = await request.newContext({ baseURL: address, extraHTTPHeaders: { origin: address } });
  const answer = await browser.post('/login', { form: STAFF });
  if (new URL(answer.url()).pathname !== '/') throw new Error(`Nobody can sign in: ${answer.status()} at ${answer.url()}`);
  const session = await browser.storageState();
  await browser.dispose();
  return session;
}

/** One webhook whose receiver accepts everything, one that refuses it, and one that is disabled. */
async function connect(rest: Rest, receiver: Receiver): Promise<Hooks> {
  const working = await rest.addWebhook(receiver.url, true);
  await rest.testWebhook(working, 'product.created');
  const failing = await rest.addWebhook(`${receiver.url}/refused`, true);
  const disabled = await rest.addWebhook(receiver.url, false);
  return { working, failing, disabled };
}

async function fill(rest: Rest): Promise<Outcomes> {
  const finished = await rest.import(stock());
  const withProblems = await rest.import(mixedFile('LAMP'));
  const failed = await rest.import(unreadableFile());
  const cancelled = await rest.upload(repetitiveFile(400_000));
  await rest.cancel(cancelled);
  return { finished, withProblems, failed, cancelled };
}
