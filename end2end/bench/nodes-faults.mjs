/**
 * What happens to the nodes, and how long the work stands still because of it. Each fault strikes amid imports that are worked on.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';
import { signsOfWork } from './nodes-state.mjs';

const LOOK_EVERY = 100;
/** For work to go on: far beyond what it should need. */
const PATIENCE = 120_000;
/** Milliseconds before a strike, so that not all come at the same moment of an import. */
const JITTER = 400;
/** Milliseconds for which a store misbehaves, once while files come in and once while they are read, and for which a network is cut. */
const STORE_AWAY = 8_000;
const CUT = 20_000;
/** Milliseconds for which nobody hears what others tell, and between two interruptions. */
const DEAF = 15_000;
const DEAF_AGAIN = 50;
const POSTGRES_AWAY = 1_500;

export const KINDS = ['upgrade', 'kill', 'stop', 'freeze', 'cut', 'postgres', 'sessions', 'deaf', 'store'];

/** All faults of these kinds, in order: `{ name, happen(stage, mark) }`. `mark()` is called when the work could go on. */
export function faultsOf({ kinds, before }, nodes, { isSeparate }) {
  const each = (name, happen) => nodes.map((node) => ({ name: `${name} ${node.name}`, happen: (stage, mark) => happen({ stage, node, mark }) }));
  const all = {
    upgrade: () => (before ? each('upgrade of', upgrade) : []),
    kill: () => each('kill -9', kill),
    stop: () => each('SIGTERM', stop),
    freeze: () => each('SIGSTOP', freeze),
    cut: () => (isSeparate ? each('network cut', cut) : []),
    postgres: () => [restarted('fast', 'SIGINT'), restarted('immediate', 'SIGQUIT')],
    sessions: () => [{ name: 'all sessions ended', happen: endSessions }],
    deaf: () => [{ name: 'NOTIFY lost', happen: deafen }],
    store: () => ['failing', 'slow', 'dropping'].map(misbehaving),
  };
  return KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) => all[kind]());
}

/** Lets a fault happen: `{ name, at, lasted, wentOn, struck }`, the last two the seconds until anything went on, and until all that was worked on did. */
export async function strike(stage, fault) {
  await stage.busy();
  await delay(stage.random() * JITTER);
  const from = now();
  let measured;
  const mark = () => (measured ??= goneOn(stage));
  const found = await fault.happen(stage, mark);
  const lasted = (now() - from) / 1000;
  mark();
  return { name: fault.name, at: (from - stage.began) / 1000, lasted, ...(await measured), ...found };
}

/** From now on: seconds until any import has changed, and until all have that were worked on. */
async function goneOn({ database }) {
  const from = now();
  const before = await surely(() => signsOfWork(database));
  const struck = [...before].filter(([, { status }]) => status === 'processing').map(([id]) => id);
  const isPending = [...before.values()].some(({ status }) => status === 'pending' || status === 'processing');
  const found = { wentOn: null, struck: null };
  while (isPending && now() - from < PATIENCE) {
    const signs = await surely(() => signsOfWork(database));
    const hasMoved = (id) => signs.get(id)?.sign !== before.get(id)?.sign;
    const seconds = (now() - from) / 1000;
    if ([...signs.keys()].some(hasMoved)) found.wentOn ??= seconds;
    if (found.wentOn !== null && struck.every(hasMoved)) return { ...found, struck: seconds };
    await delay(LOOK_EVERY);
  }
  return isPending ? { wentOn: found.wentOn ?? Infinity, struck: Infinity } : { wentOn: 0, struck: 0 };
}

/** The database may be away just now. */
async function surely(ask) {
  for (const deadline = now() + PATIENCE; ; await delay(LOOK_EVERY)) {
    try {
      return await ask();
    } catch (error) {
      if (now() > deadline) throw error;
    }
  }
}

async function upgrade({ stage, node, mark }) {
  const { outcome, seconds } = await node.end();
  mark();
  await node.revive(stage.settings.binary);
  return { ending: { name: node.name, outcome, seconds } };
}

async function kill({ node, mark }) {
  await node.kill();
  mark();
  await node.revive();
}

async function stop({ node, mark }) {
  const { outcome, seconds } = await node.end();
  mark();
  await node.revive();
  return { ending: { name: node.name, outcome, seconds } };
}

async function freeze({ stage, node, mark }) {
  const [least, most] = stage.frozen;
  node.freeze();
  mark();
  await delay((least + stage.random() * (most - least)) * 1000);
  await node.thaw();
}

async function cut({ node, mark }) {
  await node.cut();
  mark();
  await delay(CUT);
  await node.join();
}

function restarted(name, signal) {
  const happen = async (stage, mark) => {
    const { server } = stage.engine;
    await stage.trouble(async () => {
      await server.stop(signal);
      await delay(POSTGRES_AWAY);
      await server.start();
    });
    mark();
  };
  return { name: `PostgreSQL, ${name}`, happen };
}

/** As an administrator of the database may do. */
async function endSessions(stage, mark) {
  await stage.trouble(() => stage.database.rows(ENDED('true')));
  mark();
}

/** Whoever listens is cut off again and again while files come in, so that nobody is told of them. */
async function deafen(stage, mark) {
  await stage.waveOver();
  const wave = stage.nextWave();
  let isMarked = false;
  const accepted = wave.then(() => {
    isMarked = true;
    mark();
  });
  let cuts = 0;
  for (const until = now() + DEAF; now() < until || !isMarked; await delay(DEAF_AGAIN)) {
    const [{ ended }] = await stage.database.rows(ENDED(LISTENING));
    cuts += ended;
  }
  await accepted;
  if (cuts === 0) throw new Error('No node listens to the others, so nothing that they tell can be lost.');
}

const LISTENING = "query LIKE 'LISTEN%'";
const ENDED = (which) => `SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity
  WHERE application_name = 'stockroom' AND pid <> pg_backend_pid() AND ${which}`;

/** First while files come in, then while they are read. */
function misbehaving(mode) {
  const happen = async (stage, mark) => {
    await stage.waveOver();
    await stage.store.set(mode);
    const wave = stage.nextWave();
    await delay(STORE_AWAY);
    await stage.store.set('open');
    await wave;
    await stage.store.set(mode);
    await delay(STORE_AWAY);
    await stage.store.set('open');
    mark();
  };
  return { name: `S3, ${mode}`, happen };
}
