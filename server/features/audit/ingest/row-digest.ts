import { hash } from 'node:crypto';

const DEEPEST = 200;

/**
 * SHA-256 over what a row says, whatever the order of its members and its blanks, and whether that is all of what was
 * sent. Where parsing did not keep everything (`exact` is false then) it is the digest of the bytes instead, so that
 * two different rows never count as the same.
 */
export function rowDigest(
  origin: { bytes(): Buffer },
  row: Readonly<Record<string, unknown>>,
  parsedExactly: boolean,
): { digest: Buffer; exact: boolean } {
  const text = parsedExactly ? canonicalRow(row) : INEXACT;
  if (typeof text === 'string') return { digest: sha256(text), exact: true };
  return { digest: sha256(Buffer.concat([Buffer.from('bytes:'), origin.bytes()])), exact: false };
}

/** SHA-256 in one call. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/** Stands for a number beyond ±(2^53 − 1), on which readers disagree, or nesting beyond 200 levels. */
const INEXACT = Symbol('inexact');

/**
 * The member names of the object that was last seen at a place of a row. Rows of a batch mostly have the same members:
 * these are sorted once, and spreading a row over `sorted` puts its members in order (an own `__proto__` stays a member
 * like any other).
 */
interface Shape {
  readonly names: readonly string[];
  readonly sorted: Readonly<Record<string, undefined>>;
  /** Shapes of the objects inside, by the name of the member. */
  readonly inside: Map<string, Shape>;
}

let lastShape: Shape | undefined;

/** The JSON of a row with the members of every object sorted. */
function canonicalRow(row: Readonly<Record<string, unknown>>): string | typeof INEXACT {
  lastShape = shapeFor(Object.keys(row), lastShape);
  const copy = canonicalMembers(row, lastShape, 1);
  return copy === INEXACT ? INEXACT : JSON.stringify(copy);
}

function shapeFor(names: readonly string[], known: Shape | undefined): Shape {
  if (known !== undefined && sameNames(names, known.names)) return known;
  const sorted = Object.fromEntries([...names].sort().map((name) => [name, undefined]));
  return { names, sorted, inside: new Map() };
}

function sameNames(names: readonly string[], known: readonly string[]): boolean {
  if (names.length !== known.length) return false;
  for (let index = 0; index < names.length; index += 1) {
    if (names[index] !== known[index]) return false;
  }
  return true;
}

function canonicalMembers(
  object: Readonly<Record<string, unknown>>,
  shape: Shape,
  depth: number,
): Record<string, unknown> | typeof INEXACT {
  const copy: Record<string, unknown> = { ...shape.sorted, ...object };
  for (const name of shape.names) {
    const value = object[name];
    const member = canonicalValue(value, name, shape, depth);
    if (member === INEXACT) return INEXACT;
    if (member !== value) copy[name] = member;
  }
  return copy;
}

/** A value that stands under `name` in an object of the shape, or in a list there. */
function canonicalValue(value: unknown, name: string, { inside }: Shape, depth: number): unknown {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : INEXACT;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return INEXACT;
  const known = inside.get(name) ?? shapeFor([], undefined);
  if (Array.isArray(value)) {
    inside.set(name, known);
    return canonicalList(value, name, known, depth + 1);
  }
  const shape = shapeFor(Object.keys(value), known);
  inside.set(name, shape);
  return canonicalMembers(value as Readonly<Record<string, unknown>>, shape, depth + 1);
}

function canonicalList(list: readonly unknown[], name: string, shape: Shape, depth: number): unknown {
  const copy: unknown[] = [];
  for (const element of list) {
    const member = canonicalValue(element, name, shape, depth);
    if (member === INEXACT) return INEXACT;
    copy.push(member);
  }
  return copy;
}
