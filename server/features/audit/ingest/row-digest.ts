import { hash } from 'node:crypto';

const DEEPEST = 200;

/** How faithfully a parsed row stands for its text. */
export type Fidelity = 'sorted' | 'unsorted' | 'inexact';

/**
 * Tells whether parsing kept everything of a row, and whether all members are in order already.
 * `inexact`: a number beyond ±(2^53 − 1), on which readers disagree, or nesting beyond 200 levels.
 */
export function fidelityOf(value: unknown, depth = 0): Fidelity {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 'sorted' : 'inexact';
  if (typeof value !== 'object' || value === null) return 'sorted';
  if (depth >= DEEPEST) return 'inexact';
  const list = Array.isArray(value);
  let result: Fidelity = 'sorted';
  let before = '';
  for (const name of Object.keys(value)) {
    if (!list && name < before) result = 'unsorted';
    before = name;
    const member = fidelityOf((value as Record<string, unknown>)[name], depth + 1);
    if (member === 'inexact') return 'inexact';
    if (member === 'unsorted') result = 'unsorted';
  }
  return result;
}

/**
 * SHA-256 over what a row says, whatever the order of its members and its blanks. Where parsing did not keep
 * everything it is the digest of the bytes instead, so that two different rows never count as the same.
 */
export function rowDigest(origin: { bytes(): Buffer }, row: unknown, fidelity: Fidelity): Buffer {
  if (fidelity === 'inexact') return sha256(Buffer.concat([Buffer.from('bytes:'), origin.bytes()]));
  return sha256(JSON.stringify(fidelity === 'sorted' ? row : sorted(row)));
}

/** SHA-256 in one call. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  // Without a prototype even `__proto__` is a member like any other.
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value).sort()) copy[name] = sorted((value as Record<string, unknown>)[name]);
  return copy;
}
