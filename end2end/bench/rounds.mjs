/**
 * Rounds of the floor and of Stockroom, in turn on fresh databases, so that what else the machine does hits both alike.
 */

import { join } from 'node:path';

import { floorPass, prepareFloor } from './floor.mjs';
import { importPass, PASSES } from './passes.mjs';
import { indexNames, sumOfPrices } from './schema.mjs';
import { migrate, withServer } from './stockroom.mjs';

/** `{ floor: [round…], stockroom: [round…], keysOnly: round, table }`; a round has one measurement for each pass. */
export async function measureRounds(engine, settings) {
  const measured = { floor: [], stockroom: [], keysOnly: null, table: null };
  for (let round = 1; round <= settings.runs; round += 1) {
    if (settings.parts.has('floor')) await addFloor(measured, engine, settings, round);
    if (settings.parts.has('import')) await addStockroom(measured, engine, settings, round);
  }
  if (settings.parts.has('floor')) measured.keysOnly = await floorRound(engine, settings, { name: 'keys', keysOnly: true });
  return measured;
}

async function addFloor(measured, engine, settings, round) {
  settings.say(`${engine.kind}: floor, round ${round} of ${settings.runs}`);
  const result = await floorRound(engine, settings, { name: `floor_${round}` });
  measured.floor.push(result.passes);
  measured.table = result.table;
}

async function addStockroom(measured, engine, settings, round) {
  settings.say(`${engine.kind}: Stockroom, round ${round} of ${settings.runs}`);
  const result = await stockroomRound(engine, settings, `stockroom_${round}`);
  measured.stockroom.push(result.passes);
  const tables = [measured.table ?? result.table, result.table].map((table) => JSON.stringify(table));
  if (tables[0] !== tables[1]) throw new Error(`The floor ends with ${tables[0]}, Stockroom with ${tables[1]}: they cannot be compared.`);
}

async function floorRound(engine, settings, { name, keysOnly = false }) {
  const database = await engine.make(name);
  await migrate(settings.binary, database, settings.directory);
  const prepared = await prepareFloor(database, { keysOnly, cache: settings.sqliteCache });
  const passes = await eachPass((file) => floorPass(prepared, file), settings.files);
  const table = await tableState(database);
  await database.drop();
  return { passes, table };
}

async function stockroomRound(engine, settings, name) {
  const database = await engine.make(name);
  const place = { binary: settings.binary, database, directory: join(settings.directory, name) };
  const passes = await withServer(place, (server) =>
    eachPass((file, { counter }) => importPass({ server, database, file, counter }), settings.files),
  );
  const table = await tableState(database);
  await database.drop();
  return { passes, table };
}

/** What both must end with: the same work done, and the same indexes kept. */
async function tableState(database) {
  return { prices: await sumOfPrices(database), indexes: await indexNames(database) };
}

async function eachPass(measure, files) {
  const results = {};
  for (const pass of PASSES) {
    results[pass.name] = await measure(pass.repriced ? files.repriced : files.plain, pass);
  }
  return results;
}
