/** What the command line asks for. */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { KINDS } from './databases.mjs';
import { builtBinary } from './places.mjs';

const SHARED = {
  rows: { type: 'string', default: '500000' },
  databases: { type: 'string', default: KINDS.join(',') },
  binary: { type: 'string' },
};

/** Reads the options that every program here has, and its own: `{ name: default }`, all texts, but for a default of `false`: that is a switch. */
export function readOptions(own) {
  const added = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { type: value === false ? 'boolean' : 'string', default: value }]));
  const { values } = parseArgs({ options: { ...SHARED, ...added } });
  return {
    ...values,
    rows: count('rows', values.rows),
    databases: someOf('databases', values.databases, KINDS),
    binary: resolve(values.binary ?? builtBinary()),
  };
}

/** A whole number above zero. */
export function count(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above zero, not ${text}.`);
  return number;
}

/** A list whose members are all known. */
export function someOf(name, text, known) {
  const chosen = text.split(',').filter(Boolean);
  const strange = chosen.filter((one) => !known.includes(one));
  if (strange.length > 0 || chosen.length === 0) throw new Error(`--${name} takes ${known.join(', ')}, not ${text}.`);
  return chosen;
}
