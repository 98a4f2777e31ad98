import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryLock, lockDirectory } from '../../server/db/lock.ts';
import { PATHS } from '../../server/deployment.ts';
import { SETTINGS } from '../../server/kernel/config/settings.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { RECOVERY_FILE } from './files.ts';

/** Everything that `init` may put into a deployment directory; `.env` comes last and makes it one. */
const OWN_ENTRIES = ['config', 'data', 'run', 'backups', RECOVERY_FILE, PATHS.env];
/** What the master key comes from; one of the two exists. */
const MASTER_KEY_FILES: readonly string[] = [SETTINGS.masterKeyFile.fallback, PATHS.passphraseSettings];
const WORKSHOP = '.init-partial';

/** The hidden folder in which a new deployment is put together, beside its final place. */
export interface Workshop {
  readonly folder: string;
  /** Moves the finished deployment into place. `.env` is moved last, so there is never half a deployment. */
  settle(): void;
  /** Throws the unfinished deployment away; the directory is as it was before, apart from a master key to keep. */
  discard(): void;
}

/**
 * Opens the workshop of a directory. What an interrupted `init` left behind is cleared away first, except its master key
 * when `keepMasterKey` is set: a database server may hold keys that only this one opens. Throws `CommandError` when the
 * directory holds things that are not ours, and `DirectoryLockedError` while another `init` works there.
 */
export function openWorkshop(home: string, keepMasterKey: boolean): Workshop {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const folder = join(home, WORKSHOP);
  if (existsSync(folder)) clearInterrupted(home, folder, keepMasterKey);
  const strangers = readdirSync(home).filter((entry) => entry !== WORKSHOP);
  if (strangers.length > 0) {
    throw new CommandError(
      EXIT.conflict,
      `${home} is not empty (${strangers.slice(0, 5).join(', ')}). Name an empty or new directory with --dir or CZ_HOME.`,
    );
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return workshop(home, folder, lockDirectory(folder), keepMasterKey);
}

/** Removes the workshop that an interrupted `init` left after `.env` had its place. */
export function removeEmptyWorkshop(home: string): void {
  rmSync(join(home, WORKSHOP), { recursive: true, force: true });
}

/** Only an interrupted init leaves its workshop; what it had moved already is not a deployment without `.env`. */
function clearInterrupted(home: string, folder: string, keepMasterKey: boolean): void {
  lockDirectory(folder).release();
  if (keepMasterKey) bringBackMasterKey(home, folder);
  for (const entry of OWN_ENTRIES) {
    rmSync(join(home, entry), { recursive: true, force: true });
    if (entry !== 'config' || !keepMasterKey) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  const config = join(folder, 'config');
  if (!existsSync(config)) return;
  for (const entry of readdirSync(config))
    if (!MASTER_KEY_FILES.includes(`config/${entry}`) || statSync(join(config, entry)).size === 0)
      rmSync(join(config, entry), { recursive: true });
}

function bringBackMasterKey(home: string, folder: string): void {
  mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 });
  for (const file of MASTER_KEY_FILES)
    if (existsSync(join(home, file)) && !existsSync(join(folder, file)))
      renameSync(join(home, file), join(folder, file));
}

function workshop(home: string, folder: string, lock: DirectoryLock, keepMasterKey: boolean): Workshop {
  return {
    folder,
    settle: () => {
      lock.release();
      for (const entry of OWN_ENTRIES) {
        const from = join(folder, entry);
        if (existsSync(from)) renameSync(from, join(home, entry));
      }
      rmSync(folder, { recursive: true, force: true });
    },
    discard: () => {
      lock.release();
      if (keepMasterKey) return clearInterrupted(home, folder, true);
      rmSync(folder, { recursive: true, force: true });
      if (existsSync(home) && readdirSync(home).length === 0) rmSync(home, { recursive: true });
    },
  };
}
