// Installs the dependencies when they are missing or older than the lockfile. Uses nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.control-zero-stamp');

/** Node's own headers beside the running node, so that native modules compile without a download; undefined when absent. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? prefix : undefined;
}

/** Runs a command with the terminal attached; ends this process with its exit code when it fails. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Ends this process with a clear word where Node is too old for anything that follows. */
function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Control Zero needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Makes node_modules and dist match the lockfile and the sources. */
export function ensureDependencies() {
  demandNode();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted()) return;
  console.log('Installing dependencies (native modules may compile for a minute) …');
  const headers = nodeHeaders();
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    headers === undefined ? {} : { npm_config_nodedir: headers },
  );
}

/** Notes that node_modules is what the lockfile wants, for this Node; its own `prepare` does when an installation ends. */
export function noteInstalled() {
  writeFileSync(stamp, wanted());
}

function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
}
