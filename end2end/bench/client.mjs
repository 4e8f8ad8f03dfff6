/**
 * A program that talks to Stockroom over HTTP, as other systems do: uploads in a stream, follows jobs, exports.
 */

import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_EVERY = 20;
/** Longer than any answer may take; a server that hangs must not hang the run. */
const SILENCE = 120_000;
const BOUNDARY = 'stockroom-bench-7f3b1c';
const OVER = ['completed', 'failed', 'cancelled', 'awaiting_confirmation'];

export class Client {
  #agent;

  /** At most so many questions are on the way at the same time; others wait for their turn. */
  constructor(port, headers = {}, { sockets = 4, host = '127.0.0.1' } = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
    this.port = port;
    this.headers = headers;
    this.host = host;
  }

  /** Sends a request and gives the answer with its body unread. One that `isAlone` has a connection of its own. */
  open(method, path, { headers = {}, write = (sent) => sent.end(), isAlone = method !== 'GET' } = {}) {
    // A connection that the server is about to close can be replaced under a question, not under an upload.
    const agent = isAlone ? false : this.#agent;
    const target = { host: this.host, port: this.port, agent, method, path, timeout: SILENCE, headers: { ...this.headers, ...headers } };
    return new Promise((resolve, reject) => {
      const sent = request(target, resolve);
      sent.once('error', (error) => {
        // Closed just as it was used again: that says nothing of the question, which is asked anew on another connection.
        const isStale = sent.reusedSocket && !sent.res && error.code === 'ECONNRESET';
        if (isStale) resolve(this.open(method, path, { headers, write }));
        else reject(error);
      });
      sent.once('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered within ${SILENCE / 1000} s.`)));
      write(sent);
    });
  }

  /** `{ status, headers, body }` with the body as text. */
  async send(method, path, options) {
    const answer = await this.open(method, path, options);
    return { status: answer.statusCode, headers: answer.headers, body: await bodyOf(answer) };
  }

  async json(path) {
    const { status, body } = await this.send('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body.slice(0, 300)}`);
    return JSON.parse(body);
  }

  job(id) {
    return this.json(`/api/v1/jobs/${id}`);
  }

  /** Uploads a file in a stream: `{ jobId, started, accepted, answered }`; the last two in seconds from the first and the last byte. */
  async upload(path, file, more = {}) {
    const parts = multipart(file);
    const headers = { ...more, 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-length': parts.length };
    const started = performance.now();
    let lastByte = started;
    const write = (sent) => {
      sent.once('finish', () => (lastByte = performance.now()));
      // An early refusal closes the stream; the answer, not the broken pipe, says why.
      pipeline(parts.stream, sent).catch(() => {});
    };
    const { status, body } = await this.send('POST', path, { headers, write });
    if (status !== 202) throw Object.assign(new Error(`POST ${path} answered ${status}: ${body.slice(0, 300)}`), { status });
    const now = performance.now();
    return { jobId: JSON.parse(body).job_id, started, accepted: (now - started) / 1000, answered: (now - lastByte) / 1000 };
  }

  /** Follows a job to its end, or until somebody must confirm it, showing each state to `see`. */
  async follow(jobId, see = () => {}) {
    for (;;) {
      const job = await this.job(jobId);
      see(job);
      if (OVER.includes(job.status)) return job;
      await delay(POLL_EVERY);
    }
  }

  /** sha256 of an answer's body, read in a stream. */
  async checksum(path) {
    const answer = await this.open('GET', path);
    if (answer.statusCode !== 200) throw new Error(`GET ${path} answered ${answer.statusCode}: ${await bodyOf(answer)}`);
    const hash = createHash('sha256');
    await pipeline(answer, hash);
    return hash.digest('hex');
  }

  close() {
    this.#agent.destroy();
  }
}

async function bodyOf(answer) {
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function multipart(file) {
  const head = [
    `--${BOUNDARY}\r\n`,
    `Content-Disposition: form-data; name="file"; filename="${basename(file)}"\r\n`,
    'Content-Type: text/csv\r\n\r\n',
  ].join('');
  const tail = `\r\n--${BOUNDARY}--\r\n`;
  const length = head.length + statSync(file).size + tail.length;
  return { length, stream: joined(head, file, tail) };
}

async function* joined(head, file, tail) {
  yield Buffer.from(head);
  yield* createReadStream(file, { highWaterMark: 1 << 18 });
  yield Buffer.from(tail);
}
