/**
 * The floor: what the engines' own programs need for the same file and the same table. The program's whole run counts.
 */

import { columns, countProducts, leaveKeyIndexes, leaveOnlyTheTable } from './schema.mjs';
import { upsertStatement } from './floor-upsert.mjs';

const STAGE = {
  sqlite: 'CREATE TABLE stage (sku TEXT, name TEXT, description TEXT, price TEXT, active TEXT);\n',
  // The table's texts are compared byte by byte; sorting the stage by a language's rules would make the floor slower than it is.
  postgres: `CREATE UNLOGGED TABLE stage (row_no bigint GENERATED ALWAYS AS IDENTITY,
    sku text COLLATE "C", name text, description text, price text, active text);\n`,
};

const LOAD = {
  sqlite: (path, cache) => `PRAGMA synchronous = NORMAL;\n${cacheOf(cache)}.import --csv --skip 1 ${quoted(path)} stage\n`,
  postgres: (path) => `\\copy stage (sku, name, description, price, active) from ${quoted(path)} with (format csv, header true)\n`,
};

/** A migrated database made ready for the floor; with `keysOnly` it keeps the two key indexes alone. `cache` is SQLite's, in megabytes. */
export async function prepareFloor(database, { keysOnly = false, cache = null }) {
  await leaveOnlyTheTable(database);
  if (keysOnly) await leaveKeyIndexes(database);
  return { database, cache, upsert: upsertStatement(database.kind, await columns(database)) };
}

/** Seconds for one file into the prepared database: load it into a stage, then one upsert. */
export async function floorPass({ database, cache, upsert }, file) {
  await database.script(`DROP TABLE IF EXISTS stage;\n${STAGE[database.kind]}`);
  await database.settle();
  const { seconds, stderr } = await database.script(`${LOAD[database.kind](file.path, cache)}${upsert}`);
  await check(database, file, stderr);
  return { seconds };
}

async function check(database, file, stderr) {
  const products = await countProducts(database);
  if (stderr || products !== file.distinct) {
    throw new Error(`The floor has ${products} products instead of ${file.distinct}. ${stderr}`);
  }
}

/** The engine's own default is 2 MB, in which no index of this size fits. */
function cacheOf(megabytes) {
  return megabytes ? `PRAGMA cache_size = ${-1024 * megabytes};\n` : '';
}

function quoted(path) {
  return `'${path.replaceAll("'", "''")}'`;
}
