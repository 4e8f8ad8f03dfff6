/**
 * Clients that watch one import as it happens, as many as are wanted, in threads of their own.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { Thread } from './threads.mjs';

const LOOK_EVERY = 50;
/** Clients of one thread, and how many of them come at the same time unless all are to. */
const OF_ONE = 5_000;
const TOGETHER = 250;
/** File descriptors that this program needs besides the clients'. */
const OTHERS = 200;

/** So many clients for one path. Those who are faithful come back whenever they are cut off before the import is over. */
export function makeWatchers({ port, key, path, count, isFaithful = false }) {
  checkDescriptors(count);
  const threads = [];
  for (let first = 0; first < count; first += OF_ONE) {
    const workerData = { port, key, path, first, count: Math.min(OF_ONE, count - first), isFaithful };
    threads.push(new Thread('./watching.mjs', workerData));
  }
  return new Watchers(threads);
}

class Watchers {
  #threads;

  constructor(threads) {
    this.#threads = threads;
  }

  /** Lets all clients come, and waits until each has been answered or turned away once. */
  async open(together = TOGETHER) {
    await this.#ask('open', Math.ceil(together / this.#threads.length));
  }

  /** `{ open, ended, events }`: streams that are open, that have said that the import is over, and what has been told to all. */
  async counts() {
    const counts = await this.#ask('counts');
    const sum = (name) => counts.reduce((all, one) => all + one[name], 0);
    return { open: sum('open'), ended: sum('ended'), events: sum('events') };
  }

  /** Waits until `reached(counts)` holds; says whether it did in time. */
  async until(reached, patience) {
    const deadline = performance.now() + patience;
    while (!reached(await this.counts())) {
      if (performance.now() > deadline) return false;
      await delay(LOOK_EVERY);
    }
    return true;
  }

  /**
   * `{ ended, back, faults }`: by `now()`, when each client heard that the import is over, when each was answered last, and `{ at, what }` of
   * whatever went wrong, with the moment when that client had come.
   */
  async results() {
    const results = await this.#ask('results');
    return Object.fromEntries(['ended', 'back', 'faults'].map((name) => [name, results.flatMap((one) => [...one[name]])]));
  }

  async stop() {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #ask(question, given) {
    return Promise.all(this.#threads.map((thread) => thread.ask(question, given)));
  }
}

/** Said now, in words, and not by a connection that fails. The server has the same limit. */
function checkDescriptors(count) {
  const [, most] = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+(\d+)/m) ?? [];
  if (most && count + OTHERS > Number(most)) {
    throw new Error(`${count} clients need more than ${most} open files: raise the limit (\`ulimit -n\`), or ask for fewer.`);
  }
}
