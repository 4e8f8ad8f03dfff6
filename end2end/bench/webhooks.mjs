/**
 * Webhooks: how fast many receivers are told of many changes and whether all of them learn all of it, how long one change takes at a
 * steady pace and beside a receiver that hangs, and what an import costs when somebody wants to know of it.
 */

import { measureFlood } from './webhooks-flood.mjs';
import { measureHookedImports } from './webhooks-imports.mjs';
import { measurePace } from './webhooks-pace.mjs';

/** `{ flood, pace, imports }`, each as its module describes. */
export async function measureWebhooks(engine, settings) {
  const results = {
    flood: await measureFlood(engine, settings),
    pace: await measurePace(engine, settings),
    imports: await measureHookedImports(engine, settings),
  };
  const faults = faultsOf(results);
  if (faults.length > 0) {
    settings.failures += 1;
    settings.say(`${engine.kind}: webhooks: ${faults.join('; ')}`);
  }
  return results;
}

/** What no machine may be too slow for. */
function faultsOf({ flood, pace, imports }) {
  const faults = {
    [`${flood.missing} of ${flood.deliveries} deliveries never came`]: flood.missing > 0,
    [`${flood.differing} logs say something else than their receivers`]: flood.differing > 0,
    [`${pace.missing} deliveries at a steady pace never came`]: pace.missing > 0,
    [`${imports.wrong} products of an import are not in its batches exactly once`]: imports.wrong > 0,
    [`an import without batches made ${imports.summaryCalls} calls`]: imports.summaryCalls !== 1,
  };
  return Object.keys(faults).filter((fault) => faults[fault]);
}
