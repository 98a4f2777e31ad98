import { afterAll, describe, expect, it } from 'vitest';
import { compileExpression } from '../../server/policy/evaluator/index.ts';
import { foldCase } from '../../server/policy/evaluator/python-text.ts';
import { Judge } from './judge.ts';
import { Random } from './random.ts';
import { sdkPython } from './venv.ts';

const found = await sdkPython();
const seed = Number(process.env['CZ_DIFFERENTIAL_SEED'] ?? 1);
const count = 30_000;

const atoms = [
  ...[
    'a',
    'b',
    'A',
    '1',
    ' ',
    '.',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\.',
    '\\n',
    '\\t',
    '\\x61',
    '\\u0062',
    '\\101',
    '\\0',
  ],
  ...[
    '[ab]',
    '[^a]',
    '[a-c]',
    '[]a]',
    '[^]a]',
    '[\\d_]',
    '[\\w-]',
    '[a\\-c]',
    '[-a]',
    '[a-]',
    '[\\]]',
    '[[a]',
    '[\\x61-c]',
    '[\\b]',
  ],
  ...[
    'é',
    'ß',
    '😀',
    '-',
    '_',
    '/',
    ':',
    '"',
    "'",
    '&',
    '#',
    ']',
    '}',
    '{',
    '{a',
    '{1',
    '{,}',
    '\\/',
    '\\-',
    '\\é',
    '\\e',
    '\\z',
    '\\1',
  ],
];
const anchors = ['^', '$', '\\A', '\\Z', '\\b', '\\B', '\n'];
const repeats = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{,2}', '{1,}', '{2,1}', '{0}', '*+', '**', '{1}{2}'];
const groups = ['(', '(?:', '(?P<n>', '(?i:', '(?-i:', '(?s:', '(?P<m>', '(?=', '(?#', '(?'];
const characters = [
  'a',
  'b',
  'c',
  'A',
  'B',
  '1',
  '_',
  ' ',
  '\n',
  '\t',
  '-',
  '/',
  '.',
  'é',
  'ß',
  '😀',
  '{',
  '}',
  ']',
  '#',
  '\u0000',
  '\b',
];

function sequence(random: Random, depth: number): string {
  return random.list(1, 4, () => piece(random, depth)).join(random.chance(0.1) ? '|' : '');
}

function piece(random: Random, depth: number): string {
  const repeat = random.chance(0.25) ? random.pick(repeats) : '';
  if (random.chance(0.12)) return random.pick(anchors) + (random.chance(0.05) ? repeat : '');
  if (depth < 2 && random.chance(0.2)) {
    return random.pick(groups) + sequence(random, depth + 1) + (random.chance(0.97) ? ')' : '') + repeat;
  }
  return random.pick(atoms) + repeat;
}

describe.skipIf(found.python === undefined)(
  `regular expressions against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    it(`finds ${count} random expressions in texts alike, or says that it cannot`, async () => {
      const random = new Random(seed);
      const asked = Array.from({ length: count }, (): readonly [string, string, boolean] => {
        const flags = random.chance(0.1) ? random.pick(['(?i)', '(?s)', '(?m)', '(?im)', '(?u)']) : '';
        const source = flags + sequence(random, 0);
        // Word boundaries know ASCII words only; see compileExpression.
        const alphabet = /\\[bB]/.test(source) ? characters.filter((character) => character < '\u0080') : characters;
        return [source, random.list(0, 6, () => random.pick(alphabet)).join(''), random.chance(0.2)];
      });
      const theirs = await judge.searches(asked);
      const counts = { found: 0, absent: 0, invalid: 0, undecidable: 0 };
      for (const [at, [source, text, ignoreCase]] of asked.entries()) {
        const expression = compileExpression(ignoreCase ? foldCase(source) : source, ignoreCase);
        if (expression.kind === 'undecidable') {
          counts.undecidable += 1;
          continue;
        }
        const ours = expression.kind === 'search' && expression.found(ignoreCase ? foldCase(text) : text);
        expect(ours, `seed ${seed}: ${JSON.stringify([source, text, ignoreCase])} (${expression.kind})`).toBe(
          theirs[at],
        );
        counts[expression.kind === 'invalid' ? 'invalid' : ours ? 'found' : 'absent'] += 1;
      }
      expect(counts.found).toBeGreaterThan(count / 10);
      expect(counts.absent).toBeGreaterThan(count / 10);
      expect(counts.undecidable).toBeLessThan(count / 5);
    });
  },
);
