/**
 * The reference file on disk: written once, in a stream, and used again as long as it is what this module would write.
 */

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { benchDirectory } from './places.mjs';
import { HEADER, isRepeat, recordOf } from './reference-rows.mjs';

/** Goes up when the rows change, so that a file of an older edition is not taken for this one. */
const EDITION = 1;
const CHUNK = 1 << 20;

/**
 * The reference file of so many rows: `{ path, rows, distinct, bytes }`.
 * With `repriced` every price differs from the plain file's, and nothing else does.
 */
export function referenceFile({ rows, repriced = false, directory = benchDirectory() }) {
  const path = join(directory, `reference-${rows}${repriced ? '-repriced' : ''}.csv`);
  return keptFacts(path, rows) ?? writeReference(path, { rows, repriced });
}

/** Writes a reference file to `path` and returns its facts. */
export function writeReference(path, { rows, repriced = false }) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.part`;
  const distinct = writeRecords(unfinished, rows, repriced);
  const facts = { edition: EDITION, path, rows, distinct, bytes: statSync(unfinished).size };
  renameSync(unfinished, path);
  writeFileSync(factsPath(path), `${JSON.stringify(facts)}\n`);
  return facts;
}

function keptFacts(path, rows) {
  if (!existsSync(path) || !existsSync(factsPath(path))) return null;
  const facts = JSON.parse(readFileSync(factsPath(path), 'utf8'));
  const same = facts.edition === EDITION && facts.rows === rows && facts.bytes === statSync(path).size;
  return same ? { ...facts, path } : null;
}

function factsPath(path) {
  return `${path}.json`;
}

function writeRecords(path, rows, repriced) {
  const file = openSync(path, 'w');
  try {
    return streamRecords(rows, repriced, (text) => writeSync(file, text));
  } finally {
    closeSync(file);
  }
}

/** Returns how many different SKUs there are. */
function streamRecords(rows, repriced, write) {
  let text = HEADER;
  let distinct = 0;
  for (let row = 0; row < rows; row += 1) {
    text += recordOf(row, repriced);
    if (!isRepeat(row)) distinct += 1;
    if (text.length >= CHUNK) {
      write(text);
      text = '';
    }
  }
  write(text);
  return distinct;
}
