import { conditionOperators, operatorAliases } from '../../server/policy/evaluator/index.ts';
import type { Random } from './random.ts';
import { commandLine, patternNear, sqlText } from './vocabulary.ts';

export const operatorNames = [...conditionOperators, ...Object.keys(operatorAliases)];
export const conditionKeys = [
  ...[
    'n',
    'url',
    'command',
    'input_text',
    'Input_Text',
    'env',
    'when',
    'resource',
    'client_name',
    'project_id',
    'missing',
  ],
  ...['hour', 'tags', 'host_tool_name', 'subject_origin', 'sql', 'input_payload', 'prompt'],
];

const numbers = [0, 1, 3, 5, -5, 5.5, 0.1, 1e-5, 1e21, 123456789012, 2.5e-7, -0.5];
const numerals = ['5', ' 5 ', '5.0', '1e1', '1_0', 'inf', '-inf', 'nan', '0x5', '', '.5', '5.', '٣', '+3', '1__0', '-'];
const times = ['09:00', '09:30', '17:00', '20:00', '2024-01-01', '9:00'];
const texts = [
  ...[
    'a',
    'A',
    'b',
    'a/b',
    'prod',
    'PROD',
    'evil.com',
    'https://evil.com/x',
    "it's",
    'say "x"',
    'straße',
    'STRASSE',
    'İ',
  ],
  ...['a*', '[a]', 'x\ny', 'line\n', '😀', 'ﬀ', '\uffff', 'é', 'True', 'None', '\t', 'a, b', 'Saturday'],
];

/** A JSON value as calls carry them, often near an edge. */
export function factValue(random: Random): unknown {
  const roll = random.next();
  if (roll < 0.4) return random.pick(texts);
  if (roll < 0.55) return random.pick(numbers);
  if (roll < 0.68) return random.pick(numerals);
  if (roll < 0.76) return random.pick(times);
  if (roll < 0.84) return random.pick([true, false, null]);
  if (roll < 0.9)
    return random.pick([[], {}, ['a', 1], { k: 'v' }, [null, true], [["it's", '\u0000', 'é\u200b']], { a: [0.1] }]);
  return random.chance(0.5) ? commandLine(random, 6) : sqlText(random);
}

const expressions = [
  ...[
    'a',
    '^a',
    'b$',
    '^a/b$',
    '\\d+',
    '\\D',
    '[0-9]+',
    '\\bprod\\b',
    'evil|prod',
    '(?i)PROD',
    'a{1,2}',
    'a{,2}b',
    'x.y',
  ],
  ...[
    '(?s)x.y',
    '(?m)^y$',
    '(',
    ')',
    '[',
    'a**',
    '*a',
    '\\Z',
    '\\Aa',
    '\\w+',
    '\\W',
    '\\s',
    '\\S+',
    '\\S',
    'a(?i)b',
    '(?P<n>a)',
  ],
  ...[
    '(?P<n>a)(?P<n>b)',
    '(?:a|b)+',
    '[^a]',
    '[]a]',
    '[^]a]',
    '[[a]',
    '[a-z]+',
    '[\\d-x]',
    '[z-a]',
    '\\x61',
    '\\u0061',
    '\\07',
  ],
  ...[
    '[\\b]',
    '\\z',
    '\\pL',
    '\\Q',
    '(?<n>a)',
    'a{2,1}',
    'a{',
    '{',
    '}',
    ']',
    '(?#note)a',
    '\\.',
    '\\_',
    '\\/',
    '\\é',
    '',
    '$',
    '\\n$',
  ],
  ...[
    '^*',
    '$+',
    '(?i:PROD)',
    '(?-i:a)',
    'ß',
    'é+',
    '\\t',
    '[[:digit:]]',
    '[a&&b]',
    '(?',
    '(?P',
    '\\',
    'line$',
    '(a|b$)',
  ],
];
/** An expression that both engines know, or that the SDK refuses too. */
export function expression(random: Random): string {
  const found = random.pick(expressions);
  return random.chance(0.05) ? `${found}${'a'.repeat(random.pick([1020, 1024, 1030]))}` : found;
}

/** An operand that suits an operator, near the value it will meet. */
export function operandFor(random: Random, operator: string, value: unknown): unknown {
  const near = typeof value === 'string' ? value : JSON.stringify(value ?? 'a');
  const canonical = operatorAliases[operator] ?? operator;
  // Command lines as expressions would often leave the syntax that both engines share.
  if (random.chance(0.08)) return canonical === 'matches' ? random.pick(texts) : factValue(random);
  switch (canonical) {
    case 'matches':
      return random.chance(0.3) && /^[\w/]*$/.test(near) ? near : expression(random);
    case 'in':
    case 'not_in':
      return random.pick([
        ...[[near], [value, 'zzz'], ['zzz', 5, null], [], `${near}, zzz`, 'zzz,yyy', ',', null, near.toUpperCase()],
        ...[[near.toUpperCase()], [true, 1]],
      ]);
    case 'in_range':
    case 'outside_range':
      return random.pick([
        ...[
          '09:00-17:00',
          '1-10',
          '-10-0',
          [1, 10],
          ['1', '10'],
          [5, 5],
          ['a', 'c'],
          'a-c',
          [1],
          '5',
          '-',
          [null, 'z'],
          [0.1, 5.5],
        ],
        ...['17:00-09:00', ' 1 - 10 ', [true, 10], ['', '~'], ['\ud7ff', '\uffff'], ['a', '😀']],
      ]);
    case 'gt':
    case 'lt':
    case 'gte':
    case 'lte':
      return random.chance(0.5) ? random.pick(numbers) : random.pick([...numerals, true, null, value]);
    case 'glob':
      return patternNear(random, near);
    case 'contains':
      return random.pick([near, near.slice(1, 4), near.toUpperCase(), 'zzz', '', '*', value]);
    default:
      return random.pick([near, value, near.toUpperCase(), 'zzz', near.toLowerCase()]);
  }
}

/** One condition for a key whose value will be `value` (undefined: absent). */
export function conditionFor(random: Random, value: unknown): unknown {
  const roll = random.next();
  if (roll < 0.3) return patternNear(random, typeof value === 'string' ? value : String(value ?? 'a'));
  if (roll < 0.38) return factValue(random);
  const operator = random.pick(operatorNames);
  const envelope: Record<string, unknown> = { op: operator, value: operandFor(random, operator, value) };
  if (random.chance(0.3)) envelope['case_insensitive'] = random.pick([true, true, false, 1, '', 'no', null]);
  if (random.chance(0.03)) delete envelope['value'];
  return envelope;
}
