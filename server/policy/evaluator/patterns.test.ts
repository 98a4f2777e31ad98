import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileActionPattern, compileGlob, foldAction } from './patterns.ts';

const matches = (pattern: string, value: string) => compileGlob(pattern).matches(value);

describe('a glob', () => {
  it.each([
    ['a*c', 'a/b/c'],
    ['*', ''],
    ['**', 'x\ny'],
    ['a?', 'a😀'],
    ['[!a]', '\n'],
    ['[]]', ']'],
    ['[!]]', 'a'],
    ['[a-]', '-'],
    ['[--0]', '.'],
    ['[^a]', '^'],
    ['[\\]', '\\'],
    ['[a', '[a'],
    ['[!b-a]', 'x'],
    ['*a*b*', 'xaxbx'],
    ['a*a', 'aa'],
    ['a*b*c', 'abbc'],
    ['[a-b-c]', '-'],
  ])('%s matches %j', (pattern, value) => {
    expect(matches(pattern, value)).toBe(true);
  });

  it.each([
    ['a*c', 'abcd'],
    ['a*a', 'a'],
    ['A', 'a'],
    ['?', ''],
    ['[b-a]', 'a'],
    ['[!a]', ''],
    ['[]', 'x'],
    ['ab*b', 'ab'],
    ['a*b*b', 'ab'],
    ['\ud83d*', '😀'],
    ['\\*', '*'],
  ])('%s does not match %j', (pattern, value) => {
    expect(matches(pattern, value)).toBe(false);
  });

  it('agrees with its own translation into a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/'), maxLength: 8 });
    const values = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
    fc.assert(
      fc.property(letters, values, (pattern, value) => {
        const expression = pattern.replace(/[*?]/g, (sign) => (sign === '*' ? '[^]*' : '[^]'));
        expect(matches(pattern, value)).toBe(new RegExp(`^${expression}$`).test(value));
      }),
    );
  });

  it('takes no exponential time', () => {
    const pattern = compileGlob(`${'*a'.repeat(200)}b?`);
    const started = performance.now();
    expect(pattern.matches('a'.repeat(10_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('an action pattern', () => {
  const covers = (pattern: string, action: string) => compileActionPattern(pattern).matches(foldAction(action));

  it('folds the tool and keeps the method', () => {
    expect(covers('BASH:rm', 'bash:rm')).toBe(true);
    expect(covers('bash:RM', 'bash:rm')).toBe(false);
    expect(covers('STRASSE', 'straße:x')).toBe(true);
    expect(covers('a:B:c', 'A:B:c')).toBe(true);
  });

  it('means every method when it names none', () => {
    expect(covers('github', 'github:list')).toBe(true);
    expect(covers('delete_*', 'delete_repo:x')).toBe(true);
    expect(covers('*', 'a:b')).toBe(true);
    expect(covers('github', 'github2:list')).toBe(false);
  });

  it('names the tool it is about only when it is one', () => {
    expect(compileActionPattern('GitHub:x').tool).toBe('github');
    expect(compileActionPattern('git*:x').tool).toBeUndefined();
    expect(compileActionPattern('[g]:x').tool).toBeUndefined();
  });
});
