/**
 * Several nodes on one database and one bucket, of which now one and now another is killed, asked to end, frozen or cut off, while PostgreSQL is
 * restarted and the store misbehaves: what comes of many imports must be what one node makes of them that is left alone.
 *
 *   node end2end/bench/nodes.mjs [--rows 50000] [--imports 10] [--faults upgrade,kill,stop,freeze,cut,postgres,sessions,deaf,store]
 *     [--frozen 20,60] [--seed 1] [--binary PATH] [--before PATH]
 *
 * Two nodes serve and two work, each in a network namespace of its own where that is permitted. Each wave of `--imports` files of about
 * `--rows` rows is uploaded at once; there are as many waves as the faults need. A node stays frozen for between so many seconds.
 * With `--before`, the program of an older version, all begin with that one, and each is upgraded in turn while the others work.
 */

import { resolve } from 'node:path';

import { openEngine } from './databases.mjs';
import { openNetwork } from './network.mjs';
import { faultsOf, KINDS, strike } from './nodes-faults.mjs';
import { judge } from './nodes-judge.mjs';
import { writeWave } from './nodes-files.mjs';
import { checkPeople } from './nodes-people.mjs';
import { ROLES, Stage, startNodes } from './nodes-stage.mjs';
import { stateOfAll } from './nodes-state.mjs';
import { drained } from './hooks.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain } from './processes.mjs';
import { generator } from './random.mjs';
import { startReceivers } from './receivers.mjs';
import { startStore } from './store.mjs';
import { Tally } from './tally.mjs';

const CONNECTIONS = 200;
/** At the end a delivery may be waiting for its third attempt, five minutes and a fifth after the second. */
const LAST_PATIENCE = 400_000;
const ALONE = { alone: 'all' };

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  const names = [...Object.keys(ROLES), ...Object.keys(ALONE)];
  const network = await openNetwork(names);
  const reach = { address: network.address, network: network.range, connections: CONNECTIONS };
  const engine = await openEngine('postgres', settings.directory, reach);
  const store = await startStore(network.address);
  const parts = { engine, settings, store, network };
  const found = await disturbed(parts, tally);
  const expected = await undisturbed(parts, found.waves);
  judge({ expected, found, network }, tally);
  return tally.finish();
});

function readSettings() {
  const options = readOptions({ imports: '10', faults: KINDS.join(','), frozen: '20,60', seed: '1', rows: '50000', before: '' });
  const kinds = someOf('faults', options.faults, KINDS);
  const before = options.before ? resolve(options.before) : null;
  if (before && !kinds.includes('upgrade')) throw new Error('--before is the version that is upgraded: --faults must have upgrade.');
  if (!before && kinds.join() === 'upgrade') throw new Error('--faults upgrade needs --before, the program of an older version.');
  return {
    binary: options.binary,
    before,
    rows: options.rows,
    imports: count('imports', options.imports),
    kinds,
    frozen: options.frozen.split(',').map((seconds) => count('frozen', seconds)),
    random: generator(count('seed', options.seed)),
    directory: scratchDirectory('nodes'),
  };
}

/** All waves with all faults: `{ waves, strikes, streams, watchers, calls, waiting, ids, repeats, refusals, unfinished, asked, state }`. */
async function disturbed(parts, tally) {
  const { settings } = parts;
  const receivers = await startReceivers(1, { host: parts.network.address });
  const stage = new Stage({ ...parts, receivers, ...(await startNodes(parts, 'disturbed', ROLES, settings.before ?? settings.binary)) });
  await stage.open();
  const strikes = [];
  for (const fault of faultsOf(settings, stage.nodes, parts.network)) {
    strikes.push(await strike(stage, fault));
    console.error(`▸ ${sentence(strikes.at(-1))}`);
  }
  await stage.waveOver();
  const found = await endState(stage, strikes);
  await checkPeople(stage.webs, tally);
  await Promise.all(stage.nodes.map((node) => node.server.stop()));
  return found;
}

function sentence({ name, at, lasted, wentOn }) {
  return `${name} at ${at.toFixed(0)} s for ${lasted.toFixed(1)} s; work went on after ${wentOn.toFixed(1)} s`;
}

async function endState(stage, strikes) {
  const { watchers, webs, receivers, store, waves, database, repeats } = stage;
  const streams = await watchers.ended();
  await watchers.stop();
  const waiting = await drained(webs[0].client, [stage.webhook], LAST_PATIENCE);
  const calls = await receivers.calls();
  const ids = (await database.rows('SELECT id FROM imports ORDER BY id')).map(({ id }) => id);
  const state = await stateOfAll(database, webs[1].client);
  const inStore = { unfinished: await store.unfinished(), asked: await store.counts() };
  return { waves, strikes, streams, watchers, calls, waiting, ids, repeats, refusals: stage.refusals(), ...inStore, state };
}

/** The same files, one after the other, at one node that is left alone. */
async function undisturbed(parts, waves) {
  const { settings } = parts;
  const { database, nodes } = await startNodes(parts, 'undisturbed', ALONE, settings.binary);
  const [{ client, server }] = nodes;
  for (let wave = 0; wave < waves; wave += 1) {
    for (const file of writeWave(settings.directory, { wave, imports: settings.imports, rows: settings.rows })) {
      const { jobId } = await client.upload('/api/v1/imports', file);
      await client.follow(jobId);
    }
  }
  const state = await stateOfAll(database, client);
  await server.stop();
  return state;
}
