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

/** Of the numbers `share(0)`, `share(1)`, … each is far from the one before, and all together are spread evenly over [0, 1). */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Gives the kills of each step of a checked file: `plan(step)` is a list of `{ after, done, wait }`: kill so many milliseconds after the work was
 * begun, or begun again, or `wait` milliseconds after so many rows are written if that comes first. `timelines` are those of the undisturbed
 * steps: `{ prepared, duration, rows }`.
 *
 * A check writes nothing, so each attempt begins it anew. Whatever writes is killed in turn amid its rows and before the first of them.
 * No two neighbours strike the same place: work that ends at one place five times in a row is given up, and rightly so.
 */
export function planSteps({ kills, timelines, seed }) {
  const random = generator(seed);
  const offset = random();
  const share = (number) => (offset + number * GOLDEN) % 1;
  const counts = divided(kills, Object.keys(timelines));
  return (step) => {
    const { prepared, duration, rows } = timelines[step];
    const all = Array.from({ length: counts[step] }, (_, number) => number);
    // The next attempt may be a little faster than the undisturbed one.
    if (step === 'check') return all.map((number) => ({ after: share(number) * duration * 0.9 }));
    const amid = Math.ceil(all.length / 2);
    const writing = duration - prepared;
    const written = (number) => {
      const part = (number / 2 + 1) / (amid + 1);
      return { after: prepared + part * writing, done: part * rows, wait: (random() * writing) / 20 };
    };
    return all.map((number) => (number % 2 === 0 ? written(number) : { after: share(number) * prepared }));
  };
}

/** As many for each step as for the others; what is left over goes to those that write. */
function divided(kills, steps) {
  const each = Math.floor(kills / steps.length);
  const rest = kills % steps.length;
  return Object.fromEntries(steps.map((step, place) => [step, each + (place > 0 && place <= rest ? 1 : 0)]));
}
