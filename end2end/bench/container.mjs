/**
 * The last stage of the Dockerfile without a container engine: its own steps, run in a root that `debootstrap` makes, and the program in
 * it as the container's first process, with its user, its settings and its health check. Needs root.
 *
 *   node end2end/bench/container.mjs [--binary PATH]
 *
 * `--binary` names another release whose `site` and `hash.txt` stand where cargo-leptos puts them.
 */

import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Client } from './client.mjs';
import { lastStage } from './dockerfile.mjs';
import { readOptions } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { freePort } from './ports.mjs';
import { atEnd, run, runMain, start } from './processes.mjs';
import { Tally } from './tally.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const WORKBOOK = join(ROOT, 'public/sample-products.xlsx');
const STOPS_WITHIN = 15_000;

await runMain(async () => {
  const { binary } = readOptions({});
  const tally = new Tally();
  const stage = lastStage(join(ROOT, 'Dockerfile'));
  const container = { stage, root: join(scratchDirectory('container'), 'root'), port: await freePort() };
  await make(container, binary);
  await saySize(container);
  await checkLife(container, tally);
  await checkRefusals(container, tally);
  return tally.finish();
});

/** Debian's smallest system, then each step of the Dockerfile. */
async function make(container, binary) {
  const suite = /^debian:(\w+)-slim$/.exec(container.stage.base)[1];
  console.log(`▸ A root of ${suite}, by debootstrap`);
  await run('debootstrap', ['--variant=minbase', suite, container.root]);
  for (const { instruction, text } of container.stage.steps) {
    if (instruction === 'RUN') await runStep(container, text);
    if (instruction === 'COPY') copy(container, text.split(/\s+/), binary);
  }
}

async function runStep({ root }, text) {
  console.log(`▸ RUN ${text.length > 90 ? `${text.slice(0, 90)}…` : text}`);
  // A proxy of this machine is needed in there, too; nothing else of its environment is.
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name));
  await run('chroot', [root, '/bin/sh', '-c', text], { env: { PATH, ...Object.fromEntries(proxies) } });
}

/** Files of the build stage are those of this checkout's own build. */
function copy({ root }, words, binary) {
  const target = dirname(dirname(binary));
  const from = words.filter((word) => !word.startsWith('--'));
  const to = from.pop();
  for (const source of from) {
    const path = words.includes('--from=build') ? join(target, source.replace('/build/target/', '')) : join(ROOT, source);
    if (!existsSync(path)) throw new Error(`${path} is missing, which the Dockerfile copies: run \`make build\` first.`);
    const place = statSync(path).isDirectory() ? join(root, to) : join(root, to, basename(path));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(path, place, { recursive: true });
  }
}

async function saySize({ root }) {
  const [all, program] = [await megabytes(root), await megabytes(join(root, 'opt/stockroom'))];
  const { stdout } = await run('sh', ['-c', `tar -C "${root}/opt" -c stockroom | gzip -6 | wc -c`]);
  const packed = Math.round(Number(stdout) / 1e6);
  console.log(`▸ ${program} MB are Stockroom (${packed} MB compressed), ${all - program} MB this system; that of Debian's image is smaller`);
}

async function megabytes(folder) {
  const { stdout } = await run('du', ['--summarize', '--bytes', '--one-file-system', folder]);
  return Math.round(Number.parseInt(stdout, 10) / 1e6);
}

/** Words that run a command as an engine would: alone among its processes, as the image's user, with nothing but the image's settings. */
function inside({ root, stage, port }, command, env = {}) {
  const settings = Object.entries({ PATH, ...stage.env, PORT: port, ...env }).map(([name, value]) => `${name}=${value}`);
  const [user, ...own] = [`--userspec=${stage.user}`, root, 'env', '-i', `--chdir=${stage.directory}`, ...settings, ...command];
  return ['--mount', '--pid', '--fork', '--kill-child=SIGKILL', `--mount-proc=${join(root, 'proc')}`, 'chroot', user, '--groups=', ...own];
}

function begin(container) {
  const child = start('unshare', inside(container, container.stage.command, { RUST_LOG: 'warn' }), { stdio: ['ignore', 'inherit', 'inherit'] });
  const forget = atEnd(() => child.kill('SIGKILL'));
  return { child, forget };
}

/** Waits until the health check of the image says so; `null` if it never does. */
async function whenHealthy(container) {
  const { command, startPeriod } = container.stage.health;
  const started = performance.now();
  while (performance.now() - started < startPeriod) {
    if (await isHealthy(container, command)) return (performance.now() - started) / 1000;
    await delay(100);
  }
  return null;
}

function isHealthy(container, command) {
  return run('unshare', inside(container, command)).then(() => true, () => false);
}

/** The program itself, which is the first process of its own, as this machine numbers it. */
function firstProcess({ child }) {
  const id = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const status = readFileSync(`/proc/${id}/status`, 'utf8');
  const field = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)[1].trim().split(/\s+/);
  return { id: Number(id), user: `${field('Uid')[0]}:${field('Gid')[0]}`, inside: field('NSpid').at(-1), groups: field('Groups').join(' ') };
}

async function stopped({ child, forget }) {
  const began = performance.now();
  process.kill(firstProcess({ child }).id, 'SIGTERM');
  const outcome = await Promise.race([child.ended, delay(STOPS_WITHIN, 'too late', { ref: false })]);
  await forget();
  return { outcome, seconds: (performance.now() - began) / 1000 };
}

async function checkLife(container, tally) {
  const first = begin(container);
  const seconds = await whenHealthy(container);
  tally.check(`it becomes healthy (${seconds?.toFixed(1)} s)`, seconds !== null);
  const program = firstProcess(first);
  const expected = { inside: '1', user: container.stage.user, groups: '' };
  const wrong = Object.keys(expected).filter((name) => program[name] !== expected[name]);
  tally.check(`it is process 1, and user ${program.user} in no other groups`, wrong.length === 0, JSON.stringify(program));
  await checkWork(container, tally);
  const end = await stopped(first);
  tally.check(`SIGTERM ends it in order (${end.seconds.toFixed(1)} s)`, end.outcome === 0, `it ended with ${end.outcome}`);
  tally.check('then it is not healthy', !(await isHealthy(container, container.stage.health.command)));
  const second = begin(container);
  await whenHealthy(container);
  const client = new Client(container.port, container.headers);
  tally.check('started again it has what it had', (await client.json('/api/v1/products')).total === container.products);
  client.close();
  await stopped(second);
}

/** A page with its style, and a workbook, which takes a process of its own. */
async function checkWork(container, tally) {
  const { stdout } = await run('unshare', inside(container, ['stockroom', 'api-key', 'create', 'check', '--role', 'editor']));
  container.headers = { authorization: `Bearer ${stdout.trim()}` };
  const client = new Client(container.port, container.headers);
  const page = await client.send('GET', '/login');
  const style = /href="(\/pkg\/[^"]+\.css)"/.exec(page.body)?.[1];
  const found = style ? (await client.send('GET', style)).status : 404;
  tally.check('the sign-in is shown, with its style', page.status === 200 && found === 200, `${page.status}, ${style}: ${found}`);
  const { jobId } = await client.upload('/api/v1/imports', WORKBOOK);
  const job = await client.follow(jobId);
  container.products = job.created;
  tally.check(`a workbook is imported (${job.created} products)`, job.status === 'completed' && job.created > 0, job.error);
  client.close();
  const kept = ['stockroom.db', 'files', 'secret.key'].filter((name) => !existsSync(join(container.root, 'data', name)));
  tally.check('all that it keeps is in /data', kept.length === 0, `not there: ${kept.join(', ')}`);
}

async function checkRefusals(container, tally) {
  const port = await refusal(container, container.stage.command, { PORT: 'http' });
  tally.check('a PORT that is none ends it at once, with the reason', /PORT must be a number/.test(port), port);
  const write = await refusal(container, ['touch', '/opt/stockroom/stockroom']);
  tally.check('it cannot write to itself', /Permission denied/.test(write), write);
}

/** What a command says that must fail. One that goes on for ever is ended. */
async function refusal(container, command, env) {
  const limited = ['timeout', '--kill-after=5', '10', ...command];
  return run('unshare', inside(container, limited, env)).then(() => 'it succeeded', ({ message }) => message);
}
