/**
 * Those who look at imports all the time, at each node that serves: streams of events, which connect again as those of a browser do, and people
 * who load the pages of imports. They note how long a node that was there let them wait, and what it refused.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';

/** A browser waits a few seconds before it connects again; this one is in more of a hurry. */
const AGAIN_AFTER = 1_000;
const LOOK_EVERY = 250;
const PAGES_APART = 50;
/** Whoever has waited for so long gives up and loads the page again. */
const PATIENCE = 90_000;
const OVER = ['completed', 'failed', 'cancelled'];

export class Watchers {
  /** Each stream that was opened, or page that was loaded, and has kept somebody waiting the longest at its node. */
  waits = [];
  /** `{ node, what, at }`, each an answer that nobody should get. */
  refused = [];
  pages = 0;
  connections = 0;
  #streams = [];
  #isOver = false;
  #readers;
  #ids = [];

  /** `browsers` are clients that are signed in, one for each of the `nodes`; `isTroubled(from, to)` says when a refusal is no fault of theirs. */
  constructor(nodes, browsers, isTroubled) {
    this.nodes = nodes;
    this.isTroubled = isTroubled;
    this.#readers = nodes.map((node, place) => this.#read(node, browsers[place]));
  }

  /** Begins to watch an import, at every node. */
  watch(id) {
    this.#ids.push(id);
    for (const node of this.nodes) this.#streams.push(this.#follow(node, id));
  }

  /** Waits until all streams have ended: `[{ node, id, status }]`. Pages are loaded on. */
  ended() {
    return Promise.all(this.#streams);
  }

  async stop() {
    this.#isOver = true;
    await Promise.all(this.#readers);
  }

  /** Imports of an earlier wave are of no interest any more. */
  turnPage() {
    this.#ids = [];
  }

  async #follow(node, id) {
    for (;;) {
      const status = await this.#connect(node, id);
      if (status || this.#isOver) return { node: node.name, id, status };
      await delay(AGAIN_AFTER);
    }
  }

  /** One connection: gives the status of an import that is over, or nothing where the stream broke off. */
  async #connect(node, id) {
    const path = `/api/v1/imports/${id}/events`;
    const waiting = this.#waiting(node, `events of import ${id}`);
    this.connections += 1;
    try {
      const answer = await node.client.open('GET', path, { headers: { accept: 'text/event-stream' }, isAlone: true });
      waiting.heard();
      waiting.breakOff = () => answer.destroy();
      if (answer.statusCode !== 200) this.#refuse(node, `events of import ${id}`, `${answer.statusCode}`, waiting.from);
      return await lastStatus(answer, waiting.heard);
    } catch {
      return null;
    } finally {
      waiting.stop();
    }
  }

  async #read(node, browser) {
    for (let number = 0; !this.#isOver; number += 1) {
      await delay(PAGES_APART);
      const id = this.#ids[number % this.#ids.length];
      if (id === undefined) continue;
      const what = `page of import ${id}`;
      const waiting = this.#waiting(node, what);
      const found = await browser.send('GET', `/imports/${id}`).catch((error) => ({ status: error.code ?? error.message }));
      waiting.stop();
      if (found.status === 200) this.pages += 1;
      else this.#refuse(node, what, `${found.status}`, waiting.from);
    }
  }

  #refuse(node, what, answer, from) {
    const to = now();
    if (node.wasAway(from - AGAIN_AFTER, to) || this.isTroubled(from, to)) return;
    this.refused.push({ node: node.name, what, answer });
  }

  /** Notes how long a node lets somebody wait for the next byte. */
  #waiting(node, what) {
    const state = { from: now(), longest: 0, breakOff: () => {} };
    let heard = state.from;
    const look = () => (state.longest = Math.max(state.longest, node.presence(heard, now())));
    const timer = setInterval(() => {
      if (look() > PATIENCE) state.breakOff();
    }, LOOK_EVERY);
    state.heard = () => {
      look();
      heard = now();
    };
    state.stop = () => {
      look();
      clearInterval(timer);
      this.#note({ node: node.name, what, seconds: state.longest / 1000 });
    };
    return state;
  }

  #note(wait) {
    const kind = wait.what.split(' ')[0];
    const place = this.waits.findIndex(({ node, what }) => node === wait.node && what.startsWith(kind));
    if (place < 0) this.waits.push(wait);
    else if (this.waits[place].seconds < wait.seconds) this.waits[place] = wait;
  }
}

/** The status of the last event, if the import is over by then. */
async function lastStatus(answer, heard) {
  let text = '';
  let status = null;
  answer.setEncoding('utf8');
  for await (const piece of answer) {
    heard();
    text += piece;
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) status = statusOf(event) ?? status;
  }
  return OVER.includes(status) ? status : null;
}

function statusOf(event) {
  const data = event.split('\n').find((line) => line.startsWith('data:'));
  return data && JSON.parse(data.slice('data:'.length)).status;
}
