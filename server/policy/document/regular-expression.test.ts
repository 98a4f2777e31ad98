import { expect, it } from 'vitest';
import { expressionFault } from './regular-expression.ts';

it.each([
  'a+',
  '(?i)abc',
  '(?ims)a',
  '[]a]',
  '[^]]+',
  '[*+]+',
  '[\\]:]',
  'a+?',
  'a??',
  '(?P<n>a)',
  '(?:a|b)*',
  'emp-\\d{4}',
  '\\bfoo\\b',
  'x{2,}y{0,3}',
  'a{b}',
  '\\Astart',
  '\\x41\\.\\-',
  'é+',
  '^$',
])('%s is read alike by Python re and RE2', (source) => {
  expect(expressionFault(source)).toBeUndefined();
});

it.each([
  ['a(?i)b', 'start'],
  ['(?i:a)', 'start'],
  ['(?-i:a)', 'start'],
  ['(?x)a', 'flags'],
  ['(?U)a', 'flags'],
  ['(?=a)', 'look-around'],
  ['(?<!a)b', 'look-around'],
  ['(a)\\1', 'back-references'],
  ['(?P<n>a)(?P=n)', 'look-around'],
  ['(?>a)', 'atomic'],
  ['(?#c)a', ''],
  ['(?<n>a)', 'unknown group'],
  ['a++', 'repetition'],
  ['a**', 'repetition'],
  ['a{2}{3}', 'repetition'],
  ['a???', 'repetition'],
  ['x{,3}', '{0,n}'],
  ['x{2000}', 'repeat'],
  ['[[:digit:]]', '[:digit:]'],
  ['[a[:^alpha:]]', '[:digit:]'],
  ['[\\b]', ''],
  ['\\z', '\\z'],
  ['\\Z', '\\Z'],
  ['\\p{L}', '\\p'],
  ['\\Qa\\E', '\\Q'],
  ['\\u0041', ''],
  ['[z-a]', 'range'],
  ['(', 'missing closing'],
  ['a|b)', 'unexpected'],
  ['*a', 'missing argument'],
  ['a\\', 'backslash'],
])('%s is refused', (source, reason) => {
  expect(expressionFault(source)).toContain(reason);
});
