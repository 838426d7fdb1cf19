import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that needs no knowledge of the runner: `N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count[test.result().state] += 1;
      // A file that does not load has no failed test of its own.
      const failedOutside =
        module.state() === 'failed' && !tests.some(test => test.result().state === 'failed');
      if (failedOutside) count.failed += 1;
    }
    const skipped = count.skipped + count.pending;
    // After whatever other reporters still have to print.
    process.once('exit', () => {
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`);
    });
  }
}
