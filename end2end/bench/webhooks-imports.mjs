/**
 * What an import costs when somebody wants to know of it: the reference file into an empty catalogue with nobody listening, and with
 * one webhook that wants the end alone and one that wants every change, in turn on fresh databases.
 */

import { join } from 'node:path';

import { addWebhook, drained, PRODUCT_EVENTS } from './hooks.mjs';
import { importPass } from './passes.mjs';
import { firstOnly, startReceivers } from './receivers.mjs';
import { isRepeat, skuOf } from './reference-rows.mjs';
import { spread } from './statistics.mjs';
import { withServer } from './stockroom.mjs';

const EVENTS = [...PRODUCT_EVENTS, 'import.completed'];
const PATIENCE = 60_000;
const [SUMMARY, BATCHES] = [0, 1];

/**
 * `{ without, hooked, ratio, told, changes, summaryCalls, batchCalls, wrong }`: seconds of the imports, seconds from the call that says
 * that an import is over to its last batch, calls of each webhook (the most of all rounds), and products that are not in the batches exactly once.
 */
export async function measureHookedImports(engine, settings) {
  const rounds = [];
  for (let round = 1; round <= settings.runs; round += 1) {
    settings.say(`${engine.kind}: round ${round}: import of ${settings.rows} rows without and with webhooks`);
    rounds.push({ without: await imported(engine, settings), hooked: await imported(engine, settings, { watched: true }) });
  }
  const without = spread(rounds.map((round) => round.without.seconds));
  const hooked = spread(rounds.map((round) => round.hooked.seconds));
  const most = (name) => Math.max(...rounds.map((round) => round.hooked[name]));
  const counts = Object.fromEntries(['told', 'summaryCalls', 'batchCalls', 'wrong'].map((name) => [name, most(name)]));
  return { without, hooked, ratio: hooked.median / without.median, changes: settings.files.plain.distinct, ...counts };
}

async function imported(engine, settings, { watched = false } = {}) {
  const file = settings.files.plain;
  const database = await engine.make('webhooks_import');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'webhooks-import') };
  const receivers = watched ? await startReceivers(2) : null;
  const measured = await withServer(place, async (server) => {
    const ids = receivers ? await addBoth(server.client, receivers) : [];
    const { seconds } = await importPass({ server, database, file, counter: 'created' });
    return { seconds, ...(receivers ? await toldOf(server.client, receivers, ids, file) : {}) };
  });
  await receivers?.stop();
  await database.drop();
  return measured;
}

async function addBoth(client, { urls }) {
  const summary = await addWebhook(client, { url: urls[SUMMARY], events: EVENTS, bulk: 'summary' });
  const batches = await addWebhook(client, { url: urls[BATCHES], events: EVENTS, bulk: 'batches' });
  return [summary, batches];
}

async function toldOf(client, receivers, ids, file) {
  const isAllThere = (counts) => counts[SUMMARY].distinct >= 1 && counts[BATCHES].items >= file.distinct;
  await receivers.until(isAllThere, PATIENCE);
  // Whatever is too much would come now.
  await drained(client, ids, PATIENCE);
  const calls = await receivers.calls();
  const of = (receiver) => calls.filter((call) => call.receiver === receiver);
  const completed = of(SUMMARY).find(({ type }) => type === 'import.completed');
  const last = firstOnly(of(BATCHES)).at(-1);
  return {
    told: Math.max(0, last?.at - completed?.at) / 1000,
    summaryCalls: of(SUMMARY).length,
    batchCalls: of(BATCHES).length,
    wrong: wrongProducts(firstOnly(of(BATCHES)), file),
  };
}

/** How many products of the file are not in the batches exactly once, and products in the batches that are not in the file. */
function wrongProducts(calls, { rows }) {
  const times = new Map();
  for (let row = 0; row < rows; row += 1) {
    if (!isRepeat(row)) times.set(skuOf(row).toLowerCase(), 0);
  }
  let strange = 0;
  for (const { sku } of calls.flatMap((call) => call.items ?? [])) {
    const name = sku.toLowerCase();
    if (times.has(name)) times.set(name, times.get(name) + 1);
    else strange += 1;
  }
  return strange + [...times.values()].filter((number) => number !== 1).length;
}
