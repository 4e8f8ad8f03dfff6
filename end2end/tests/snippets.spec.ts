/** The examples for receivers of webhooks tell genuine calls from others. The calls are signed here without any library. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test as base } from '@playwright/test';

import { freePort } from '../bench/ports.mjs';

interface Call {
  id: string;
  timestamp: number;
  signature: string;
  body: string;
}

interface Receiver {
  program: string;
  args: string[];
  input?: string;
}

const SNIPPETS = fileURLToPath(new URL('../../app/src/pages/webhooks/snippets/', import.meta.url));
const END2END = fileURLToPath(new URL('..', import.meta.url));
// Where `.scripts/setup-python` has put it.
const TOOLS = process.env.STOCKROOM_TOOLS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stockroom', 'tools');

const KEY = randomBytes(32);
const ENVIRONMENT = {
  ...process.env,
  WEBHOOK_SECRET: `whsec_${KEY.toString('base64')}`,
  PYTHONPATH: join(TOOLS, 'python'),
  no_proxy: '*',
};

// From standard input, so that its import is looked for here and not beside the snippet.
const NODE = { program: process.execPath, args: ['--input-type=module', '-'], input: readFileSync(join(SNIPPETS, 'verify.mjs'), 'utf8') };
const PYTHON = { program: 'python3', args: [join(SNIPPETS, 'verify.py')] };

const test = base.extend<{ start(receiver: Receiver): Promise<string> }>({
  start: async ({}, use, testInfo) => {
    const started: ChildProcess[] = [];
    const kill = () => started.forEach((child) => child.kill('SIGKILL'));
    process.once('exit', kill);
    await use(async ({ program, args, input }) => {
      const port = await freePort();
      const log = openSync(testInfo.outputPath('receiver.log'), 'a');
      const child = spawn(program, args, { cwd: END2END, env: { ...ENVIRONMENT, PORT: String(port) }, stdio: ['pipe', log, log] });
      started.push(child);
      child.stdin?.end(input);
      const address = `http://127.0.0.1:${port}/`;
      await expect(() => fetch(address), 'the receiver listens').toPass({ timeout: 20_000 });
      return address;
    });
    kill();
    process.removeListener('exit', kill);
  },
});

test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'No browser takes part, so once is enough.');

test('verify.mjs accepts genuine calls and no others', async ({ start }) => {
  const address = await start(NODE);
  expect(await answers((call) => send(address, call))).toEqual(expected(204, 400));
});

test('verify.py accepts genuine calls and no others', async ({ start }) => {
  needs('python3 -c "import standardwebhooks"', 'Python 3.9 or newer, with the package that .scripts/setup-python installs');
  const address = await start(PYTHON);
  expect(await answers((call) => send(address, call))).toEqual(expected(204, 400));
});

test('verify.sh accepts genuine calls and no others', async ({}, testInfo) => {
  needs('openssl version', 'openssl');
  const cwd = testInfo.outputPath();
  expect(await answers((call) => verifyStored(cwd, call))).toEqual(expected(0, 1));
});

test('verify.sh sends a call that is accepted', async ({ start }, testInfo) => {
  needs('openssl version', 'openssl');
  needs('curl --version', 'curl');
  const address = await start(NODE);
  writeFileSync(testInfo.outputPath('body.json'), genuine().body);
  const { stdout } = shell(testInfo.outputPath(), [address]);
  expect(stdout).toContain('204 No Content');
});

/** Skips the test where something is missing that the set-up does not insist on. The list of tests does not say why, so this does. */
function needs(command: string, what: string): void {
  const isMissing = spawnSync(command, { shell: true, env: ENVIRONMENT, stdio: 'ignore' }).status !== 0;
  if (isMissing) console.log(`Skipped: ${test.info().title}. It needs ${what}.`);
  test.skip(isMissing, `It needs ${what}.`);
}

function genuine(age = 0): Call {
  const call = {
    id: 'msg_01',
    timestamp: Math.floor(Date.now() / 1000) - age,
    body: '{"type":"product.updated","data":{"name":"Becher „blau“ \\\\ 100 %","price":"9.50"}}\n',
  };
  return { ...call, signature: sign(call, KEY) };
}

function sign({ id, timestamp, body }: Omit<Call, 'signature'>, key: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function genuineCalls(): Record<string, Call> {
  const call = genuine();
  const other = sign(call, randomBytes(32));
  return {
    'signed': call,
    'signed four minutes ago': genuine(240),
    'signed with two secrets, the second one known': { ...call, signature: `${other} ${call.signature}` },
    'signed with two secrets, the first one known': { ...call, signature: `${call.signature} ${other}` },
  };
}

function otherCalls(): Record<string, Call> {
  const call = genuine();
  return {
    'with another body': { ...call, body: call.body.replace('9.50', '0.50') },
    'with another id': { ...call, id: 'msg_02' },
    'with another timestamp': { ...call, timestamp: call.timestamp - 1 },
    'signed ten minutes ago': genuine(600),
    'signed in ten minutes': genuine(-600),
    'signed with another secret': { ...call, signature: sign(call, randomBytes(32)) },
    'signed in another version': { ...call, signature: call.signature.replace('v1,', 'v2,') },
    'with half a signature': { ...call, signature: call.signature.slice(0, 20) },
    'with no version': { ...call, signature: call.signature.replace('v1,', '') },
    'with an empty signature': { ...call, signature: 'v1,' },
    'not signed': { ...call, signature: '' },
  };
}

async function answers(ask: (call: Call) => number | null | Promise<number>): Promise<Record<string, number | null>> {
  const all: Record<string, number | null> = {};
  for (const [what, call] of Object.entries({ ...genuineCalls(), ...otherCalls() })) all[what] = await ask(call);
  return all;
}

function expected(accepted: number, refused: number): Record<string, number> {
  const all = (calls: Record<string, Call>, answer: number) => Object.keys(calls).map((what) => [what, answer]);
  return Object.fromEntries([...all(genuineCalls(), accepted), ...all(otherCalls(), refused)]);
}

async function send(address: string, { id, timestamp, signature, body }: Call): Promise<number> {
  const signed = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature };
  const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', ...signed }, body });
  return answer.status;
}

function verifyStored(cwd: string, { body, timestamp, ...headers }: Call): number | null {
  writeFileSync(join(cwd, 'body.json'), body);
  return shell(cwd, [], { ...headers, timestamp: String(timestamp) }).status;
}

function shell(cwd: string, args: string[], variables: Record<string, string> = {}) {
  const env = { ...ENVIRONMENT, ...variables };
  return spawnSync('bash', [join(SNIPPETS, 'verify.sh'), ...args], { cwd, env, encoding: 'utf8' });
}
