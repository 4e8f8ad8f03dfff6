/**
 * The thread in which receivers listen: each is an HTTP server of its own that notes every call and answers 200 at once, or never.
 *
 * It is started by `receivers.mjs`.
 */

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { workerData } from 'node:worker_threads';

import { now } from './clock.mjs';
import { answerTo } from './threads.mjs';

const { count, hanging, host } = workerData;

let calls = [];
let seen = emptyCounts();

const urls = await Promise.all(Array.from({ length: count }, (_, receiver) => listen(receiver)));

answerTo({
  urls: () => urls,
  counts: () => seen.map(({ calls, ids, items, last }) => ({ calls, distinct: ids.size, items, last })),
  calls: () => calls,
  forget: () => {
    calls = [];
    seen = emptyCounts();
  },
});

/** `last` is when something came that had not come before. */
function emptyCounts() {
  return Array.from({ length: count }, () => ({ calls: 0, ids: new Set(), items: 0, last: null }));
}

function listen(receiver) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      note(receiver, request.headers['webhook-id'], Buffer.concat(chunks), now());
      if (!hanging.includes(receiver)) response.writeHead(200).end();
    });
    // A caller that is killed breaks off; it calls again.
    request.on('error', () => {});
  });
  // A connection that is closed just when it is used again would look like a receiver that fails.
  server.keepAliveTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host, backlog: 1_024 }, () => resolve(`http://${host}:${server.address().port}/`));
  });
}

function note(receiver, id, body, at) {
  const { type, data } = JSON.parse(body);
  const digest = createHash('sha256').update(body).digest('base64');
  calls.push({ receiver, id, at, type, digest, sku: data.sku, version: data.version, items: data.items, import: data.import_id });
  const counts = seen[receiver];
  counts.calls += 1;
  if (counts.ids.has(id)) return;
  counts.ids.add(id);
  counts.items += data.items?.length ?? 0;
  counts.last = at;
}
