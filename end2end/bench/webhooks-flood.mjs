/**
 * Many products at once, told to many receivers. First the speed: from the first commit to the last receipt. Then the proof: every
 * product at every receiver, and every log with the messages that its receiver has.
 */

import { join } from 'node:path';

import { addWebhooks, drained, hasArrived, loggedMessages, PRODUCT_EVENTS, statisticsOf } from './hooks.mjs';
import { firstOnly, startReceivers, sumOf } from './receivers.mjs';
import { percentile } from './statistics.mjs';
import { withServer } from './stockroom.mjs';
import { addProducts } from './writes.mjs';

/** Programs that add products at the same time. */
const WRITERS = 4;
/** Nothing new for so long means that nothing more comes. */
const PATIENCE = 30_000;

/**
 * `{ products, receivers, deliveries, calls, missing, duplicates, differing, adding, seconds, rate, p50, p95, p99 }`: `adding` are the
 * seconds from the first answer to the last, and the latencies are milliseconds from a product's answer to its receipts.
 */
export async function measureFlood(engine, settings) {
  const { events: products, receivers: count } = settings;
  settings.say(`${engine.kind}: ${products} products told to ${count} receivers`);
  const database = await engine.make('webhooks_flood');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'webhooks-flood') };
  const receivers = await startReceivers(count);
  const measured = await withServer(place, async ({ client }) => {
    const ids = await addWebhooks(client, receivers.urls, { events: PRODUCT_EVENTS });
    const skus = Array.from({ length: products }, (_, number) => `FLOOD-${number}`);
    const added = await addProducts(client, skus, WRITERS);
    await receivers.until((counts) => sumOf(counts, 'distinct') >= products * count, PATIENCE);
    const waiting = await drained(client, ids, PATIENCE);
    const calls = await receivers.calls();
    if (waiting > 0) settings.say(`${engine.kind}: ${waiting} deliveries still wait`);
    return { ...figures(added, calls, count), differing: await differingLogs(client, ids, calls, products) };
  });
  await receivers.stop();
  await database.drop();
  return { products, receivers: count, ...measured };
}

function figures(added, calls, count) {
  const committed = new Map(added.map(({ sku, at }) => [sku, at]));
  const firsts = firstOnly(calls).filter(({ sku }) => committed.has(sku));
  const latencies = Float64Array.from(firsts, ({ sku, at }) => at - committed.get(sku));
  if (latencies.length === 0) throw new Error('No receiver was told of anything.');
  const first = added.reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
  const last = added.reduce((latest, { at }) => Math.max(latest, at), 0);
  const seconds = (firsts.at(-1).at - first) / 1000;
  const deliveries = added.length * count;
  return {
    deliveries,
    calls: calls.length,
    missing: deliveries - new Set(firsts.map(({ receiver, sku }) => `${receiver} ${sku}`)).size,
    duplicates: calls.length - firsts.length,
    adding: (last - first) / 1000,
    seconds,
    rate: firsts.length / seconds,
    ...Object.fromEntries([50, 95, 99].map((share) => [`p${share}`, percentile(latencies, share / 100)])),
  };
}

/** How many webhooks have a log that is not, message by message, what their receiver got. */
async function differingLogs(client, ids, calls, products) {
  let differing = 0;
  for (const [receiver, id] of ids.entries()) {
    const received = new Set(calls.filter((call) => call.receiver === receiver).map((call) => call.id));
    const logged = await loggedMessages(client, id);
    const isSame = logged.length === received.size && new Set(logged).size === received.size && logged.every((message) => received.has(message));
    if (!isSame || !hasArrived(await statisticsOf(client, id), products)) differing += 1;
  }
  return differing;
}
