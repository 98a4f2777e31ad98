import { open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const LARGEST_SECRET_FILE = 4096;

/**
 * Reads a small file that only its owner may read. `what` names it in errors.
 * Guarantees that the file checked is the file read. Throws an `Error` with the remedy when the file is missing, no
 * plain file, larger than 4 KiB, owned by somebody other than this user or root, or accessible to group or others.
 */
export async function readSecretFile(path: string, what: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The ${what} ${path} cannot be opened (${error.code}); check the path and its owner.`);
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`The ${what} ${path} is not a plain file.`);
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    if (status.mode & 0o077) {
      throw new Error(`The ${what} ${path} is accessible to others (mode ${mode}); run: chmod 600 ${path}`);
    }
    const user = process.geteuid?.();
    if (user !== undefined && status.uid !== user && status.uid !== 0) {
      throw new Error(`The ${what} ${path} belongs to user ${status.uid}; it has to belong to user ${user} or root.`);
    }
    if (status.size > LARGEST_SECRET_FILE) {
      throw new Error(`The ${what} ${path} has ${status.size} bytes; at most ${LARGEST_SECRET_FILE} are expected.`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Creates a file with mode 0600, whatever the umask, and flushes it and its folder to the disk.
 * Throws an `Error` when it exists (nothing is overwritten) or cannot be written.
 */
export async function createSecretFile(path: string, content: string, what: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EEXIST' ? 'exists already and is never overwritten' : `failed (${error.code})`;
    throw new Error(`Creating the ${what} ${path}: ${reason}.`);
  });
  try {
    await file.chmod(0o600);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await unlink(path);
    throw new Error(`Writing the ${what} ${path} failed (${(error as NodeJS.ErrnoException).code}); nothing was left.`);
  } finally {
    await file.close();
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
