/**
 * Receivers of webhooks on this machine, in a thread of their own: whoever measures with them must not be kept busy by them.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { atEnd } from './processes.mjs';

const LOOK_EVERY = 10;

/** Starts so many receivers. Those whose numbers are in `hanging` take a call and never answer it. */
export async function startReceivers(count, { hanging = [], host = '127.0.0.1' } = {}) {
  const worker = new Worker(new URL('./receiving.mjs', import.meta.url), { workerData: { count, hanging, host } });
  const { urls } = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return new Receivers(worker, urls);
}

class Receivers {
  #worker;
  #waiting = new Map();
  #tickets = 0;

  constructor(worker, urls) {
    this.urls = urls;
    this.#worker = worker;
    worker.on('message', ({ ticket, answer }) => this.#take(ticket).resolve(answer));
    worker.on('error', (error) => [...this.#waiting.keys()].forEach((ticket) => this.#take(ticket).reject(error)));
    this.stop = atEnd(() => worker.terminate());
  }

  /** For each receiver `{ calls, distinct, items, last }`: calls, message ids, changes in batches, and when the last new one came. */
  counts() {
    return this.#ask('counts');
  }

  /** All calls, in the order in which they came: `{ receiver, id, at, type, digest, sku, version, items, import }`. */
  calls() {
    return this.#ask('calls');
  }

  /** Begins anew. */
  forget() {
    return this.#ask('forget');
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

  #ask(question) {
    return new Promise((resolve, reject) => {
      this.#waiting.set((this.#tickets += 1), { resolve, reject });
      this.#worker.postMessage({ ticket: this.#tickets, question });
    });
  }

  #take(ticket) {
    const asked = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    return asked;
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
