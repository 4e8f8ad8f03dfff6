/**
 * Products that go on being added while the server goes away and comes back, by programs that do not give up.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { addProductSurely } from './writes.mjs';

const WRITERS = 4;
/** Milliseconds between two products of one writer: so many events that there is always something to break off. */
const WRITE_EVERY = 40;

/** Begins to add products. `check()` throws what has gone wrong; `stop()` gives the moment of each answer by SKU. */
export function keepCreating(client) {
  const committed = new Map();
  let isStopped = false;
  let failure = null;
  let number = 0;
  const write = async () => {
    while (!isStopped) {
      const { sku, at } = await addProductSurely(client, `EVENT-${(number += 1)}`);
      committed.set(sku, at);
      await delay(WRITE_EVERY);
    }
  };
  const writing = Promise.all(Array.from({ length: WRITERS }, write));
  writing.catch((error) => (failure = error));
  return {
    check: () => {
      if (failure) throw failure;
    },
    stop: async () => {
      isStopped = true;
      await writing;
      return committed;
    },
  };
}
