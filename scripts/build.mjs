// Bundles the command line and the worker threads into dist/, so that a checkout starts fast after `npm ci` alone.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { czctl: 'cli/main.ts', 'audit-writer': 'server/db/audit-writer.worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Native modules, and one that reads its own files; everything else is bundled, which halves start-up time and memory.
  external: ['better-sqlite3', 'argon2', '@fastify/swagger-ui', 'pg-native'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  minifySyntax: true,
  logLevel: 'warning',
});
writeFileSync(`${root}dist/build.json`, `${JSON.stringify({ version, commit: commit(), date: buildDate() })}\n`);

/** The commit this build was made from, or 'unknown' outside a git checkout. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}

/** SOURCE_DATE_EPOCH when set, so that builds can be reproduced; else now. */
function buildDate() {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return new Date(epoch ? Number(epoch) * 1000 : Date.now()).toISOString();
}
