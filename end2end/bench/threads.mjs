/** Threads of a run that answer questions: whoever measures must not be kept busy by what is measured, nor the other way round. */

import { parentPort, Worker } from 'node:worker_threads';

import { atEnd } from './processes.mjs';

/** A thread that runs `file`, which calls `answerTo` once it is ready; until then questions wait. It ends with the run at the latest. */
export class Thread {
  #worker;
  #waiting = new Map();
  #tickets = 0;
  #failure = null;

  constructor(file, workerData) {
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData });
    this.#worker.on('message', ({ ticket, answer }) => this.#take(ticket).resolve(answer));
    this.#worker.on('error', (error) => {
      this.#failure = error;
      [...this.#waiting.keys()].forEach((ticket) => this.#take(ticket).reject(error));
    });
    this.stop = atEnd(() => this.#worker.terminate());
  }

  ask(question, given) {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.set((this.#tickets += 1), { resolve, reject });
      this.#worker.postMessage({ ticket: this.#tickets, question, given });
    });
  }

  #take(ticket) {
    const asked = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    return asked;
  }
}

/** In the thread: each question has its name and a function that gives the answer, or a promise of it. */
export function answerTo(questions) {
  parentPort.on('message', async ({ ticket, question, given }) => {
    parentPort.postMessage({ ticket, answer: await questions[question](given) });
  });
}
