/**
 * Small seeded random numbers: the same seed gives the same file and the same kills on every machine.
 */

const GOLDEN = 0x9e3779b9;

/** A generator of numbers in [0, 1): mulberry32. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mixed(state) / 2 ** 32;
  };
}

/** A number in [0, 1) that depends on nothing but its arguments, so that any row can be asked about in any order. */
export function randomAt(seed, index, purpose = 0) {
  return mixed((seed ^ Math.imul(index + 1, GOLDEN) ^ Math.imul(purpose, 0x85ebca6b)) >>> 0) / 2 ** 32;
}

export function pick(random, list) {
  return list[Math.floor(random() * list.length)];
}

function mixed(state) {
  let value = Math.imul(state ^ (state >>> 15), state | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return (value ^ (value >>> 14)) >>> 0;
}
