/**
 * Changes at a steady pace, as a busy shop makes them: how long until the receivers know. Then the same with one more receiver that
 * takes every call and never answers; it may not make the others wait.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';
import { addWebhook, addWebhooks, drained, PRODUCT_EVENTS } from './hooks.mjs';
import { firstOnly, startReceivers } from './receivers.mjs';
import { percentile } from './statistics.mjs';
import { withServer } from './stockroom.mjs';
import { addProducts, renameProduct } from './writes.mjs';

/** Changes in a second. */
const PACE = 30;
/** They take turns, so that no two changes of one product are under way together. */
const PRODUCTS = 100;
const PATIENCE = 30_000;
/** As many calls at once as one webhook may have, and the usual time until each is given up. */
const HANGING = { concurrency: 50, timeout_seconds: 15 };

/** `{ perSecond, seconds, missing, hung, alone: { p50, p95, p99 }, beside: { p50, p95, p99 }, more }`: milliseconds; `hung` are calls that were never answered. */
export async function measurePace(engine, settings) {
  const { receivers: count, seconds } = settings;
  settings.say(`${engine.kind}: ${PACE} changes a second told to ${count} receivers for ${seconds} s, without and with another that hangs`);
  const database = await engine.make('webhooks_pace');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'webhooks-pace') };
  const receivers = await startReceivers(count + 1, { hanging: [count] });
  const [alone, beside] = await withServer(place, async ({ client }) => {
    const products = await addProducts(client, Array.from({ length: PRODUCTS }, (_, number) => `PACE-${number}`), 4);
    const ids = await addWebhooks(client, receivers.urls.slice(0, count), { events: PRODUCT_EVENTS });
    const run = () => paced({ client, products, receivers, ids, count, seconds });
    // The first calls also make connections, which is not what is asked for here.
    await paced({ client, products, receivers, ids, count, seconds: 2 });
    const without = await run();
    await addWebhook(client, { ...HANGING, url: receivers.urls[count], events: PRODUCT_EVENTS });
    return [without, await run()];
  });
  await receivers.stop();
  await database.drop();
  const perSecond = PACE * count;
  const missing = alone.missing + beside.missing;
  return { perSecond, seconds, missing, hung: beside.hung, alone: alone.times, beside: beside.times, more: beside.times.p95 - alone.times.p95 };
}

async function paced({ client, products, receivers, ids, count, seconds }) {
  await receivers.forget();
  const changes = await changeSteadily(client, products, seconds);
  const expected = changes.length;
  await receivers.until((counts) => counts.slice(0, count).every(({ distinct }) => distinct >= expected), PATIENCE);
  await drained(client, ids, PATIENCE);
  const calls = await receivers.calls();
  const answered = firstOnly(calls.filter(({ receiver }) => receiver < count));
  const committed = new Map(changes.map((change) => [nameOf(change), change.at]));
  const told = answered.filter((call) => committed.has(nameOf(call)));
  const latencies = told.map((call) => call.at - committed.get(nameOf(call)));
  if (latencies.length === 0) throw new Error('No receiver was told of anything.');
  const times = Object.fromEntries([50, 95, 99].map((share) => [`p${share}`, percentile(latencies, share / 100)]));
  return { times, missing: expected * count - told.length, hung: calls.filter(({ receiver }) => receiver === count).length };
}

/** Each change has its moment: one that is slow does not put off the next. */
async function changeSteadily(client, products, seconds) {
  const started = now();
  const changes = [];
  for (let number = 0; number < seconds * PACE; number += 1) {
    await delay(Math.max(0, started + (number * 1000) / PACE - now()));
    const change = renameProduct(client, products[number % products.length].id, `Changed at ${started} as number ${number}`);
    // It is looked at when all have been made.
    change.catch(() => {});
    changes.push(change);
  }
  return Promise.all(changes);
}

function nameOf({ sku, version }) {
  return `${sku} ${version}`;
}
