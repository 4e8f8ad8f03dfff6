/** Everything that several nodes need, and those who use them: set up, given to a run, and judged at its end. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';
import { addWebhook } from './hooks.mjs';
import { Watchers } from './nodes-clients.mjs';
import { writeWave } from './nodes-files.mjs';
import { Node } from './nodes-node.mjs';
import { signsOfWork } from './nodes-state.mjs';
import { signIn } from './sign-in.mjs';
import { addUser, install } from './stockroom.mjs';

export const EMAIL = 'ana@example.com';
export const PASSWORD = 'correct-horse-battery-staple-42';
export const ROLES = { web1: 'web', web2: 'web', worker1: 'worker', worker2: 'worker' };

const AT_WORK = ['pending', 'processing'];
const LOOK_EVERY = 100;
const PATIENCE = 600_000;
/** After the database was away, answers may still say so for a moment: milliseconds. */
const AFTERWARDS = 10_000;
const UPLOAD_AGAIN = 250;
/** What a worker says that finds another one at its import, or its scratch gone. */
const REFUSED = /another worker has taken the import over|background work failed.*relation "import_\d+_\d+_\w+" does not exist/g;

/** What all nodes of one database have in their environment. */
export function sharedEnvironment(store, prefix, range) {
  return {
    ...store.env(prefix),
    STOCKROOM_SECRET_KEY: randomBytes(32).toString('base64'),
    STOCKROOM_WEBHOOK_ALLOW_HTTP: 'true',
    STOCKROOM_WEBHOOK_ALLOW_NETS: range,
  };
}

/** Nodes on a fresh database, all of them started with this program: `{ database, site, nodes }`. */
export async function startNodes({ engine, settings, store, network }, name, roles, binary) {
  const database = await engine.make(name);
  const shared = sharedEnvironment(store, name, network.range);
  const site = await install(binary, database, `${settings.directory}/${name}`, shared);
  const { env, key, directory } = site;
  const node = ([one, role]) => new Node({ name: one, role, machine: network.machines[one], env, binary, key, directory });
  const nodes = Object.entries(roles).map(node);
  // All at once, as when a machine comes up.
  await Promise.all(nodes.map((one) => one.start()));
  return { database, site, nodes };
}

export class Stage {
  /** Waves of files so far. */
  waves = 0;
  began = now();
  /** Why uploads had to be sent again. */
  repeats = [];
  #troubles = [];
  #wave = Promise.resolve();

  /** `parts`: `{ engine, settings, store, network, receivers }`, and what `startNodes` gives. */
  constructor(parts) {
    Object.assign(this, parts);
    this.webs = this.nodes.filter((node) => node.serves);
    this.frozen = this.settings.frozen;
    this.random = this.settings.random;
  }

  /** Signs somebody in at each node that serves, and begins to watch. */
  async open() {
    await addUser(this.site, EMAIL, PASSWORD);
    const browsers = await Promise.all(this.webs.map((node) => signIn(node.site, EMAIL, PASSWORD)));
    this.watchers = new Watchers(this.webs, browsers, (from, to) => this.#isTroubled(from, to));
    const events = ['import.completed', 'import.failed'];
    this.webhook = await addWebhook(this.webs[0].client, { url: this.receivers.urls[0], events });
  }

  /** Waits until an import is worked on, and begins the next wave when none waits any more. */
  async busy() {
    for (const deadline = now() + PATIENCE; now() < deadline; await delay(LOOK_EVERY)) {
      this.#checkAlive();
      const all = [...(await signsOfWork(this.database)).values()].map(({ status }) => status);
      if (all.includes('processing')) return;
      if (!all.includes('pending')) await this.nextWave();
    }
    throw new Error('No import has been begun for minutes.');
  }

  /** Uploads the files of one wave, all at once, to the nodes that serve in turn; returns when all are accepted. */
  async nextWave() {
    await this.waveOver();
    const { imports, rows, directory } = this.settings;
    const files = writeWave(directory, { wave: this.waves, imports, rows });
    this.waves += 1;
    this.watchers.turnPage();
    const uploads = files.map((file, place) => this.#upload(this.webs[place % this.webs.length], file));
    this.#wave = Promise.all(uploads);
    await this.#wave;
  }

  /** Waits until all imports so far are over. */
  async waveOver() {
    await this.#wave;
    for (const deadline = now() + PATIENCE; now() < deadline; await delay(LOOK_EVERY)) {
      this.#checkAlive();
      const signs = await signsOfWork(this.database).catch(() => null);
      if (signs && ![...signs.values()].some(({ status }) => AT_WORK.includes(status))) return;
    }
    throw new Error(`Imports stand still: ${JSON.stringify([...(await signsOfWork(this.database))])}`);
  }

  /** Something that every node suffers from. */
  async trouble(happen) {
    const trouble = { from: now(), to: Infinity };
    this.#troubles.push(trouble);
    await happen();
    trouble.to = now() + AFTERWARDS;
  }

  /** How often a worker was refused because another one had taken its import over. */
  refusals() {
    const logs = this.nodes.map(({ site }) => readFileSync(join(site.directory, 'server.log'), 'utf8'));
    return logs.flatMap((log) => log.match(REFUSED) ?? []).length;
  }

  #isTroubled(from, to) {
    return this.#troubles.some((trouble) => trouble.from < to && trouble.to > from);
  }

  /** As a program does that wants its file to be taken: again and again, with the same key. */
  async #upload(node, file) {
    const key = { 'idempotency-key': file };
    for (const deadline = now() + PATIENCE; ; await delay(UPLOAD_AGAIN)) {
      try {
        const { jobId } = await node.client.upload('/api/v1/imports', file, key);
        return this.watchers.watch(jobId);
      } catch (error) {
        this.repeats.push(error.message);
        const isFinal = error.status < 500 && error.status !== 409;
        if (isFinal || now() > deadline) throw error;
      }
    }
  }

  #checkAlive() {
    const dead = this.nodes.find((node) => node.hasDied());
    if (dead) throw new Error(`${dead.name} ended by itself, with ${dead.server.child.exitCode}.`);
  }
}
