/**
 * Follows a job across restarts of its server, and says how long after a restart the work went on: from the start of the
 * process to the second of two different states, or to the end of the job.
 */

import { setTimeout as delay } from 'node:timers/promises';

const POLL_EVERY = 20;
const OVER = ['completed', 'failed', 'cancelled'];

export class Resumption {
  #launched = performance.now();
  #first = null;
  /** Seconds from the restart to the first sign of work, once there is one. */
  seconds = null;
  /** Seconds from the restart to the next kill. */
  lived = null;

  constructor(server, jobId) {
    this.server = server;
    this.jobId = jobId;
  }

  /** Milliseconds since the process was started. */
  get age() {
    return performance.now() - this.#launched;
  }

  /** Kills the server. */
  async end() {
    await this.server.kill();
    this.lived = this.age / 1000;
  }

  /** The state of the job, or null while the server does not answer. */
  async look() {
    if (this.server.child.exitCode !== null) throw new Error(`The server ended by itself, with ${this.server.child.exitCode}.`);
    const job = await this.server.client.job(this.jobId).catch(() => null);
    if (job) this.#judge(job);
    return job;
  }

  /** Looks again and again until `reached(job)` holds or the job is over; gives the last state. */
  async until(reached, patience) {
    const deadline = performance.now() + patience;
    for (;;) {
      const job = await this.look();
      if (isOver(job) || reached(job)) return job;
      if (performance.now() > deadline) throw new Error(`The import stands still: ${JSON.stringify(job)}`);
      await delay(POLL_EVERY);
    }
  }

  #judge(job) {
    this.#first ??= signature(job);
    const moving = job.status === 'processing' && signature(job) !== this.#first;
    if (this.seconds === null && (moving || isOver(job))) this.seconds = this.age / 1000;
  }
}

export function isOver(job) {
  return OVER.includes(job?.status);
}

function signature({ status, phase, percent, read, processed }) {
  return JSON.stringify([status, phase, percent, read, processed]);
}
