/** F12: the process that reads a workbook is killed, as a system does that is out of memory. */

import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { referenceFile } from './reference.mjs';
import { explained, install, serve } from './stockroom.mjs';

const PATIENCE = 60_000;
const LOOK_EVERY = 5;
const NO_REASON = /problem with the service/;

export async function readerKilled(engine, settings, tally) {
  const database = await engine.make('workbook');
  const site = await install(settings.binary, database, join(settings.directory, 'workbook'));
  const server = await serve(site);
  const { client } = server;
  try {
    const path = await workbookOf(client, settings);
    const accepted = client.upload('/api/v1/imports', path);
    await killReader(tally, server, 'as the file comes in');
    const refusal = await accepted.then(() => null, ({ message }) => message);
    tally.check('reader killed as the file comes in: the upload is refused with a reason', refusal !== null && !NO_REASON.test(refusal), refusal);
    const { jobId } = await client.upload('/api/v1/imports', path);
    await killReader(tally, server, 'amid the import');
    checkEnd(tally, await client.follow(jobId));
    tally.check('reader killed: the server is the same', server.child.exitCode === null);
    const { jobId: next } = await client.upload('/api/v1/imports', path);
    const again = await client.follow(next);
    tally.check('reader killed: the same workbook is imported the next time', again.status === 'completed', again.error ?? again.message);
    await server.stop();
  } catch (error) {
    throw explained(error, site);
  }
  await database.drop();
}

async function killReader(tally, server, when) {
  const reader = await childOf(server.child.pid);
  if (reader) process.kill(reader, 'SIGKILL');
  tally.check(`reader killed ${when}: it is a process of its own`, reader !== null);
}

/** One of the shop's own products, which are those of the reference file. */
async function workbookOf(client, { rows, directory }) {
  const { jobId } = await client.upload('/api/v1/imports', referenceFile({ rows }).path);
  await client.follow(jobId);
  const path = join(directory, 'products.xlsx');
  const answer = await client.open('GET', '/api/v1/products/export?format=xlsx&columns=sku,name,description,price,active');
  await pipeline(answer, createWriteStream(path));
  return path;
}

/** The first process that the server starts, or null. */
async function childOf(parent) {
  for (const deadline = performance.now() + PATIENCE; performance.now() < deadline; await delay(LOOK_EVERY)) {
    const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === parent);
    if (found) return Number(found);
  }
  return null;
}

function parentOf(id) {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

function checkEnd(tally, { status, error, message }) {
  const isSaid = status === 'completed' || (status === 'failed' && Boolean(error));
  tally.check(`reader killed amid the import: it fails with a reason, or is read again (${status}: ${error ?? message})`, isSaid);
}
