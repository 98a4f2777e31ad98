import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../server/deployment.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { RECOVERY_FILE } from './files.ts';

/** Everything that `init` may put into a deployment directory; `.env` comes last and makes it one. */
const OWN_ENTRIES = ['config', 'data', 'run', 'backups', RECOVERY_FILE, PATHS.env];
const WORKSHOP = '.init-partial';

/** Whether the directory holds a finished deployment. */
export function isDeployed(home: string): boolean {
  return existsSync(join(home, PATHS.env));
}

/**
 * Makes the hidden folder in which a new deployment is put together, beside its final place. What an interrupted `init`
 * left behind is cleared away first. Throws `CommandError` when the directory holds things that are not ours.
 */
export function openWorkshop(home: string): string {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const workshop = join(home, WORKSHOP);
  if (existsSync(workshop)) {
    // Only an interrupted init leaves its workshop; what it had moved already is not a deployment without .env.
    for (const entry of [...OWN_ENTRIES, WORKSHOP]) rmSync(join(home, entry), { recursive: true, force: true });
  }
  const strangers = readdirSync(home);
  if (strangers.length > 0) {
    throw new CommandError(
      EXIT.conflict,
      `${home} is not empty (${strangers.slice(0, 5).join(', ')}). Name an empty or new directory with --dir or CZ_HOME.`,
    );
  }
  mkdirSync(workshop, { mode: 0o700 });
  return workshop;
}

/** Moves the finished deployment into place. `.env` is moved last, so there is never half a deployment. */
export function settle(home: string): void {
  const workshop = join(home, WORKSHOP);
  for (const entry of OWN_ENTRIES) {
    const from = join(workshop, entry);
    if (existsSync(from)) renameSync(from, join(home, entry));
  }
  rmSync(workshop, { recursive: true, force: true });
}

/** Throws the unfinished deployment away; the directory is as it was before. */
export function discardWorkshop(home: string): void {
  rmSync(join(home, WORKSHOP), { recursive: true, force: true });
  if (existsSync(home) && readdirSync(home).length === 0) rmSync(home, { recursive: true });
}
