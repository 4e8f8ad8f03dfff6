/**
 * Work that is killed again and again must go on by itself and end exactly as work that was left alone: a file that is imported at once, and
 * one that is checked, applied and undone.
 *
 *   node end2end/bench/kill.mjs [--kills 20] [--journeys import,checked] [--rows 500000] [--databases sqlite,postgres] [--seed 1]
 *     [--binary PATH]
 *
 * So many kills for each journey on each database. Those of a checked file are spread over its check, its application and its undo.
 */

import { openEngine } from './databases.mjs';
import { killChecked } from './kill-checked.mjs';
import { killImport } from './kill-import.mjs';
import { count, readOptions, someOf } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain } from './processes.mjs';
import { Tally } from './tally.mjs';

const JOURNEYS = { import: killImport, checked: killChecked };

await runMain(async () => {
  const settings = readSettings();
  const tally = new Tally();
  for (const kind of settings.databases) {
    const engine = await openEngine(kind, settings.directory);
    for (const journey of settings.journeys) await JOURNEYS[journey](engine, settings, tally);
  }
  return tally.finish();
});

function readSettings() {
  const names = Object.keys(JOURNEYS);
  const options = readOptions({ kills: '20', seed: '1', journeys: names.join(',') });
  const numbers = { kills: count('kills', options.kills), seed: count('seed', options.seed) };
  return { ...options, ...numbers, journeys: someOf('journeys', options.journeys, names), directory: scratchDirectory('kill') };
}
