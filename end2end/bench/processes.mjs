/**
 * Programs that this run started, and what has to be undone when it ends: by success, failure or Ctrl-C.
 * Nothing else on the machine is ever touched: children are ended by their own id.
 */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const children = new Set();
const endings = [];

/** Runs a program to its end: `{ stdout, seconds }`. Anything but success is an error that carries what it said. */
export async function run(program, args, { input = '', ...options } = {}) {
  const started = performance.now();
  const child = start(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  // A program that ends before it has read everything says so in its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, outcome] = await Promise.all([text(child.stdout), text(child.stderr), child.ended]);
  if (outcome !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${outcome}: ${stderr.trim() || stdout.trim()}`);
  return { stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

/** Starts a program that is left running. `child.ended` gives its exit code or the signal that ended it. */
export function start(program, args, options) {
  const child = spawn(program, args, options);
  children.add(child);
  child.ended = new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${program} cannot be started: ${cause.message}`, { cause })));
    child.once('close', (code, signal) => resolve(code ?? signal));
  }).finally(() => children.delete(child));
  // Whoever waits for the end gets the error; a child that nobody waits for must not bring the run down.
  child.ended.catch(() => {});
  return child;
}

/** Asks a child to stop, and ends it by force when it does not. */
export async function stop(child, signal = 'SIGTERM', patience = 15_000) {
  if (!children.has(child)) return;
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), patience);
  await child.ended.catch(() => {});
  clearTimeout(force);
}

/** Registers something to undo at the end; the latest goes first. The returned function does it now, and only once. */
export function atEnd(action) {
  const once = async () => {
    const index = endings.indexOf(once);
    if (index < 0) return;
    endings.splice(index, 1);
    await action();
  };
  endings.push(once);
  return once;
}

/** Runs a whole program: `main` returns the exit code, and everything is undone whatever happens. */
export async function runMain(main) {
  process.once('SIGINT', () => leave(130));
  process.once('SIGTERM', () => leave(143));
  process.once('exit', endChildren);
  // What fails while nobody waits for it must not keep anything from being undone either.
  process.on('uncaughtException', failed);
  try {
    await leave(await main());
  } catch (error) {
    await failed(error);
  }
}

function failed(error) {
  if (!leaving) console.error(process.env.DEBUG ? error : `✗ ${error.message}`);
  return leave(1);
}

let leaving = false;

/** Whether everything is being undone; what fails then fails because of it. */
export function isLeaving() {
  return leaving;
}

async function leave(code) {
  if (leaving) return;
  leaving = true;
  while (endings.length > 0) await endings.at(-1)().catch((error) => console.error(`✗ ${error.message}`));
  process.exit(code);
}

function endChildren() {
  for (const child of children) child.kill('SIGKILL');
}
