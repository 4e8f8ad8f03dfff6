/**
 * Four times the rows: the time should grow by little more than four, and the memory not at all.
 * The smaller file goes before and after the larger one, so that a machine that slows down does not look like bad growth.
 */

import { join } from 'node:path';

import { importPass } from './passes.mjs';
import { referenceFile } from './reference.mjs';
import { withServer } from './stockroom.mjs';

const TIMES = 4;

/** `{ small: { rows, seconds, memory }, large, ratio }`. */
export async function measureScale(engine, settings) {
  const large = referenceFile({ rows: settings.rows * TIMES });
  const before = await emptyCatalogue(engine, settings, settings.files.plain);
  const most = await emptyCatalogue(engine, settings, large);
  const after = await emptyCatalogue(engine, settings, settings.files.plain);
  const seconds = (before.seconds + after.seconds) / 2;
  const small = { rows: settings.rows, seconds, memory: Math.max(before.highWater, after.highWater) };
  return { small, large: { rows: large.rows, seconds: most.seconds, memory: most.highWater }, ratio: most.seconds / seconds };
}

async function emptyCatalogue(engine, settings, file) {
  settings.say(`${engine.kind}: ${file.rows} rows into an empty catalogue`);
  const database = await engine.make('scale');
  const place = { binary: settings.binary, database, directory: join(settings.directory, 'scale') };
  const measured = await withServer(place, (server) => importPass({ server, database, file, counter: 'created' }));
  await database.drop();
  return measured;
}
