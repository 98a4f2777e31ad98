import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegoError, RegoErrors } from '../errors.ts';
import { compile } from '../policy.ts';
import { readCases } from '../tools/conformance.ts';
import { format } from '../tools/format.ts';
import { generateCase } from '../tools/generate/generate.ts';
import { parseModule, parseQuery } from './parser.ts';

const CASES = new URL('../cases/', import.meta.url);

/** Sources to start from: every module of the cases, which use every feature of the language, and generated ones. */
const SOURCES = [
  ...readdirSync(CASES)
    .sort()
    .flatMap((file) => readCases(readFileSync(new URL(file, CASES), 'utf8')))
    .flatMap(({ modules = [] }) => modules),
  ...Array.from({ length: 100 }, (_, seed) => generateCase(seed).module),
];

/** Pieces that break or bend a source where they are put in. */
const PIECES = [
  ...'{}[]()|,;:.=\\"`$#-_ \n\t\r\0\u00a0\ufeff\u2028\u{1f600}0e',
  ':=',
  '==',
  ' | ',
  ' if ',
  ' else ',
  ' else := 1 if ',
  ' in ',
  ' some ',
  ' every ',
  ' not ',
  ' with input as ',
  ' contains ',
  ' and ',
  ' or ',
  'default ',
  'import ',
  'import rego.v1\n',
  'import rego.v2\n',
  'package a\n',
  '# METADATA\n',
  '# scope: rule\n',
  '$"{',
  '}"',
  '"\\u',
  '1e999999',
  '1e',
  '0x',
  '.5',
  'set()',
  'data.',
  'input[',
  'null',
  '{x | ',
  '[x | ',
  'f(',
  '\ud800',
];

const source = fc.constantFrom(...SOURCES);
const place = fc.double({ min: 0, max: 1, noNaN: true });

/** One change of a text: put in, leave out, write twice, cut off, or go on with another source. */
const change = fc.oneof(
  fc.tuple(place, fc.constantFrom(...PIECES)).map(([at, piece]) => (text: string) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + piece + text.slice(index);
  }),
  fc.tuple(place, fc.nat({ max: 12 })).map(([at, length]) => (text: string) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + text.slice(index + length);
  }),
  fc.tuple(place, fc.nat({ max: 40 }), fc.integer({ min: 2, max: 30 })).map(([at, length, times]) => (text: string) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + text.slice(index, index + length).repeat(times) + text.slice(index + length);
  }),
  place.map((at) => (text: string) => text.slice(0, Math.floor(at * text.length))),
  fc.tuple(place, place, source).map(([at, from, other]) => (text: string) => {
    return text.slice(0, Math.floor(at * text.length)) + other.slice(Math.floor(from * other.length));
  }),
  fc.tuple(place, fc.string({ unit: 'binary', maxLength: 5 })).map(([at, noise]) => (text: string) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + noise + text.slice(index + noise.length);
  }),
);

const mutated = fc
  .tuple(source, fc.array(change, { minLength: 1, maxLength: 5 }))
  .map(([text, changes]) => changes.reduce((made, apply) => apply(made), text));

describe('a mutated source', () => {
  it('is a module or errors with places, never another exception', () => {
    let modules = 0;
    fc.assert(
      fc.property(mutated, fc.constantFrom('v0' as const, 'v1' as const), (text, version) => {
        const { module, errors } = parseModule('mutated.rego', text, { version });

        const rows = text.split('\n').length;
        for (const error of errors) {
          expect(error).toBeInstanceOf(RegoError);
          expect(error.code).toBe('rego_parse_error');
          expect(error.location!.row).toBeGreaterThanOrEqual(error.message === 'empty module' ? 0 : 1);
          expect(error.location!.row).toBeLessThanOrEqual(rows);
        }
        if (errors.length > 0) return;
        expect(module).toBeDefined();
        modules++;
      }),
      { seed: 8, numRuns: 4_000 },
    );
    expect(modules).toBeGreaterThan(400);
  });

  it('compiles, or has errors that say where', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        for (const error of compile([{ file: 'mutated.rego', text }], { strict: true }).errors) {
          expect(error).toBeInstanceOf(RegoError);
          expect(error.message).not.toBe('');
          expect(error.location?.file).toBe('mutated.rego');
        }
      }),
      { seed: 9, numRuns: 2_000 },
    );
  });

  it('that parses can be formatted, and stays as it is then', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        fc.pre(parseModule('mutated.rego', text).errors.length === 0);
        const once = format('mutated.rego', text);
        expect(format('mutated.rego', once)).toBe(once);
      }),
      { seed: 10, numRuns: 1_000, maxSkipsPerRun: 50 },
    );
  });

  it('is a query or one error', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        try {
          parseQuery('', text.slice(0, 200));
        } catch (error) {
          expect(error instanceof RegoError || error instanceof RegoErrors).toBe(true);
        }
      }),
      { seed: 11, numRuns: 1_500 },
    );
  });
});

/** Pieces that are written again and again, with what stands before and after all of them. */
const REPEATED: readonly (readonly [before: string, piece: string, after: string])[] = [
  ['p := ', '[', ''],
  ['p := ', '{', ''],
  ['p := ', '(', ''],
  ['p := ', '{x | ', ''],
  ['p := ', '[x | y, ', ''],
  ['p := ', '{"a": ', '1'],
  ['p := [', '1, ', '1]'],
  ['p := {', 'x, ', 'x}'],
  ['p := ', '1 + ', '1'],
  ['p := ', 'a | ', 'a'],
  ['p := ', 'f(', ''],
  ['p := a', '.b', ''],
  ['p := a', '[0]', ''],
  ['p := a', '[b', ''],
  ['p := "', '\\"', '"'],
  ['p := `', 'x\n', '`'],
  ['p := $"', '{x}', '"'],
  ['p := $"', '{$"', '"'],
  ['p := ', '-', '1'],
  ['p if { ', 'x; ', 'x }'],
  ['p if { ', 'not x\n', '}'],
  ['p if ', 'not ', 'x'],
  ['p if x', ' with input as 1', ''],
  ['p if { ', 'some x in y\n', '}'],
  ['p if ', 'every x in y { ', ''],
  ['p if x', ' else := 1 if x', ''],
  ['', 'p if { x }\n', ''],
  ['', 'p { x }\n', ''],
  ['', 'p := }\n', ''],
  ['', '# METADATA\n', ''],
  ['', '# METADATA\n# title: x\np := 1\n', ''],
  ['# METADATA\n', '# a:\n', 'p := 1'],
  ['', 'import data.a\n', ''],
  ['p := ', '\n', '1'],
  ['p := ', '\u00a0', '1'],
  ['import rego.v2\np if ', '{ x } and ', 'x'],
  ['import rego.v2\np if ', '(x or ', 'x'],
  ['import rego.v2\np if ', 'not {', 'x'],
  ['import rego.v2\np if ', '{', 'x'],
  ['import rego.v2\np if x ', 'and x or x ', ''],
];

/** Below this the clock tells more of the machine than of the parser; quadratic time is far above it. */
const MILLISECONDS = 2_000;

/** How long parsing takes, in milliseconds: the least of at most five attempts, the first that is fast anyway. */
function leastTime(text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && least > MILLISECONDS; attempt++) {
    const before = performance.now();
    parseModule('repeated.rego', text);
    least = Math.min(least, performance.now() - before);
  }
  return least;
}

describe('the time to parse', () => {
  const sized = ([before, piece, after]: (typeof REPEATED)[number], characters: number) =>
    `package repeated\n\n${before}${piece.repeat(Math.ceil(characters / piece.length))}${after}\n`;

  it.each(REPEATED)('of %j and many of %j is short', (...parts) => {
    expect(leastTime(sized(parts, 160_000))).toBeLessThan(MILLISECONDS);
  });

  it('of mutated sources, written again and again, is short', () => {
    for (const text of fc.sample(mutated, { seed: 12, numRuns: 300 })) {
      expect(leastTime(text.repeat(Math.ceil(20_000 / (text.length + 1))))).toBeLessThan(MILLISECONDS);
    }
  });
});
