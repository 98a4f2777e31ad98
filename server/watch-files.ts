import { unwatchFile, watchFile } from 'node:fs';

/** How often the files are looked at, in milliseconds. */
const INTERVAL = 1_000;
/** Files that belong together are not written at the same moment: what changes within this time is one change. */
const SETTLING = 300;

/**
 * Calls `changed` within about two seconds after one of the files was written, replaced, made or removed. Symbolic links
 * are followed, and file systems that tell nothing of changes (network, container mounts) work too, because the files
 * are looked at instead of listened to. Keeps no process alive. Returns how to stop.
 */
export function watchFiles(paths: readonly string[], changed: () => void): () => void {
  let pending: NodeJS.Timeout | undefined;
  const noticed = () => {
    clearTimeout(pending);
    pending = setTimeout(changed, SETTLING);
    pending.unref();
  };
  for (const path of paths) watchFile(path, { interval: INTERVAL, persistent: false }, noticed);
  return () => {
    clearTimeout(pending);
    for (const path of paths) unwatchFile(path, noticed);
  };
}
