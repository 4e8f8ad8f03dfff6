/** Connections that send half a header and wait. Every other one sends a letter more now and then, so that it does not seem idle. */

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';

const HALF = 'GET /products HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Unfinished: ';
const LETTER_EVERY = 4_000;
const TOGETHER = 200;

/**
 * Opens so many, some at a time. `until(patience)` waits until all are closed, `seconds()` is how long each lasted from its first byte on, or
 * Infinity, and `answers()` what came back.
 */
export async function openHalves(port, wanted) {
  const halves = Array.from({ length: wanted }, (_, number) => new Half(port, number % 2 === 1));
  const waiting = halves.values();
  const opener = async () => {
    for (const half of waiting) await half.open();
  };
  await Promise.all(Array.from({ length: TOGETHER }, opener));
  return {
    until: (patience) => Promise.race([Promise.all(halves.map(({ closed }) => closed)), delay(patience)]),
    seconds: () => halves.map((half) => (half.to - half.from) / 1000),
    answers: () => halves.map(({ answer }) => answer),
  };
}

class Half {
  from = Infinity;
  to = Infinity;
  answer = '';

  constructor(port, isTalkative) {
    this.port = port;
    this.isTalkative = isTalkative;
    this.closed = new Promise((resolve) => (this.close = resolve));
  }

  async open() {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    const talking = this.isTalkative && setInterval(() => socket.write('x'), LETTER_EVERY);
    socket.on('data', (chunk) => (this.answer += chunk.latin1Slice()));
    // One that is cut off has been closed, too.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(talking);
      this.to = now();
      this.close();
    });
    await new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
    this.from = now();
    socket.write(HALF);
  }
}
