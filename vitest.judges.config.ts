import { defineConfig } from 'vitest/config';

/** Judges from outside and tests that kill servers: they take minutes, and run by name (`npm run test:schemathesis`, `test:crash`). */
export default defineConfig({
  test: {
    include: ['test/judges/**/*.test.ts', 'test/crash/**/*.test.ts'],
    globalSetup: ['test/global-postgres.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'threads',
    fileParallelism: false,
  },
});
