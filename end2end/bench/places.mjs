/**
 * Where things are: the checkout, what was built from it, kept files, and a scratch directory that is gone at the end.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { atEnd } from './processes.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function targetDirectory() {
  return resolve(ROOT, process.env.CARGO_TARGET_DIR || 'target');
}

export function benchDirectory() {
  return join(targetDirectory(), 'bench');
}

export function builtBinary() {
  return join(targetDirectory(), 'release', 'stockroom');
}

/**
 * Databases go where a disk is: `/tmp` is memory on many machines, and would hide what `fsync` costs.
 * Another user (PostgreSQL refuses root) must be able to walk through it.
 */
export function scratchDirectory(name) {
  const directory = mkdtempSync(join(process.env.TMPDIR || '/var/tmp', `stockroom-${name}-`));
  chmodSync(directory, 0o755);
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
