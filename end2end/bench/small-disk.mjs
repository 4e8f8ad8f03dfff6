/** A disk of its own that is small and can be filled up: a file system in memory. It needs the right to mount one. */

import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { atEnd, run } from './processes.mjs';

const MEGABYTE = 1 << 20;

/** Mounts one of so many megabytes below `directory`: `{ path, fill(left), free(), unmount() }`. `fill` leaves so many bytes. */
export async function mountSmallDisk(directory, megabytes) {
  const path = join(directory, 'small-disk');
  mkdirSync(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', path]);
  const unmount = atEnd(() => run('umount', ['--lazy', path]));
  const ballast = join(path, 'ballast');
  return {
    path,
    unmount,
    fill: (left) => {
      rmSync(ballast, { force: true });
      const { bavail, bsize } = statfsSync(path);
      writeBallast(ballast, bavail * bsize - left);
    },
    free: () => rmSync(ballast, { force: true }),
  };
}

function writeBallast(path, bytes) {
  const piece = Buffer.alloc(MEGABYTE);
  writeFileSync(path, '');
  for (let rest = bytes; rest > 0; rest -= piece.length) writeFileSync(path, piece.subarray(0, rest), { flag: 'a' });
}
