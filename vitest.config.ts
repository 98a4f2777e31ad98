import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', 'dist/**', 'test/sdk/**', 'test/crash/**', 'test/judges/**'];

export default defineConfig({
  test: {
    include: ['server/**/*.test.ts', 'cli/**/*.test.ts', 'test/**/*.test.ts'],
    exclude,
    globalSetup: ['test/global-postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 2,
  },
});
