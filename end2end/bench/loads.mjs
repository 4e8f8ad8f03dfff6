/**
 * Requests at a steady pace, from a thread of their own: as many people and programs as a shop has, who do not wait for each other.
 * Each request has its moment, from which its time counts: whatever makes it late is part of what somebody waits for.
 */

import { figuresOf } from './statistics.mjs';
import { Thread } from './threads.mjs';

/**
 * Begins to ask. `streams` are `{ name, every, paths, method, headers, body, expected }`: one request each `every` milliseconds, to one path after
 * the other; `{n}` in the body becomes the number of the request.
 */
export function startLoad(port, streams) {
  return new Load(new Thread('./loading.mjs', { port, streams }));
}

class Load {
  #thread;

  constructor(thread) {
    this.#thread = thread;
  }

  /**
   * What has been answered since the last time, by name of the stream: `{ times, count, p50, p95, p99, slowest, worst, wrong, examples }`, where
   * `worst` is the slowest as `{ time, path }`.
   */
  async figures() {
    const taken = await this.#thread.ask('take');
    const streams = Object.entries(taken).map(([name, stream]) => [name, { ...figuresOf(stream.times), ...stream }]);
    return Object.fromEntries(streams);
  }

  /** The same for the last time, when all that was asked has been answered. */
  async stop() {
    await this.#thread.ask('stop');
    const figures = await this.figures();
    await this.#thread.stop();
    return figures;
  }
}

/** Requests that were not answered as they should be, of all streams: how many, and a few of them. */
export function wrongOf(figures) {
  const all = Object.values(figures);
  return { wrong: all.reduce((sum, { wrong }) => sum + wrong, 0), examples: all.flatMap(({ examples }) => examples).slice(0, 3) };
}
