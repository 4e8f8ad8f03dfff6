/** Resident memory of a process while something runs, from what the kernel says of it. */

import { readFileSync } from 'node:fs';

const SAMPLE_EVERY = 50;

/** Begins to watch; the returned function ends it and gives `{ peak, highWater }` in megabytes: of this while, and of the process's life. */
export function watchMemory(pid) {
  let peak = 0;
  let highWater = 0;
  const sample = () => {
    peak = Math.max(peak, megabytes(pid, 'VmRSS'));
    highWater = Math.max(highWater, megabytes(pid, 'VmHWM'));
  };
  const timer = setInterval(sample, SAMPLE_EVERY);
  sample();
  return () => {
    clearInterval(timer);
    sample();
    return { peak, highWater };
  };
}

function megabytes(pid, name) {
  const status = statusOf(pid);
  const [, kilobytes] = status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm')) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}

/** Nothing for a process that is gone: it may end while somebody still watches. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}
