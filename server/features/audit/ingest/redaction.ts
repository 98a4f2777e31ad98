import type { Withheld } from '../schema.ts';
import { sha256 } from './row-digest.ts';
import { cut, storable } from './text.ts';

const MOST_NAMES = 100;
const LONGEST_NAME = 128;

/**
 * What may be known of a value whose content is withheld: bytes and, of an object, the names of its members.
 * Text is measured as it is, everything else as its JSON. `hashed` adds the SHA-256; leave it out where the content is
 * kept elsewhere, because after an erasure the hash of a short command would still tell it.
 */
export function withhold(value: unknown, hashed: boolean): Withheld {
  const bytes = Buffer.from(typeof value === 'string' ? value : jsonOf(value));
  const summary: Withheld = { length: bytes.length };
  if (hashed) summary.sha256 = sha256(bytes).toString('hex');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const names = Object.keys(value).slice(0, MOST_NAMES);
    summary.names = names.map((name) => cut(storable(name), LONGEST_NAME));
  }
  return summary;
}

/** Stands for a value that is nested too deeply to be written again. */
export const TOO_DEEP = '<nested too deeply>';
const TOO_DEEP_JSON = JSON.stringify(TOO_DEEP);

/** The JSON of a parsed value; what is nested too deeply to be written again is named as such. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP_JSON;
    throw error;
  }
}

/** Whether `jsonOf` gave up. */
export function isTooDeep(json: string): boolean {
  return json === TOO_DEEP_JSON;
}
