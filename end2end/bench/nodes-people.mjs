/** What people expect of two nodes that serve one shop: whoever signs in, signs out or saves settings at one does so at the other. */

import { EMAIL, PASSWORD } from './nodes-stage.mjs';
import { post, signIn, withCookie } from './sign-in.mjs';

const NAME = 'Shop of several nodes';

export async function checkPeople([one, other], tally) {
  const here = await signIn(one.site, EMAIL, PASSWORD);
  const there = withCookie(other.site, here.headers.cookie);
  tally.check(`who signs in at ${one.name} is signed in at ${other.name}`, (await statusOf(there)) === 200);
  const saved = await post(here, '/settings/shop', { shop_name: NAME });
  const { body } = await there.send('GET', '/settings');
  tally.check(`settings saved at ${one.name} are seen at ${other.name}`, saved.status === 303 && body.includes(NAME), `${saved.status}`);
  await post(there, '/logout', {});
  const status = await statusOf(here);
  tally.check(`who signs out at ${other.name} is signed out at ${one.name}`, status === 303, `answered ${status}`);
}

async function statusOf(browser) {
  return (await browser.send('GET', '/products')).status;
}
