/**
 * Products that are added and changed one by one, each with the moment when its answer was there. By then it is committed.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.mjs';

const RETRY_EVERY = 20;
/** Longer than any restart takes. */
const RETRY_FOR = 120_000;

/** Adds a product: `{ id, sku, version, at }`. */
export async function addProduct(client, sku) {
  const product = await sendJson(client, 'POST', '/api/v1/products', { sku, name: `Product ${sku}` }, { expected: 201 });
  return { ...factsOf(product), at: now() };
}

/** The same, by a program that asks again until it is answered. Its key keeps a product whose answer was lost from being added twice. */
export async function addProductSurely(client, sku) {
  const options = { expected: 201, headers: { 'idempotency-key': `add ${sku}` } };
  const product = await surely(() => sendJson(client, 'POST', '/api/v1/products', { sku, name: `Product ${sku}` }, options));
  return { ...factsOf(product), at: now() };
}

/** Gives a product another name: `{ id, sku, version, at }`. */
export async function renameProduct(client, id, name) {
  const product = await sendJson(client, 'PATCH', `/api/v1/products/${id}`, { name }, { expected: 200 });
  return { ...factsOf(product), at: now() };
}

/** Adds products, so many at the same time, as fast as the server takes them. */
export async function addProducts(client, skus, together) {
  const added = [];
  const rest = skus.values();
  const writer = async () => {
    for (const sku of rest) added.push(await addProduct(client, sku));
  };
  await Promise.all(Array.from({ length: together }, writer));
  return added;
}

/** Sends a body as JSON and gives the answer's. Any status but the expected one is an error that has it. */
export async function sendJson(client, method, path, body, { expected, headers = {} }) {
  const text = JSON.stringify(body);
  const options = { headers: { 'content-type': 'application/json', ...headers }, write: (sent) => sent.end(text) };
  const answer = await client.send(method, path, options);
  if (answer.status === expected) return JSON.parse(answer.body);
  throw Object.assign(new Error(`${method} ${path} answered ${answer.status}: ${answer.body.slice(0, 300)}`), { status: answer.status });
}

/** What is answered while an earlier request with the same key is still worked on. */
const WORKED_ON = 409;

/** Tries again while the server is away or says that the fault is its own. */
async function surely(attempt) {
  const deadline = performance.now() + RETRY_FOR;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isFinal = error.status < 500 && error.status !== WORKED_ON;
      if (isFinal || performance.now() > deadline) throw error;
    }
    await delay(RETRY_EVERY);
  }
}

function factsOf({ id, sku, version }) {
  return { id, sku, version };
}
