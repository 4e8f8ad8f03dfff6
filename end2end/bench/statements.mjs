/** The statement by which Stockroom finds the products of a page, as its own log gives it. */

import { setTimeout as delay } from 'node:timers/promises';

import { logOf, serve } from './stockroom.mjs';

const FINDS_PRODUCTS = /\bFROM products\b.*\bLIMIT \d+/s;
const LOGGED_WITHIN = 5_000;

/** Serves the site once more, with a log of all statements, and lets `ask(server)` ask for the page. */
export async function statementOf(site, ask) {
  const server = await serve({ ...site, env: { ...site.env, RUST_LOG: 'warn,sqlx::query=trace', NO_COLOR: '1' } });
  try {
    const before = logOf(site).length;
    await ask(server);
    return await loggedStatement(() => logOf(site).slice(before));
  } finally {
    await server.stop();
  }
}

async function loggedStatement(log) {
  const deadline = performance.now() + LOGGED_WITHIN;
  for (;;) {
    const found = [...new Set(statementsIn(log()).filter((sql) => FINDS_PRODUCTS.test(sql)))];
    if (found.length === 1) return found[0];
    if (performance.now() > deadline) throw new Error(`The page's statement cannot be told from ${found.length} in the log: ${found.join('; ')}`);
    await delay(50);
  }
}

/** Short ones stand in the summary of their line, all others in a field of their own. */
function statementsIn(log) {
  const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
  return log.split('\n').flatMap((line) => {
    const [, short] = line.match(new RegExp(`summary=${quoted}`)) ?? [];
    const [, long] = line.match(new RegExp(`db\\.statement=${quoted}`)) ?? [];
    const text = long || short;
    return text ? [JSON.parse(`"${text}"`).trim()] : [];
  });
}
