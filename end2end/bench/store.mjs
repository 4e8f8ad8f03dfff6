/**
 * A server that answers as S3 does, the one of the tests, and before it a proxy that fails, is slow or breaks connections off when it is told to.
 */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Client } from './client.mjs';
import { atEnd, start, stop } from './processes.mjs';

const SCRIPT = `
import logging, sys
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
logging.disable(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
`;
const BUCKET = 'stockroom';

/**
 * Starts both, with a bucket: `{ env(prefix), set(mode), counts(), unfinished() }`. A mode is `open`, `failing` (503), `slow`, or `dropping`
 * (breaks every other upload off in its middle). `host` is where the proxy listens.
 */
export async function startStore(host) {
  const server = new Client(await startServer());
  const { status } = await server.send('PUT', `/${BUCKET}`);
  if (status !== 200) throw new Error(`The S3 server answered ${status} when a bucket was made.`);
  const proxy = await startProxy({ host, behind: server.port });
  return {
    env: (prefix) => environment(prefix, `http://${host}:${proxy.port}`),
    set: (mode) => proxy.ask({ mode }),
    counts: () => proxy.ask({}),
    unfinished: () => unfinishedIn(server),
  };
}

/** Pieces of uploads that belong to no file, and parts of objects that nobody has finished or given up. */
async function unfinishedIn(server) {
  const pieces = (await keysOf(server, 'list-type=2')).filter((key) => key.includes('/uploads/'));
  const folderOf = (key) => key.slice(0, key.lastIndexOf('/'));
  const files = new Set(pieces.filter((key) => key.endsWith('.list')).map(folderOf));
  return [...pieces.filter((key) => !files.has(folderOf(key))), ...(await keysOf(server, 'uploads'))];
}

/** The service gives a thousand at a time. */
async function keysOf(server, question) {
  const keys = [];
  for (;;) {
    const after = keys.length > 0 ? `&start-after=${encodeURIComponent(keys.at(-1))}` : '';
    const { body } = await server.send('GET', `/${BUCKET}?${question}${after}`);
    const found = [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
    keys.push(...found);
    if (!body.includes('<IsTruncated>true<') || question === 'uploads' || found.length === 0) return keys;
  }
}

function environment(prefix, endpoint) {
  return {
    STORAGE_URL: `s3://${BUCKET}/${prefix}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

async function startServer() {
  const packages = packagesPlace();
  if (!existsSync(join(packages, 'moto'))) throw new Error('The S3 server of the tests is missing: run `.scripts/setup-s3`.');
  const child = start('python3', ['-c', SCRIPT], { env: { ...process.env, PYTHONPATH: packages }, stdio: ['pipe', 'pipe', 'ignore'] });
  atEnd(() => stop(child));
  const port = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(Number(line)));
    child.ended.then((outcome) => reject(new Error(`The S3 server ended with ${outcome}.`)), reject);
  });
  return port;
}

/** Where `.scripts/setup-s3` puts it. */
function packagesPlace() {
  const { STOCKROOM_MOTO: named, STOCKROOM_TOOLS: tools, XDG_CACHE_HOME: cache } = process.env;
  return named || join(tools || join(cache || join(homedir(), '.cache'), 'stockroom/tools'), 'moto');
}

async function startProxy(workerData) {
  const worker = new Worker(new URL('./store-proxy.mjs', import.meta.url), { workerData });
  atEnd(() => worker.terminate());
  // Whoever waits for an answer gets the error in its place.
  const answer = () => once(worker, 'message').then(([said]) => said);
  const { port } = await answer();
  const ask = (question) => {
    const answered = answer();
    worker.postMessage(question);
    return answered;
  };
  return { port, ask };
}
