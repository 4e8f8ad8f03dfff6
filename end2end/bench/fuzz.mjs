/**
 * Whatever the description of the API allows and forbids is asked of a real server, and every answer is judged by it: with schemathesis, all of
 * its checks, on a throw-away database of each kind.
 *
 *   node end2end/bench/fuzz.mjs [--databases sqlite,postgres] [--examples 20] [--seed 1] [--phases examples,coverage,fuzzing,stateful]
 *     [--only REGEX] [--binary PATH]
 *
 * What is left out, and why, stands in .config/schemathesis.toml and .config/schemathesis_hooks.py. `--only` names operations by their ids.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openEngine } from './databases.mjs';
import { count, readOptions } from './options.mjs';
import { scratchDirectory } from './places.mjs';
import { runMain, start } from './processes.mjs';
import { installed, logEnd, serve } from './stockroom.mjs';

const CONFIG = fileURLToPath(new URL('../../.config', import.meta.url));
const PHASES = 'examples,coverage,fuzzing,stateful';
/** What is there for the numbers of the description's examples: product 1, catalogue 1, import 1, webhook 1. */
const FILE = 'sku,name,description,price,catalogue\r\nMUG-1,Enamel mug,Blue,12.99,Kitchen\r\nMUG-2,Mug,,3.50,\r\n,Without a SKU,,1.00,\r\n';

await runMain(async () => {
  const settings = readSettings();
  let failed = 0;
  for (const kind of settings.databases) {
    console.log(`\n${kind}`);
    const engine = await openEngine(kind, settings.directory);
    const outcome = await installed(engine, settings, 'fuzz', (site) => fuzz(site, settings));
    if (outcome !== 0) failed += 1;
  }
  return failed;
});

function readSettings() {
  const options = readOptions({ examples: '20', seed: '1', phases: PHASES, only: '.' });
  const numbers = { examples: count('examples', options.examples), seed: count('seed', options.seed) };
  return { ...options, ...numbers, directory: scratchDirectory('fuzz') };
}

async function fuzz(site, settings) {
  const server = await serve(site);
  try {
    await furnish(server.client);
    const outcome = await start('python3', words(site, settings), {
      cwd: site.directory,
      env: {
        ...process.env,
        STOCKROOM_KEY: site.key,
        SCHEMATHESIS_HOOKS: join(CONFIG, 'schemathesis_hooks.py'),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    }).ended;
    if (outcome !== 0) console.error(`The server's log ends:\n${logEnd(site)}`);
    return outcome;
  } finally {
    await server.stop();
  }
}

function words(site, { examples, seed, phases, only }) {
  const program = ['-m', 'schemathesis.cli', '--config-file', join(CONFIG, 'schemathesis.toml')];
  const run = ['run', `http://127.0.0.1:${site.port}/openapi.json`, '-H', `Authorization: Bearer ${site.key}`];
  const extent = ['--phases', phases, '--max-examples', String(examples), '--seed', String(seed)];
  return [...program, ...run, '--checks', 'all', ...extent, '--include-operation-id-regex', only, '--continue-on-failure'];
}

/** What the numbers in the description's examples stand for. */
async function furnish(client) {
  const send = async (path, body, type) => {
    const write = (sent) => sent.end(body);
    const { status } = await client.send('POST', path, { headers: { 'content-type': type }, write });
    if (status >= 300) throw new Error(`POST ${path} was answered with ${status}.`);
  };
  const part = 'Content-Disposition: form-data; name="file"; filename="products.csv"';
  await send('/api/v1/ingest', `--part\r\n${part}\r\n\r\n${FILE}\r\n--part--\r\n`, 'multipart/form-data; boundary=part');
  const webhook = { url: 'http://127.0.0.1:9090/', events: ['product.created'], enabled: false };
  await send('/api/v1/webhooks', JSON.stringify(webhook), 'application/json');
}
