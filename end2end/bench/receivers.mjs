/**
 * Receivers of webhooks on this machine, in a thread of their own: whoever measures with them must not be kept busy by them.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { Thread } from './threads.mjs';

const LOOK_EVERY = 10;

/** Starts so many receivers. Those whose numbers are in `hanging` take a call and never answer it. */
export async function startReceivers(count, { hanging = [], host = '127.0.0.1' } = {}) {
  const thread = new Thread('./receiving.mjs', { count, hanging, host });
  return new Receivers(thread, await thread.ask('urls'));
}

class Receivers {
  #thread;

  constructor(thread, urls) {
    this.urls = urls;
    this.#thread = thread;
    this.stop = thread.stop;
  }

  /** For each receiver `{ calls, distinct, items, last }`: calls, message ids, changes in batches, and when the last new one came. */
  counts() {
    return this.#thread.ask('counts');
  }

  /** All calls, in the order in which they came: `{ receiver, id, at, type, digest, sku, version, items, import }`. */
  calls() {
    return this.#thread.ask('calls');
  }

  /** Begins anew. */
  forget() {
    return this.#thread.ask('forget');
  }

  /** Waits until `reached(counts)` holds, as long as something new comes within `patience` milliseconds. Says whether it did. */
  async until(reached, patience, check = () => {}) {
    let moved = performance.now();
    for (let before = -1; ; ) {
      check();
      const counts = await this.counts();
      if (reached(counts)) return true;
      const distinct = sumOf(counts, 'distinct');
      if (distinct !== before) moved = performance.now();
      if (performance.now() - moved > patience) return false;
      before = distinct;
      await delay(LOOK_EVERY);
    }
  }
}

/** One figure of all receivers together. */
export function sumOf(counts, name) {
  return counts.reduce((sum, one) => sum + one[name], 0);
}

/** The calls without those that repeat one: each message of each receiver as it came first. */
export function firstOnly(calls) {
  const met = new Set();
  return calls.filter(({ receiver, id }) => {
    const name = `${receiver} ${id}`;
    return !met.has(name) && met.add(name);
  });
}
