/** The thread that keeps asking, started by `loads.mjs`. */

import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

import { Client } from './client.mjs';
import { now } from './clock.mjs';
import { answerTo } from './threads.mjs';

/** More than are ever needed at once by somebody who is answered in time. */
const SOCKETS = 64;
/** Wrong answers whose words are kept. */
const EXAMPLES = 3;

const { port, streams } = workerData;
const underWay = new Set();
let isStopped = false;
let noted = emptyNotes();

const askers = streams.map(keepAsking);

answerTo({
  take: () => {
    const taken = noted;
    noted = emptyNotes();
    return taken;
  },
  stop: async () => {
    isStopped = true;
    await Promise.all(askers);
    await Promise.all(underWay);
  },
});

function emptyNotes() {
  return Object.fromEntries(streams.map(({ name }) => [name, { times: [], worst: { time: 0 }, wrong: 0, examples: [] }]));
}

async function keepAsking({ every, headers, ...stream }) {
  const client = new Client(port, headers, { sockets: SOCKETS });
  const started = now();
  for (let number = 0; !isStopped; number += 1) {
    const moment = started + number * every;
    await delay(Math.max(0, moment - now()));
    const asked = ask(client, stream, number, moment);
    underWay.add(asked);
    asked.finally(() => underWay.delete(asked));
  }
}

async function ask(client, { name, method = 'GET', paths, body, expected = 200 }, number, moment) {
  const path = paths[number % paths.length];
  const { status, text } = await answerOf(client, method, path, body?.replaceAll('{n}', number));
  const notes = noted[name];
  const time = now() - moment;
  notes.times.push(time);
  if (time > notes.worst.time) notes.worst = { time, path };
  if (status === expected) return;
  notes.wrong += 1;
  if (notes.examples.length < EXAMPLES) notes.examples.push(`${method} ${path}: ${status} ${text.slice(0, 200)}`);
}

/** A connection that breaks is a wrong answer, too. */
async function answerOf(client, method, path, body) {
  const options = body && { headers: { 'content-type': 'application/json' }, write: (sent) => sent.end(body) };
  try {
    const answer = await client.send(method, path, options);
    return { status: answer.status, text: answer.body };
  } catch (error) {
    return { status: error.code ?? 'none', text: error.message };
  }
}
