/** Somebody who looks at the shop all the time while something is wrong with it, and notes what was not answered as usual, or late. */

import { setTimeout as delay } from 'node:timers/promises';

const PATHS = ['/api/v1/products?size=10', '/api/v1/imports', '/openapi.json'];
const APART = 50;

/** Begins to read; `stop()` gives `{ answers, wrong, longest }`, the last in seconds. */
export function keepReading(client) {
  const found = { answers: 0, wrong: [], longest: 0 };
  let isOver = false;
  const reading = (async () => {
    for (let number = 0; !isOver; number += 1) {
      const path = PATHS[number % PATHS.length];
      const from = performance.now();
      const { status } = await client.send('GET', path).catch((error) => ({ status: error.code ?? error.message }));
      found.longest = Math.max(found.longest, (performance.now() - from) / 1000);
      found.answers += 1;
      if (status !== 200) found.wrong.push(`${path}: ${status}`);
      await delay(APART);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await reading;
      return found;
    },
  };
}

/** Checks that everything was answered, and nothing later than `within` seconds. */
export function checkReading(tally, name, { answers, wrong, longest }, within) {
  const sentence = `${name}: all ${answers} questions are answered as usual, each within ${within} s (longest ${longest.toFixed(2)} s)`;
  tally.check(sentence, answers > 0 && wrong.length === 0 && longest <= within, `${wrong.length} not so, such as ${wrong[0]}`);
}
