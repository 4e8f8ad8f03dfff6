/**
 * Webhooks of a server that is killed again and again: everybody must be told of every product that is there, and of nothing else.
 *
 *   node end2end/bench/kill-webhooks.mjs [--kills 50] [--databases sqlite,postgres] [--seed 1] [--binary PATH] [--restart-postgres]
 *     [--second-node]
 *
 * `--database` is `--databases` for one. With `--restart-postgres` the server is left alone, and PostgreSQL is stopped and started
 * again in its place, 5 times unless `--kills` says otherwise; the server must go on by itself. With `--second-node` two servers send on one
 * PostgreSQL, and now one and now the other is killed.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from './client.mjs';
import { now } from './clock.mjs';
import { keepCreating } from './creations.mjs';
import { KINDS, openEngine } from './databases.mjs';
import { addWebhooks, drained, hasArrived, statisticsOf } from './hooks.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { isLeaving, runMain } from './processes.mjs';
import { generator } from './random.mjs';
import { firstOnly, startReceivers, sumOf } from './receivers.mjs';
import { spread } from './statistics.mjs';
import { explained, install, launch, neighbourOf, serve } from './stockroom.mjs';
import { startStore } from './store.mjs';
import { Tally } from './tally.mjs';

const RECEIVERS = 3;
const HEAL_WITHIN = 10;
/** For something new to come after a restart: far beyond what it should need. */
const PATIENCE = 60_000;
/** At the end a delivery may be waiting for its third attempt, five minutes and a fifth after the second. */
const LAST_PATIENCE = 400_000;

/** Every fourth kill strikes before the server can have taken the webhooks of the one before over. */
const IN_RECOVERY_EVERY = 4;
const RECOVERY = 6_000;
/** The others strike amid what has piled up, or a little after it. */
const HEAP = 1_500;
const JITTER = 500;
/** Milliseconds for which PostgreSQL stays away, and for which it is left alone then. */
const AWAY = 5_000;
const LEFT_ALONE = 3_000;

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const kind of settings.databases) {
    const engine = await openEngine(kind, settings.directory);
    const summary = judge(kind, settings, await disturbedRun(engine, settings), tally);
    console.log(summary);
  }
  return tally.finish();
});

function readSettings() {
  const options = readOptions({ kills: '', seed: '1', database: '', 'restart-postgres': false, 'second-node': false });
  const restarts = options['restart-postgres'];
  const databases = options.database ? someOf('database', options.database, KINDS) : options.databases;
  return {
    binary: options.binary,
    restarts,
    hasSecond: options['second-node'],
    databases: restarts || options['second-node'] ? ['postgres'] : databases,
    kills: count('kills', options.kills || (restarts ? '5' : '50')),
    random: generator(count('seed', options.seed)),
    directory: scratchDirectory('kill-webhooks'),
  };
}

/** `{ committed, calls, waiting, statistics, skus, lives }`: what was answered, what came, what the server says, and what the table holds. */
async function disturbedRun(engine, settings) {
  const database = await engine.make('webhooks');
  // Several nodes need a store that all of them reach.
  const shared = settings.hasSecond ? (await startStore('127.0.0.1')).env('files') : {};
  const site = await install(settings.binary, database, join(settings.directory, engine.kind), shared);
  const receivers = await startReceivers(RECEIVERS);
  const stage = { engine, settings, site, receivers, server: await serve(site), lives: [] };
  if (settings.hasSecond) stage.second = await secondNode(site);
  const ids = await addWebhooks(stage.server.client, receivers.urls, { events: ['product.created'] });
  stage.writing = keepCreating(new Client(site.port, { authorization: `Bearer ${site.key}` }));
  try {
    await news(stage, HEAP);
    for (let number = 0; number < settings.kills; number += 1) {
      await (settings.restarts ? restartPostgres(stage) : killServer(stage, number));
      if (number % 10 === 9) console.error(`▸ ${engine.kind}: ${number + 1} of ${settings.kills}`);
    }
    await news(stage, HEAP);
    return { ...(await endState(stage, database, ids)), lives: stage.lives };
  } catch (error) {
    throw isLeaving() ? error : explained(error, site);
  } finally {
    await receivers.stop();
  }
}

async function secondNode(site) {
  const neighbour = await neighbourOf(site);
  return { site: neighbour, server: await serve(neighbour) };
}

/** Strikes at a moment that the last life has not had yet, and starts the server again. */
async function killServer(stage, number) {
  const { random } = stage.settings;
  const inRecovery = number % IN_RECOVERY_EVERY === IN_RECOVERY_EVERY - 1;
  if (inRecovery) await delay(random() * RECOVERY);
  else await news(stage, random() * HEAP).then(() => delay(random() * JITTER));
  stage.writing.check();
  checkAlive(stage);
  const victim = stage.second && random() < 0.5 ? stage.second : stage;
  await victim.server.kill();
  endLife(stage);
  victim.server = launch(victim.site);
  stage.lives.push({ from: now(), to: Infinity });
}

async function restartPostgres(stage) {
  const { random } = stage.settings;
  const { server: postgres } = stage.engine;
  await delay(random() * LEFT_ALONE);
  await postgres.stop();
  endLife(stage);
  await delay(random() * AWAY);
  await postgres.start();
  stage.lives.push({ from: now(), to: Infinity });
  await news(stage, HEAP / 5);
}

function endLife({ lives }) {
  if (lives.length > 0) lives.at(-1).to = now();
}

/** Waits until so many messages have come that had not come before. */
async function news(stage, wanted) {
  const { receivers, writing } = stage;
  const before = sumOf(await receivers.counts(), 'distinct');
  const check = () => {
    writing.check();
    checkAlive(stage);
  };
  const came = await receivers.until((counts) => sumOf(counts, 'distinct') >= before + wanted, PATIENCE, check);
  if (!came) throw new Error(`Nothing new has come to the receivers for ${PATIENCE / 1000} s.`);
}

function checkAlive({ server, second }) {
  const ended = [server, second?.server].find((one) => one && one.child.exitCode !== null);
  if (ended) throw new Error(`The server ended by itself, with ${ended.child.exitCode}.`);
}

async function endState({ server, second, receivers, writing }, database, ids) {
  const committed = await writing.stop();
  const waiting = await drained(server.client, ids, LAST_PATIENCE);
  const statistics = await Promise.all(ids.map((id) => statisticsOf(server.client, id)));
  const calls = await receivers.calls();
  await Promise.all([server.stop(), second?.server.stop()]);
  const rows = await database.rows('SELECT sku FROM products');
  await database.drop();
  return { committed, waiting, statistics, calls, skus: rows.map(({ sku }) => sku) };
}

/** Makes all checks; gives the line that sums the run up. */
function judge(kind, { restarts, hasSecond }, run, tally) {
  const name = `${kind}${restarts ? ', restarted' : ''}${hasSecond ? ', two nodes' : ''}`;
  const check = (sentence, wrong) => tally.check(`${name}: ${sentence}`, wrong.length === 0, `${wrong.length} not so, such as ${wrong[0]}`);
  const failed = tally.failed;
  checkEvents(run, check);
  const firsts = firstOnly(run.calls);
  const { seconds, lived } = resumptions(run.lives, firsts, run.committed, restarts);
  if (restarts) check(`the server goes on within ${HEAL_WITHIN} s of each start of PostgreSQL`, lived.filter((one) => one > HEAL_WITHIN));
  return `${tally.failed === failed ? '✓' : '✗'} ${name}: ${figuresOf(run, { restarts, firsts, seconds })}`;
}

/** What the table, the receivers and the logs hold must be one and the same. */
function checkEvents({ committed, calls, skus, waiting, statistics }, check) {
  const there = new Set(skus);
  const unlike = [...skus.filter((sku) => !committed.has(sku)), ...[...committed.keys()].filter((sku) => !there.has(sku))];
  check(`its ${skus.length} products are those that were asked for, each once`, there.size === skus.length ? unlike : ['one that is there twice']);
  const { met, messages, bodies } = gathered(calls);
  const everywhere = Array.from({ length: RECEIVERS }, (_, receiver) => skus.map((sku) => `${receiver} ${sku}`)).flat();
  check('every product is found at every receiver', everywhere.filter((place) => !met.has(place)));
  check('nothing is told of that is not there', [...new Set(calls.map(({ sku }) => sku))].filter((sku) => !there.has(sku)));
  check('each product has one message id at each receiver', [...met].filter(([, ids]) => ids.size !== 1).map(([place]) => place));
  check('each message id belongs to one product', [...messages].filter(([, about]) => about.size !== 1).map(([id]) => id));
  check('a message that came more than once had the same body each time', [...bodies].filter(([, all]) => all.size !== 1).map(([id]) => id));
  const logs = statistics.filter((one) => !hasArrived(one, skus.length)).map((one) => JSON.stringify(one));
  check('every log says that everything has arrived', waiting === 0 ? logs : [`${waiting} deliveries that wait`]);
}

function figuresOf({ lives, skus, calls }, { restarts, firsts, seconds }) {
  const { median, max } = seconds.length > 0 ? spread(seconds) : { median: NaN, max: NaN };
  return [
    `${lives.length} ${restarts ? 'restarts of PostgreSQL' : 'kills'}, ${skus.length} products, ${RECEIVERS} receivers`,
    `${calls.length} calls, of which ${calls.length - firsts.length} repeat one`,
    `went on after ${median.toFixed(2)} s in the median, ${max.toFixed(2)} s at most (${seconds.length} seen)`,
  ].join('; ');
}

/** The message ids of each product at each receiver, the products of each message id, and its bodies. */
function gathered(calls) {
  const [met, messages, bodies] = [new Map(), new Map(), new Map()];
  const put = (map, key, value) => map.set(key, (map.get(key) ?? new Set()).add(value));
  for (const { receiver, sku, id, digest } of calls) {
    put(met, `${receiver} ${sku}`, id);
    put(messages, id, sku);
    put(bodies, id, digest);
  }
  return { met, messages, bodies };
}

/**
 * Seconds from each start to the first new event at a receiver. `seconds` are those that were seen; `lived` has, where none was seen,
 * the time that there was for it. After a restart of PostgreSQL only a product that was added since is a new event.
 */
function resumptions(lives, firsts, committed, isStrict) {
  const found = lives.map(({ from, to }) => {
    const isNew = ({ at, sku }) => at > from && at <= to && (!isStrict || committed.get(sku) > from);
    const first = firsts.find(isNew);
    return { seconds: first ? (first.at - from) / 1000 : null, lived: (to - from) / 1000 };
  });
  const seen = found.map(({ seconds }) => seconds).filter((seconds) => seconds !== null);
  return { seconds: seen, lived: found.map(({ seconds, lived }) => seconds ?? lived) };
}
