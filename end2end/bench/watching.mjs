/**
 * The thread of the clients that watch, started by `watchers.mjs`. They speak HTTP over bare sockets: ten thousand of anything richer would take
 * more of the machine than the server that is measured.
 */

import { connect } from 'node:net';
import { workerData } from 'node:worker_threads';

import { now } from './clock.mjs';
import { answerTo } from './threads.mjs';

const { port, key, path, first, count, isFaithful } = workerData;

const OVER = ['completed', 'failed', 'cancelled', 'undone'];
const END_OF_EVENT = '\n\n';
/** After a connection that was refused; otherwise a client that is cut off comes back at once, which is the worst that it can do. */
const REFUSED_AGAIN = 100;
/** One address may be said no to when all the others are served, so they are spread over several. */
const OF_ONE_ADDRESS = 500;

const REQUEST = [
  `GET ${path} HTTP/1.1`,
  `Host: 127.0.0.1:${port}`,
  `Authorization: Bearer ${key}`,
  'Accept: text/event-stream',
  'Connection: close',
  '\r\n',
].join('\r\n');

class Watcher {
  isOpen = false;
  events = 0;
  ended = 0;
  back = 0;
  faults = [];
  #came = 0;
  #rest = '';
  #status = null;
  #answered = () => {};

  constructor(number) {
    this.address = `127.0.0.${2 + Math.floor(number / OF_ONE_ADDRESS)}`;
  }

  /** Resolves when it has been answered, or will not be. */
  open() {
    [this.#came, this.#rest, this.#status] = [now(), '', null];
    const socket = connect({ host: '127.0.0.1', port, localAddress: this.address });
    let failure = null;
    socket.once('connect', () => socket.write(REQUEST));
    socket.on('data', (chunk) => this.#take(chunk.latin1Slice()));
    socket.on('error', (error) => (failure = error.code));
    socket.once('close', () => this.#close(failure));
    return new Promise((resolve) => (this.#answered = resolve));
  }

  #take(text) {
    const blocks = (this.#rest + text).split(END_OF_EVENT);
    this.#rest = blocks.pop();
    if (this.#status === null) this.#begin(blocks[0] ?? this.#rest);
    for (const block of blocks) this.#hear(block);
  }

  #begin(head) {
    const [, status] = head.match(/^HTTP\/1\.1 (\d+) /) ?? [];
    if (!status) return;
    this.#status = Number(status);
    this.isOpen = this.#status === 200;
    if (this.isOpen) this.back = now();
    else this.#fault(`answered ${status}`);
    this.#answered();
  }

  #hear(block) {
    if (!block.includes('event: progress')) return;
    this.events += 1;
    const [, status] = block.match(/"status":"(\w+)"/) ?? [];
    if (OVER.includes(status)) this.ended ||= now();
  }

  #close(failure) {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.#answered();
    if (this.ended) return;
    if (wasOpen) this.#fault(failure ?? 'cut off');
    else if (this.#status === null) this.#fault(failure ?? 'closed without an answer');
    if (isFaithful) setTimeout(() => this.open(), wasOpen ? 0 : REFUSED_AGAIN);
  }

  /** With the beginning of its attempt: that says which server it was that failed, however late it is noticed. */
  #fault(what) {
    this.faults.push({ at: this.#came, what });
  }
}

const watchers = Array.from({ length: count }, (_, number) => new Watcher(first + number));

answerTo({
  open: async (together) => {
    const waiting = watchers.values();
    const opener = async () => {
      for (const watcher of waiting) await watcher.open();
    };
    await Promise.all(Array.from({ length: together }, opener));
  },
  counts: () => {
    const counts = { open: 0, ended: 0, events: 0 };
    for (const { isOpen, ended, events } of watchers) {
      counts.open += isOpen;
      counts.ended += ended > 0;
      counts.events += events;
    }
    return counts;
  },
  results: () => ({
    ended: Float64Array.from(watchers.map(({ ended }) => ended).filter((at) => at > 0)),
    back: Float64Array.from(watchers, ({ back }) => back),
    faults: watchers.flatMap(({ faults }) => faults),
  }),
});
