import { describe, expect, it } from 'vitest';
import { compileExpression } from './regex.ts';

function found(source: string, text: string, ignoreCase = false): boolean {
  const expression = compileExpression(source, ignoreCase);
  if (expression.kind !== 'search') throw new Error(`${source} is ${expression.kind}: ${expression.problem}`);
  return expression.found(text);
}

describe('an expression both engines share', () => {
  it.each([
    ['b$', 'ab\n'],
    ['^a', 'ab'],
    ['(?m)^b$', 'a\nb\nc'],
    ['(?i)PROD', 'prod'],
    ['\\d', '٣'],
    ['^\\w+$', 'straße'],
    ['\\s', '\u001c'],
    ['[\\s]', '\u00a0'],
    ['a{,2}b', 'b'],
    ['x{', 'x{'],
    ['{}', '{}'],
    ['[]a]', ']'],
    ['[[]', '['],
    ['\\07', '\u0007'],
    ['[\\1]', '\u0001'],
    ['\\u00e9', 'é'],
    ['(?P<year>\\d{4})', '2024'],
    ['a(?#why)b', 'ab'],
    ['\\/\\_\\-', '/_-'],
    ['(?i:A)b', 'ab'],
    ['a+?', 'a'],
    ['\\Aa\\Z', 'a'],
    ['[\\b]', '\b'],
  ])('%s finds %j', (source, text) => {
    expect(found(source, text)).toBe(true);
  });

  it.each([
    ['b$', 'b\n\n'],
    ['a\\Z', 'a\n'],
    ['x.y', 'x\ny'],
    ['^\\W', 'é'],
    ['(?-i:a)', 'A'],
  ])('%s does not find %j', (source, text) => {
    expect(found(source, text)).toBe(false);
  });

  it('ignores case when told', () => {
    expect(found('prod', 'PROD', true)).toBe(true);
  });
});

describe('an expression the SDK refuses', () => {
  it.each([
    ...['(', ')', '[', 'a**', '*a', 'a(?i)b', '\\z', '\\pL', '\\Q', '(?<n>a)', '(?P<n>a)(?P<n>b)', '[z-a]', '[\\d-x]'],
    ...['a{2,1}', '^*', '\\b+', '$?', '\\', '(?', '(?#x', '\\x6', '\\400', '(?L)a', '(?P<1>a)', '[a', '[\\'],
  ])('%s is invalid', (source) => {
    expect(compileExpression(source, false).kind).toBe('invalid');
  });
});

describe('an expression without a linear-time counterpart', () => {
  it.each([
    'a(?=b)',
    'a(?!b)',
    '(?<=a)b',
    '(a)\\1',
    '(?P<n>a)(?P=n)',
    'a*+',
    'a{1}+',
    '(?>a)',
    '(a)?(?(1)b)',
    '(?x)a',
    '$\\n',
    'a{5000}',
  ])('%s is undecidable', (source) => {
    expect(compileExpression(source, false).kind).toBe('undecidable');
  });
});

it('searches hostile text in linear time', () => {
  const started = performance.now();
  expect(found('(a+)+$', `${'a'.repeat(8000)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});
