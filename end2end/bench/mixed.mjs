/**
 * A file that does a bit of everything to the products of the reference file: it changes 60 % of them, leaves 20 %, adds 15 % and has 5 % bad rows.
 */

import { closeSync, openSync, writeSync } from 'node:fs';

import { randomAt } from './random.mjs';
import { HEADER, isRepeat, recordOf, skuOf } from './reference-rows.mjs';

const SEED = 20261121;
const CHANGED = 0.6;
const SAME = 0.8;
const NEW = 0.95;

const CATALOGUES = ['Garden', 'Kitchen', 'Workshop', 'Hall'];
/** One changed product in so many moves to the next catalogue. */
const MOVES_EVERY = 5;

/** Each row of the reference file that has a SKU of its own, in one of four roles: `{ path, rows }`. */
export function mixedFile(path, rows) {
  return written(path, rows, HEADER, mixedRecord);
}

/** The products themselves, in catalogues. */
export function cataloguedFile(path, rows) {
  return written(path, rows, CATALOGUED, (row) => inCatalogue(recordOf(row), catalogueOf(row)));
}

/** The same as the mixed file for products in catalogues: some move to another one, and those that are new come with a new one. */
export function mixedCataloguedFile(path, rows) {
  return written(path, rows, CATALOGUED, (row) => {
    const moves = roleOf(row) === 'changed' && row % MOVES_EVERY === 0;
    const catalogue = roleOf(row) === 'new' ? 'Novelties' : catalogueOf(moves ? row + 1 : row);
    return inCatalogue(mixedRecord(row), catalogue);
  });
}

const CATALOGUED = HEADER.replace('\n', ',catalog\n');

function catalogueOf(row) {
  return CATALOGUES[row % CATALOGUES.length];
}

function inCatalogue(record, catalogue) {
  return `${record.slice(0, -1)},${catalogue}\n`;
}

function written(path, rows, header, recordOfRow) {
  const file = openSync(path, 'w');
  let count = 0;
  writeSync(file, header);
  for (let row = 0; row < rows; row += 1) {
    if (isRepeat(row)) continue;
    writeSync(file, recordOfRow(row));
    count += 1;
  }
  closeSync(file);
  return { path, rows: count };
}

function roleOf(row) {
  const role = randomAt(SEED, row, 1);
  if (role < CHANGED) return 'changed';
  if (role < SAME) return 'same';
  return role < NEW ? 'new' : 'bad';
}

function mixedRecord(row) {
  const [sku, rest] = [skuOf(row), recordOf(row).slice(skuOf(row).length)];
  switch (roleOf(row)) {
    case 'changed':
      return recordOf(row, true);
    case 'same':
      return recordOf(row);
    case 'new':
      return `NEW-${sku}${rest}`;
    default:
      return `${sku}${rest.replace(/,[\d.]+,(true|false)\n$/, ',no price,$1\n')}`;
  }
}
