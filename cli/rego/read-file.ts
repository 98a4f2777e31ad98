/** Reads files and standard input, no further than a bound: neither has to end. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RegoError } from '../../server/rego/errors.ts';
import { decodeSource } from '../../server/rego/syntax/decode-source.ts';
import { plainErrors } from '../../server/rego/worker/plain-error.ts';
import { LoadError, ReportedErrors } from './reported-errors.ts';

/** The most bytes of one file; policies and documents of this size are beyond every limit on memory. */
const MAXIMUM_BYTES = 128 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** Reads a text file, or standard input for `-`. Throws LoadError. */
export function readText(path: string): string {
  return readBytes(path).toString('utf8');
}

/** Reads a policy, from standard input for `-`. Throws LoadError, and ReportedErrors for what is no UTF-8. */
export function readPolicy(path: string, name = path): string {
  const bytes = readBytes(path);
  try {
    return decodeSource(name, bytes);
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    throw new ReportedErrors(plainErrors(error, [{ file: name, text: bytes.toString('utf8') }]), 'compile');
  }
}

/** Reads a file, or standard input for `-`. Throws LoadError. */
export function readBytes(path: string): Buffer {
  try {
    const descriptor = path === '-' ? 0 : openSync(path, 'r');
    try {
      return readAll(descriptor, path);
    } finally {
      if (descriptor !== 0) closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof LoadError ? error : new LoadError(`open ${path}: ${reason(error)}`);
  }
}

function readAll(descriptor: number, path: string): Buffer {
  const known = fstatSync(descriptor);
  if (known.isDirectory()) throw new LoadError(`read ${path}: is a directory`);
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    if (total > MAXIMUM_BYTES) {
      throw new LoadError(
        `${path}: larger than ${MAXIMUM_BYTES / 1024 / 1024} MiB: give policies and documents in smaller files`,
      );
    }
    const chunk = Buffer.allocUnsafe(total === 0 && known.size > 0 && known.size < CHUNK ? known.size + 1 : CHUNK);
    const length = readSome(descriptor, chunk);
    if (length === 0) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    total += length;
  }
}

/** How long to wait for a standard input that does not block and has nothing yet. */
const PAUSE_MILLISECONDS = 10;

function readSome(descriptor: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
    }
  }
}

/** What the system says about a path, in the words that people know. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'ENOTDIR') return 'not a directory';
  if (code === 'ELOOP') return 'too many levels of symbolic links';
  return code === 'EACCES' ? 'permission denied' : message;
}
