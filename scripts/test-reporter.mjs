// Vitest reporter: failures as vitest prints them, then the time of each suite, every skipped test by name with the
// reason where one is known, and as the last line `N passed, N failed, N skipped`, which scripts read.
import { DefaultReporter } from 'vitest/node';

/** Shown under a suite when they took at least this long. */
const slowFileMilliseconds = 10_000;

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Preparation, import and tests of one file: what it adds to the work of its worker. */
function fileMilliseconds(testModule) {
  const { setupDuration, collectDuration, duration } = testModule.diagnostic();
  return setupDuration + collectDuration + duration;
}

/** Files that could not be loaded and hooks that threw have no test to count, and must not pass unseen. */
function failuresOutsideTests(testModule) {
  let count = testModule.errors().length;
  for (const suite of testModule.children.allSuites()) count += suite.errors().length;
  return count;
}

export default class TestReporter extends DefaultReporter {
  onTestRunEnd(testModules, unhandledErrors, reason) {
    super.onTestRunEnd(testModules, unhandledErrors, reason);
    const total = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const suites = new Map();
    const skipped = [];
    for (const testModule of testModules) {
      const suite = suites.get(testModule.project.name) ?? { tests: 0, milliseconds: 0, slow: [] };
      suites.set(testModule.project.name, suite);
      const milliseconds = fileMilliseconds(testModule);
      suite.milliseconds += milliseconds;
      if (milliseconds >= slowFileMilliseconds) suite.slow.push({ name: testModule.relativeModuleId, milliseconds });
      total.failed += failuresOutsideTests(testModule);
      for (const test of testModule.children.allTests()) {
        suite.tests++;
        const { state, note } = test.result();
        // A test that never ran, because the run was cut short, has not passed.
        total[state === 'pending' ? 'failed' : state]++;
        if (state === 'skipped') {
          skipped.push(`${testModule.relativeModuleId} > ${test.fullName}${note === undefined ? '' : `: ${note}`}`);
        }
      }
    }
    if (reason === 'interrupted' && total.failed === 0) total.failed = 1;
    this.printSuites(suites);
    if (skipped.length > 0) this.log(`\nSkipped tests:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
    this.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  }

  printSuites(suites) {
    this.log('\nTime of each suite, its files added up:');
    for (const [name, suite] of [...suites].sort(([left], [right]) => left.localeCompare(right))) {
      this.log(`  ${name.padEnd(14)}${seconds(suite.milliseconds).padStart(10)}  ${String(suite.tests)} tests`);
      for (const file of suite.slow.sort((left, right) => right.milliseconds - left.milliseconds)) {
        this.log(`    ${seconds(file.milliseconds).padStart(20)}  ${file.name}`);
      }
    }
  }
}
