/**
 * When to kill: moments spread over the whole import, learnt from an undisturbed run, and moments in the middle of a recovery.
 */

import { generator } from './random.mjs';

/** Every fourth kill strikes while the import is only getting going again. */
const IN_RECOVERY_EVERY = 4;
/** Progress is written a few times a second; without a random wait every kill would follow such a write. */
const JITTER = 250;

/**
 * A list of `{ percent, wait }` (kill once the import has got so far, after so many milliseconds) and `{ wait }` (so many
 * milliseconds after the start). `timeline` is `[{ at, percent, phase }]` of the undisturbed run, in milliseconds.
 */
export function planKills({ kills, timeline, seed }) {
  const random = generator(seed);
  const inRecovery = (index) => index % IN_RECOVERY_EVERY === IN_RECOVERY_EVERY - 1;
  const duration = timeline.at(-1).at;
  const moments = Array.from({ length: kills }, () => random() * duration).sort((one, other) => one - other);
  return moments.map((moment, index) =>
    inRecovery(index)
      ? { wait: random() * recoveryTime(timeline) }
      : { percent: percentAt(timeline, moment), wait: random() * Math.min(JITTER, duration / kills) },
  );
}

function percentAt(timeline, moment) {
  return timeline.findLast(({ at }) => at <= moment)?.percent ?? 0;
}

/** A recovery repeats at most what comes before the first row is applied. */
function recoveryTime(timeline) {
  return (timeline.find(({ phase }) => phase === 'applying') ?? timeline.at(-1)).at;
}
