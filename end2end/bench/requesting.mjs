/**
 * The thread that asks for one page as fast as it is answered, over so many connections at a time; started by `throughput.mjs`. It reads of an
 * answer only where it ends: the less it does itself, the more of the machine is left to the server.
 */

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

import { now } from './clock.mjs';
import { answerTo } from './threads.mjs';

const { port, path, headers, connections } = workerData;

const REQUEST = Buffer.from(
  [`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '\r\n'].join('\r\n'),
);
const END_OF_HEAD = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** What has been answered since the last question. */
let times = [];
let bytes = 0;

class Asker {
  #socket = connect({ host: '127.0.0.1', port, noDelay: true });
  #asked = 0;
  #received = 0;
  /** How long the answer is with its head; 0 before its head has come, Infinity where chunks say it. */
  #length = 0;
  #tail = LAST_CHUNK;

  constructor() {
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.once('connect', () => this.#ask());
    this.#socket.once('close', () => {
      throw new Error(`The server has closed a connection amid the requests for ${path}.`);
    });
  }

  #ask() {
    [this.#received, this.#length, this.#asked] = [0, 0, now()];
    this.#socket.write(REQUEST);
  }

  #take(chunk) {
    if (this.#length === 0) this.#length = lengthOf(chunk.latin1Slice());
    this.#received += chunk.length;
    if (!(this.#length === Infinity ? this.#hasLastChunk(chunk) : this.#received >= this.#length)) return;
    times.push(now() - this.#asked);
    bytes += this.#received;
    this.#ask();
  }

  #hasLastChunk(chunk) {
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-LAST_CHUNK.length)]).subarray(-LAST_CHUNK.length);
    return this.#tail.equals(LAST_CHUNK);
  }
}

function lengthOf(text) {
  const head = text.slice(0, text.indexOf(END_OF_HEAD)).toLowerCase();
  if (!head.startsWith('http/1.1 200 ')) throw new Error(`GET ${path} answered ${text.slice(0, 300)}`);
  const [, length] = head.match(/^content-length: (\d+)/m) ?? [];
  return length === undefined ? Infinity : head.length + END_OF_HEAD.length + Number(length);
}

for (let number = 0; number < connections; number += 1) new Asker();

answerTo({
  /** `{ times, bytes, seconds, processor }` of the next so many seconds; `processor` are seconds, too: those of this whole program. */
  watch: async (seconds) => {
    [times, bytes] = [[], 0];
    const from = now();
    const used = process.cpuUsage();
    await delay(seconds * 1000);
    const { user, system } = process.cpuUsage(used);
    return { times, bytes, seconds: (now() - from) / 1000, processor: (user + system) / 1e6 };
  },
});
