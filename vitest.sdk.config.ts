import { defineConfig } from 'vitest/config';

/** Tests that run the published SDKs; they make a Python environment under `.cache` when none is there. */
export default defineConfig({
  test: {
    include: ['test/sdk/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'threads',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
