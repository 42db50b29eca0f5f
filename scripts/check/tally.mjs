// Adds up what really ran.

/** Counts of passed, failed and skipped tests, and the names of what failed. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  failures = [];

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
  }

  /** Counts one failure under a name of its own: a check, a compile error, a runner that crashed. */
  fail(name) {
    this.failed += 1;
    this.failures.push(name);
  }

  /** Whether something ran and nothing failed. */
  get good() {
    return this.failed === 0 && this.passed > 0;
  }

  /** `12 passed, 0 failed, 1 skipped`, the last part only where something was. */
  toString() {
    return `${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ''}`;
  }
}
