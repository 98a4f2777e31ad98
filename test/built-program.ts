import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const checkout = path.resolve(import.meta.dirname, '..');
const stamp = path.join(checkout, 'dist', 'build.json');
const SOURCES = ['cli', 'server', 'migrations', 'scripts', 'package.json'];

/**
 * Copies the built command line out of the checkout, building it first where a source is newer than the build. Goes
 * again when another build replaced it meanwhile. The launcher is `bin/czctl` below `program`.
 */
export function copyBuild(program: string): void {
  if (isStale()) execFileSync(process.execPath, [path.join(checkout, 'scripts', 'build.mjs')], { cwd: checkout });
  for (let attempt = 1; ; attempt += 1) {
    try {
      const before = readFileSync(stamp, 'utf8');
      rmSync(program, { recursive: true, force: true });
      for (const part of ['bin', 'dist', 'templates', 'package.json'])
        cpSync(path.join(checkout, part), path.join(program, part), { recursive: true });
      symlinkSync(path.join(checkout, 'node_modules'), path.join(program, 'node_modules'));
      if (readFileSync(stamp, 'utf8') === before) return;
    } catch (error) {
      if (attempt >= 5) {
        throw new Error(
          `The build cannot be copied (${(error as Error).message}). Run "npm run build" in the checkout.`,
        );
      }
    }
  }
}

function isStale(): boolean {
  const built = modified(stamp);
  return built === null || SOURCES.some((source) => newest(path.join(checkout, source)) > built);
}

function newest(file: string): number {
  if (!statSync(file).isDirectory()) return modified(file) ?? 0;
  return Math.max(
    0,
    ...readdirSync(file, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || (/\.(ts|mjs)$/.test(entry.name) && !entry.name.includes('.test.')))
      .map((entry) => newest(path.join(file, entry.name))),
  );
}

function modified(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
