// Bundles the command line and the worker threads into dist/, so that a checkout starts fast after `npm ci` alone.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: {
    czctl: 'cli/main.ts',
    'audit-writer': 'server/db/audit-writer.worker.ts',
    'rego-worker': 'server/rego/worker/worker.ts',
  },
  outdir: 'dist',
  write: false,
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

// Written beside its place and moved there: a command that starts meanwhile finds the old build or the new one.
const fresh = `${root}.cache/build-${process.pid}`;
mkdirSync(fresh, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(join(fresh, basename(path)), contents);
writeFileSync(`${fresh}/build.json`, `${JSON.stringify({ version, commit: commit(), date: buildDate() })}\n`);
if (existsSync(`${root}dist`)) renameSync(`${root}dist`, `${fresh}.old`);
renameSync(fresh, `${root}dist`);
rmSync(`${fresh}.old`, { recursive: true, force: true });

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
