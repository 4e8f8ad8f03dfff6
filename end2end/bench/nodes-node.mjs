/** One node: started, killed, frozen and cut off as a run wishes, with the times in which nobody can expect anything of it. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { now } from './clock.mjs';
import { atEnd } from './processes.mjs';
import { launch, whenReady } from './stockroom.mjs';

export class Node {
  /** `{ from, to }`, each while it was dead, frozen or cut off, and until it answered again. */
  #away = [];

  /** `machine` is of the network, `env` what all nodes have. */
  constructor({ name, role, machine, env, binary, key, directory }) {
    this.name = name;
    this.role = role;
    this.machine = machine;
    const own = { LEPTOS_SITE_ADDR: `${machine.host}:${machine.port}`, STOCKROOM_ROLE: role };
    const place = join(directory, name);
    mkdirSync(place, { recursive: true });
    this.site = { ...machine, binary, key, directory: place, env: { ...env, ...own, STOCKROOM_SCRATCH_DIR: join(place, 'scratch') } };
    // What is frozen does not hear that it should end.
    atEnd(async () => this.server?.child.kill('SIGCONT'));
  }

  get client() {
    return this.server.client;
  }

  get serves() {
    return this.role !== 'worker';
  }

  async start() {
    this.server = launch(this.site);
    await whenReady(this.server, this.site);
  }

  /** Kills it; `resume` starts it again. */
  async kill() {
    this.#leave();
    await this.server.kill();
  }

  /** Asks it to end, and gives `{ outcome, seconds }`. */
  async end() {
    this.#leave();
    const from = now();
    this.server.child.kill('SIGTERM');
    const outcome = await this.server.child.ended;
    await this.server.stop();
    return { outcome, seconds: (now() - from) / 1000 };
  }

  freeze() {
    this.#leave();
    this.server.child.kill('SIGSTOP');
  }

  async cut() {
    this.#leave();
    await this.machine.cut();
  }

  /** Starts it again, perhaps as another program, and waits until it answers. */
  async revive(binary = this.site.binary) {
    this.site.binary = binary;
    await this.start();
    this.#comeBack();
  }

  async thaw() {
    this.server.child.kill('SIGCONT');
    await whenReady(this.server, this.site);
    this.#comeBack();
  }

  async join() {
    await this.machine.join();
    await whenReady(this.server, this.site);
    this.#comeBack();
  }

  /** Whether it ended by itself. */
  hasDied() {
    return !this.isAway() && this.server.child.exitCode !== null;
  }

  isAway() {
    return this.#away.at(-1)?.to === Infinity;
  }

  /** Whether it was away at any time between the two. */
  wasAway(from, to) {
    return this.#away.some((one) => one.from < to && one.to > from);
  }

  /** Milliseconds between the two in which it was there. */
  presence(from, to) {
    const absent = this.#away.map((one) => Math.max(0, Math.min(one.to, to) - Math.max(one.from, from)));
    return absent.reduce((left, one) => left - one, to - from);
  }

  #leave() {
    this.#away.push({ from: now(), to: Infinity });
  }

  #comeBack() {
    this.#away.at(-1).to = now();
  }
}
