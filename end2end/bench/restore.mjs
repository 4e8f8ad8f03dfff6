/**
 * Backup and restore as the operators' page has them: its own commands are run against a shop that serves, on both databases; then all is
 * lost and restored, and what there was before must be there again.
 *
 *   node end2end/bench/restore.mjs [--rows 2000] [--databases sqlite,postgres] [--binary PATH]
 */

import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { openEngine } from './databases.mjs';
import { readOptions } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { atEnd, run, runMain } from './processes.mjs';
import { install, launch, serve, whenReady } from './stockroom.mjs';
import { Tally } from './tally.mjs';
import { sendJson } from './writes.mjs';

const PAGE = fileURLToPath(new URL('../../server/docs/operations.md', import.meta.url));
const BLOCK = /<!-- check-restore: (.+) -->\n```sh\n([\s\S]*?)```/g;
const WAITS = 'awaiting_confirmation';

await runMain(async () => {
  const options = readOptions({ rows: '2000' });
  const blocks = Object.fromEntries([...readFileSync(PAGE, 'utf8').matchAll(BLOCK)].map(([, name, commands]) => [name, commands]));
  const receiver = await openReceiver();
  const tally = new Tally();
  for (const kind of options.databases) {
    const shop = await openShop(kind, options, receiver);
    const commands = (name) => follow(shop, blocks, `${kind} ${name}`);
    await checkRestore(shop, commands, tally);
    await checkLostKey(shop, commands, tally);
  }
  return tally.finish();
});

/** An installation as the page describes it: all in one folder, but for PostgreSQL. */
async function openShop(kind, { binary, rows }, receiver) {
  const directory = scratchDirectory(`restore-${kind}`);
  const data = join(directory, 'data');
  const engine = kind === 'postgres' ? await openEngine(kind, directory) : undefined;
  const database = engine ? await engine.make('stockroom') : { url: `sqlite://${join(data, 'stockroom.db')}` };
  const site = await install(binary, database, data);
  site.env.STOCKROOM_SCRATCH_DIR = join(data, 'scratch');
  const places = { data, backup: join(directory, 'backups', 'one'), owner: userInfo().username };
  const programs = engine && {
    PATH: `${engine.server.bin}:${process.env.PATH}`,
    PGHOST: engine.server.socket,
    PGPORT: String(engine.server.port),
    PGUSER: engine.server.user,
    PGDATABASE: 'stockroom',
  };
  return { kind, site, database, data, rows, receiver, directory, env: { ...process.env, ...places, ...programs } };
}

/** Runs the commands of one block of the page, word for word. */
async function follow({ kind, env }, blocks, name) {
  const commands = blocks[name];
  if (!commands) throw new Error(`The page has no commands called “${name}”.`);
  console.log(`▸ ${kind}: ${commands.trim().split('\n').length} lines of “${name}”`);
  await run('bash', ['-euo', 'pipefail', '-c', commands], { env });
}

async function checkRestore(shop, commands, tally) {
  const { kind, site } = shop;
  let server = await serve(site);
  const waiting = await fill(shop, server.client);
  const before = await everything(server.client);
  await commands('backup');
  await server.stop();
  await lose(shop);
  await commands('restore');
  server = await serve(site);
  const after = await everything(server.client);
  const differing = Object.keys(before).filter((name) => before[name] !== after[name]);
  tally.check(`${kind}: ${Object.keys(before).length} answers of the restored shop are those from before`, differing.length === 0, differing.join(', '));
  await checkWebhook(shop, server.client, tally);
  await sendJson(server.client, 'POST', `/api/v1/imports/${waiting}/apply`, {}, { expected: 202 });
  const applied = await followOn(server.client, waiting);
  tally.check(`${kind}: what waited for somebody can be applied`, applied.status === 'completed' && applied.updated === shop.rows, JSON.stringify(applied));
  await server.stop();
}

/** Products with a past, a check that waits, and a webhook. Gives the id of the check. */
async function fill({ kind, directory, rows, receiver }, client) {
  const upload = async (path, price) => {
    const lines = Array.from({ length: rows }, (_, n) => `SKU-${n},"Mug, ${n} “größer”",${price}.${String(n % 100).padStart(2, '0')},Kitchen ${n % 7}`);
    const file = join(directory, `${kind}-${price}.csv`);
    writeFileSync(file, `sku,name,price,catalogue\n${lines.join('\n')}\n`);
    const { jobId } = await client.upload(path, file);
    return client.follow(jobId);
  };
  const webhook = await sendJson(client, 'POST', '/api/v1/webhooks', { url: receiver.url, events: ['product.updated'] }, { expected: 201 });
  receiver.secret = webhook.secret;
  await upload('/api/v1/imports', 3);
  const first = (await client.json('/api/v1/products?sku=SKU-0')).items[0];
  await sendJson(client, 'PATCH', `/api/v1/products/${first.id}`, { name: 'Another name' }, { expected: 200 });
  const { job_id: id, status } = await upload('/api/v1/imports?check=true', 4);
  if (status !== WAITS) throw new Error(`The check has ended as ${status}.`);
  return id;
}

/** What people and programs get to see, as checksums. */
async function everything(client) {
  const { items } = await client.json('/api/v1/products?sku=SKU-0');
  const { items: jobs } = await client.json('/api/v1/imports');
  const paths = [
    '/api/v1/products/export?format=csv',
    '/api/v1/catalogs?size=100',
    `/api/v1/products/${items[0].id}/history`,
    `/api/v1/products/${items[0].id}/fields`,
    '/api/v1/imports',
    ...jobs.map(({ job_id: id }) => `/api/v1/imports/${id}/file`),
  ];
  const sums = [];
  for (const path of paths) sums.push([path, await client.checksum(path)]);
  return Object.fromEntries(sums);
}

/** The disk with the database is gone. With SQLite the files were on the same. */
function lose({ data, database }) {
  return database.drop ? database.drop() : rmSync(data, { recursive: true });
}

/** A receiver knows the calls of the restored shop by the secret that it got from the old one. */
async function checkWebhook({ kind, receiver }, client, tally) {
  const { items } = await client.json('/api/v1/webhooks');
  const { delivered } = await sendJson(client, 'POST', `/api/v1/webhooks/${items[0].id}/test`, {}, { expected: 200 });
  tally.check(`${kind}: its webhook signs with the secret from before`, delivered === true && receiver.verified > 0);
}

async function followOn(client, id) {
  for (;;) {
    const job = await client.follow(id);
    // Just confirmed, it may not have been taken up yet.
    if (job.status !== WAITS) return job;
  }
}

async function checkLostKey({ kind, site, data }, commands, tally) {
  rmSync(join(data, 'secret.key'));
  const refused = launch(site);
  const outcome = await refused.child.ended;
  tally.check(`${kind}: without its key it does not start`, outcome === 1, `it ended with ${outcome}`);
  await refused.stop();
  await commands('lost key');
  const server = launch(site);
  await whenReady(server, site);
  const { total } = await server.client.json('/api/v1/webhooks');
  tally.check(`${kind}: without its webhooks it starts with a new key`, total === 0);
  await server.stop();
}

/** A receiver that counts the calls whose signature is right. */
async function openReceiver() {
  const receiver = { verified: 0, secret: '' };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const signed = `${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(receiver.secret.replace('whsec_', ''), 'base64');
    const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    if (request.headers['webhook-signature']?.split(' ').includes(expected)) receiver.verified += 1;
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  receiver.url = `http://127.0.0.1:${server.address().port}/`;
  return receiver;
}
