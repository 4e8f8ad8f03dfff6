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

/**
 * Gives the kills of each step of a checked file: `plan(step)` is a list of `{ phase, done, wait }`: kill `wait` milliseconds after the work was begun,
 * or begun again, and has come to that phase and written so many rows. `timelines` are those of the undisturbed steps: `{ compared, prepared,
 * duration, rows }`, of which the first three are milliseconds after its beginning.
 *
 * A check writes nothing, so each attempt begins it anew. Whatever writes is killed in turn amid its rows and before the first of them. Waits
 * are short of what there was time for: the next attempt may be faster.
 */
export function planSteps({ kills, timelines, seed }) {
  const random = generator(seed);
  const counts = divided(kills, Object.keys(timelines));
  const within = (time) => (random() * Math.max(time, 0)) / 3;
  return (step) => {
    const { compared, prepared, duration, rows } = timelines[step];
    const reading = () => ({ wait: within(compared) });
    const comparing = () => ({ phase: 'comparing', wait: within(prepared - compared) });
    const before = (number) => (number % 2 === 0 ? comparing() : reading());
    const all = Array.from({ length: counts[step] }, (_, number) => number);
    if (step === 'check') return all.map(before);
    const amid = Math.ceil(all.length / 2);
    const written = (number) => ({ done: ((number + 1) / (amid + 1)) * rows, wait: within(duration - prepared) / 10 });
    return all.map((number) => (number % 2 === 0 ? written(number / 2) : before((number - 1) / 2)));
  };
}

/** As many for each step as for the others; what is left over goes to those that write. */
function divided(kills, steps) {
  const each = Math.floor(kills / steps.length);
  const rest = kills % steps.length;
  return Object.fromEntries(steps.map((step, place) => [step, each + (place > 0 && place <= rest ? 1 : 0)]));
}
