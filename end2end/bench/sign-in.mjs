/** A member of staff in a browser: signed in by the form of the page, with the cookie of the session. */

import { Client } from './client.mjs';

/** A client that is signed in. */
export async function signIn(site, email, password) {
  const answer = await post(new Client(site.port, {}, { host: site.host }), '/login', { email, password });
  const cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
  if (answer.status !== 303 || !cookie) throw new Error(`Signing in answered ${answer.status}: ${answer.body.slice(0, 300)}`);
  return withCookie(site, cookie);
}

/** The same browser at another node. */
export function withCookie({ port, host }, cookie) {
  return new Client(port, { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' }, { host });
}

/** Sends a form as a page of ours does. */
export function post(client, path, fields) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const form = new URLSearchParams(fields).toString();
  return client.send('POST', path, { headers, write: (sent) => sent.end(form) });
}
