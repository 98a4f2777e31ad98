import { createHash } from 'node:crypto';

/** A value has no canonical JSON form; `path` says where (`$.a[3]`), the message why. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path} ${reason}`);
    this.path = path;
  }
}

export interface CanonicalJsonOptions {
  /**
   * What to do with half of a surrogate pair, which UTF-8 cannot carry: `reject` (default, as RFC 8785 asks) or
   * `escape` as `\udXXX`, for evidence that has to be digested as it came.
   */
  readonly loneSurrogates?: 'reject' | 'escape';
  /** Whether numbers beyond ±(2^53 − 1), on which implementations disagree, are written (`allow`, default) or refused. */
  readonly unsafeNumbers?: 'allow' | 'reject';
}

const DEEPEST = 1000;

/**
 * Writes a parsed JSON value in the canonical form of RFC 8785 (JCS): members sorted by UTF-16 code units, numbers and
 * strings as ECMAScript writes them, no blanks.
 * Throws `CanonicalJsonError` for everything that JSON has not (NaN, infinities, undefined, bigint, functions, objects
 * that are neither plain nor arrays), for lone surrogates unless told otherwise, and beyond 1,000 levels.
 */
export function canonicalJson(value: unknown, options: CanonicalJsonOptions = {}): string {
  return write(value, '$', 0, options);
}

/** Lower-case hexadecimal SHA-256 of the canonical form in UTF-8. Throws as `canonicalJson` does. */
export function canonicalDigest(value: unknown, options: CanonicalJsonOptions = {}): string {
  return createHash('sha256').update(canonicalJson(value, options), 'utf8').digest('hex');
}

/**
 * The hash under which SDKs report call arguments: `sha256:` and the digest of the canonical form; missing arguments
 * count as `{}`. Empty for arguments on which SDKs disagree: numbers beyond ±(2^53 − 1), lone surrogates, non-JSON
 * (Python notes, section 5.3).
 */
export function argsHash(args: unknown): string {
  try {
    return `sha256:${canonicalDigest(args ?? {}, { unsafeNumbers: 'reject' })}`;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return '';
    throw error;
  }
}

function write(value: unknown, path: string, depth: number, options: CanonicalJsonOptions): string {
  if (depth > DEEPEST) throw new CanonicalJsonError(path.slice(0, 80), `is nested deeper than ${DEEPEST} levels.`);
  switch (typeof value) {
    case 'string':
      return writeString(value, path, options);
    case 'number':
      return writeNumber(value, path, options);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return writeArray(value, path, depth, options);
      return writeObject(value as Record<string, unknown>, path, depth, options);
    default:
      throw new CanonicalJsonError(path, `is of type ${typeof value}, which JSON has not.`);
  }
}

function writeArray(items: unknown[], path: string, depth: number, options: CanonicalJsonOptions): string {
  const written = Array.from(items, (item, index) => write(item, `${path}[${index}]`, depth + 1, options));
  return `[${written.join(',')}]`;
}

function writeObject(
  object: Record<string, unknown>,
  path: string,
  depth: number,
  options: CanonicalJsonOptions,
): string {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new CanonicalJsonError(path, 'is an object of a class; only plain objects have a canonical form.');
  }
  const members = Object.keys(object)
    .sort()
    .map((name) => {
      const written = writeString(name, path, options);
      return `${written}:${write(object[name], `${path}.${name}`, depth + 1, options)}`;
    });
  return `{${members.join(',')}}`;
}

function writeNumber(value: number, path: string, options: CanonicalJsonOptions): string {
  if (!Number.isFinite(value)) throw new CanonicalJsonError(path, `is ${value}, which JSON has not.`);
  if (options.unsafeNumbers === 'reject' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new CanonicalJsonError(path, 'is a number beyond 2^53 - 1, which not every reader keeps exactly.');
  }
  return JSON.stringify(value);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function writeString(text: string, path: string, options: CanonicalJsonOptions): string {
  if (options.loneSurrogates !== 'escape' && LONE_SURROGATE.test(text)) {
    throw new CanonicalJsonError(path, 'holds half of a surrogate pair, which UTF-8 cannot carry.');
  }
  return JSON.stringify(text);
}
