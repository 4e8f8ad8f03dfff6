/**
 * The thread of a proxy before an S3 server. It is started by `store.mjs`, says `{ port }`, and answers each `{ mode }` with how many
 * requests it has had in each mode.
 */

import { Agent, createServer, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { host, behind } = workerData;
/** Milliseconds before each request, and before each piece of a body, of a store that is slow. */
const SLOW = 1_000;
const SLOW_PIECE = 20;

const agent = new Agent({ keepAlive: true });
const counts = { open: 0, failing: 0, slow: 0, dropping: 0, dropped: 0 };
let mode = 'open';
let uploads = 0;

const handlers = { open: forward, failing: refuse, slow: forwardSlowly, dropping: dropSome };
const server = createServer((asked, answer) => {
  counts[mode] += 1;
  // Whoever asked may be killed, or frozen, amid its question.
  asked.on('error', () => {});
  answer.on('error', () => {});
  handlers[mode](asked, answer).catch(() => asked.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host }, () => parentPort.postMessage({ port: server.address().port }));

parentPort.on('message', (question) => {
  mode = question.mode ?? mode;
  parentPort.postMessage({ ...counts });
});

async function refuse(asked, answer) {
  asked.resume();
  const body = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>ServiceUnavailable</Code><Message>Please try again.</Message></Error>';
  answer.writeHead(503, { 'content-type': 'application/xml' }).end(body);
}

function forward(asked, answer, slowly = false) {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: behind, agent, method: asked.method, path: asked.url, headers: asked.headers };
    const sent = request(target, (found) => {
      answer.writeHead(found.statusCode, found.headers);
      passed(found, answer, slowly).then(resolve, reject);
    });
    sent.once('error', reject);
    asked.once('aborted', () => sent.destroy());
    passed(asked, sent, slowly).catch(reject);
  });
}

async function forwardSlowly(asked, answer) {
  await delay(SLOW);
  await forward(asked, answer, true);
}

/** Every other upload is broken off when about half of it has come. */
async function dropSome(asked, answer) {
  const isUpload = asked.method === 'PUT';
  if (isUpload) uploads += 1;
  if (!isUpload || uploads % 2 === 0) return forward(asked, answer);
  counts.dropped += 1;
  // A request that is not read to its end lets go of its connection without closing it.
  const { socket } = asked;
  const half = Number(asked.headers['content-length'] ?? 0) / 2;
  let come = 0;
  for await (const piece of asked) {
    come += piece.length;
    if (come >= half) break;
  }
  socket.destroy();
}

async function passed(from, to, slowly) {
  for await (const piece of from) {
    if (slowly) await delay(SLOW_PIECE);
    to.write(piece);
  }
  to.end();
}
