/**
 * Files whose imports come to the same in any order: each has products of its own, and those that share some name other columns of them.
 *
 * They come in waves, and a wave begins when the one before it is over. The first adds the products of the reference file, a slice for each
 * import. The others change them, add some, and have bad rows; of their last imports two and two share their slices: one brings the prices
 * of every other product, one the names.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { randomAt } from './random.mjs';
import { HEADER, isRepeat, recordOf, skuOf } from './reference-rows.mjs';

const SEED = 20261122;
const CHANGED = 0.7;
const SAME = 0.8;
const NEW = 0.95;
const LAST_FIELDS = /,[\d.]+,(true|false)\n$/;

/** Writes one wave of `imports` files of about `rows` rows each; gives their paths. */
export function writeWave(directory, { wave, imports, rows }) {
  return Array.from({ length: imports }, (_, place) => {
    const path = join(directory, `wave-${wave}-${String(place).padStart(2, '0')}.csv`);
    const [header, record, slices] = contentOf(wave, place, imports);
    return written(path, header, slices.flatMap((slice) => rowsOf(slice, rows)), record);
  });
}

/** The header, what each row is, and which slices of the reference file they are of. */
function contentOf(wave, place, imports) {
  if (wave === 0) return [HEADER, recordOf, [place]];
  const shared = sharedFrom(imports);
  if (place < shared) return [HEADER, (row) => mixedRecord(wave, row), [place]];
  const first = place - ((place - shared) % 2);
  const [header, record] = place === first ? ['sku,price\n', pricedRecord] : ['sku,name\n', namedRecord];
  return [header, (row) => (row % 2 === 0 ? record(wave, row) : ''), [first, first + 1]];
}

/** Two pairs of ten imports, one of four, and none of fewer. */
function sharedFrom(imports) {
  return imports - 2 * Math.min(2, Math.floor(imports / 4));
}

function rowsOf(slice, rows) {
  return Array.from({ length: rows }, (_, number) => slice * rows + number);
}

function written(path, header, rows, record) {
  const file = openSync(path, 'w');
  writeSync(file, header + rows.filter((row) => !isRepeat(row)).map(record).join(''));
  closeSync(file);
  return path;
}

function mixedRecord(wave, row) {
  const role = randomAt(SEED, row, wave);
  const record = recordOf(row);
  if (role < CHANGED) return record.replace(LAST_FIELDS, `,${priceIn(wave, row)},$1\n`);
  if (role < SAME) return record;
  return role < NEW ? `W${wave}-${record}` : record.replace(LAST_FIELDS, ',no price,$1\n');
}

function pricedRecord(wave, row) {
  return `${skuOf(row)},${priceIn(wave, row)}\n`;
}

function namedRecord(wave, row) {
  return `${skuOf(row)},Name ${wave} of ${row}\n`;
}

function priceIn(wave, row) {
  return (((row * 37 + wave * 1_009) % 99_999) / 100 + 1).toFixed(2);
}
