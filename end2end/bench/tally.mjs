/** Checks of a run, said as they are made, and counted. */

export class Tally {
  passed = 0;
  failed = 0;

  check(sentence, holds, otherwise = '') {
    if (holds) this.passed += 1;
    else this.failed += 1;
    console.log(`${holds ? '✓' : '✗'} ${sentence}${holds || !otherwise ? '' : ` – ${otherwise}`}`);
  }

  /** The last line of a run, and its exit code. */
  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}
