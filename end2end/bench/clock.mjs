/** One clock for all threads of a run: it never jumps, so what one thread notes can be compared with what another does. */

/** Milliseconds, with fractions. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}
