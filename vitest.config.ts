import { defineConfig } from 'vitest/config';

/** A suite is a folder of test/: what it proves is its name, and the report gives its time. */
const suites = ['unit', 'semantics', 'passes', 'golden', 'property', 'fuzz', 'diagnostics', 'end-to-end'] as const;

/** TRIGC_TEST_TIER=full draws larger counts, so that every limit of time grows with it. */
const full = process.env['TRIGC_TEST_TIER'] === 'full';
const timeout = full ? 1_800_000 : 180_000;

export default defineConfig({
  test: {
    reporters: ['./scripts/test-reporter.mjs'],
    globalSetup: ['./test/support/cache-folder.ts'],
    // Simulators and compilers run beside the tests: two workers keep two cores busy.
    pool: 'forks',
    maxWorkers: 2,
    slowTestThreshold: 5000,
    projects: suites.map((name) => ({
      extends: true,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout: timeout,
        hookTimeout: timeout,
      },
    })),
  },
});
