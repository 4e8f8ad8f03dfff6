/** What a process takes of the machine, from what the kernel says of it. */

import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second, as programs see it. */
const TICKS = 100;

/** Resident memory in megabytes, how much of it are mapped files (the program itself), threads and open file descriptors. */
export function vitalsOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
  const descriptors = readdirSync(`/proc/${pid}/fd`).length;
  return { memory: number('VmRSS') / 1024, mapped: number('RssFile') / 1024, threads: number('Threads'), descriptors };
}

/** Seconds of processor time that a process and its children at this moment have had. */
export function processorSeconds(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(statOf).filter(Boolean);
  const own = all.filter((one) => one.pid === pid || one.parent === pid);
  return own.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS;
}

/** Nothing for a process that has just ended. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may have any characters in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}
