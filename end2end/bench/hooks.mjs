/**
 * Webhooks, as the program that owns them sees them over the API: added, watched until nothing waits, and their logs read.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { sendJson } from './writes.mjs';

const LOOK_EVERY = 100;
const PAGE = 100;
/** As much as a receiver may ask for, so that it is the server that is measured. */
const SETTINGS = { bulk: 'summary', rate_per_second: 1_000, concurrency: 8, timeout_seconds: 15 };

export const PRODUCT_EVENTS = ['product.created', 'product.updated', 'product.deleted'];

/** Adds a webhook; gives its id. */
export async function addWebhook(client, wanted) {
  const { id } = await sendJson(client, 'POST', '/api/v1/webhooks', { ...SETTINGS, ...wanted }, { expected: 201 });
  return id;
}

/** One for each of these addresses; gives their ids in the same order. */
export async function addWebhooks(client, urls, wanted) {
  const ids = [];
  for (const url of urls) ids.push(await addWebhook(client, { ...wanted, url }));
  return ids;
}

/** Waits until nothing waits for these webhooks any more, as long as it gets less. Gives how many deliveries still wait. */
export async function drained(client, ids, patience) {
  let moved = performance.now();
  for (let before = Infinity; ; ) {
    const webhooks = await Promise.all(ids.map((id) => client.json(`/api/v1/webhooks/${id}`)));
    const waiting = webhooks.reduce((sum, webhook) => sum + webhook.waiting, 0);
    if (waiting < before) [before, moved] = [waiting, performance.now()];
    if (waiting === 0 || performance.now() - moved > patience) return waiting;
    await delay(LOOK_EVERY);
  }
}

/** `{ total, delivered, failed, waiting, held }`. */
export async function statisticsOf(client, id) {
  const { statistics } = await client.json(`/api/v1/webhooks/${id}/logs?size=1`);
  return statistics;
}

/** The message ids of a webhook's whole log, page by page. */
export async function loggedMessages(client, id) {
  const messages = [];
  for (let after = ''; after !== null; ) {
    const { items, next } = await client.json(`/api/v1/webhooks/${id}/logs?size=${PAGE}&after=${encodeURIComponent(after)}`);
    messages.push(...items.map((item) => item.message_id));
    after = next;
  }
  return messages;
}

/** Whether all that the log of a webhook speaks of has arrived, and is so many deliveries. */
export function hasArrived({ total, delivered, failed, waiting, held }, deliveries) {
  return total === deliveries && delivered === deliveries && failed === 0 && waiting === 0 && held === 0;
}
