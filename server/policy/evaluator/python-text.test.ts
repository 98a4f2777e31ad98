import { describe, expect, it } from 'vitest';
import { compareText, firstCharacters, foldCase, includesText, numberOf, strip, textOf, words } from './python-text.ts';

describe('text of a value', () => {
  it.each([
    [null, 'None'],
    [true, 'True'],
    [5, '5'],
    [0.1, '0.1'],
    [0.00001, '1e-05'],
    [2.5e-7, '2.5e-07'],
    [1e21, '1e+21'],
    [-0.0001, '-0.0001'],
    [['a', 1, null, [true]], "['a', 1, None, [True]]"],
    [{ k: "it's", q: 'a"b' }, `{'k': "it's", 'q': 'a"b'}`],
    [[`'"`], `['\\'"']`],
    [['\n\t\\\u0000\u00e9\u200b\u{e0001}'], "['\\n\\t\\\\\\x00é\\u200b\\U000e0001']"],
    ['as is', 'as is'],
  ])('prints %j as %s', (value, expected) => {
    expect(textOf(value)).toBe(expected);
  });

  it('refuses values nested too deeply instead of running out of stack', () => {
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown;
    expect(() => textOf(deep)).toThrow('nested more than 900 levels');
  });
});

describe('numbers in text', () => {
  it.each([
    [' 5 ', 5],
    ['1_000', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['+1e3', 1000],
    ['-inf', -Infinity],
    ['Infinity', Infinity],
    ['٣', 3],
    ['𝟗', 9],
    ['nan', Number.NaN],
    [7, 7],
  ])('reads %j', (text, expected) => {
    expect(numberOf(text)).toBe(expected);
  });

  it.each(['', ' ', '0x5', '1__0', '_1', '1_', '5 5', '--5', 'e5', '.', true, null, [5], {}])(
    'finds none in %j',
    (value) => {
      expect(numberOf(value)).toBeUndefined();
    },
  );
});

describe('comparing text', () => {
  it.each([
    ['STRASSE', 'straße'],
    ['ΑΣ', 'ας'],
    ['K', 'k'],
    ['ﬀ', 'FF'],
    ['Ꭰ', 'ꭰ'],
    ['ẞ', 'ss'],
  ])('folds %s and %s alike', (left, right) => {
    expect(foldCase(left)).toBe(foldCase(right));
  });

  it('keeps the dotless i apart from i', () => {
    expect(foldCase('ı')).not.toBe(foldCase('I'));
  });

  it('orders by character, not by half character', () => {
    expect(compareText('\uffff', '😀')).toBeLessThan(0);
    expect(compareText('😀', '\uffff')).toBeGreaterThan(0);
    expect(compareText('a😀', 'a😁')).toBeLessThan(0);
    expect(compareText('\ud83d', '😀')).toBeLessThan(0);
    expect(compareText('ab', 'a')).toBeGreaterThan(0);
    expect(compareText('a', 'a')).toBe(0);
  });

  it('does not find half a character in a whole one', () => {
    expect(includesText('a😀', '\ud83d')).toBe(false);
    expect(includesText('a\ud83dx', '\ud83d')).toBe(true);
    expect(includesText('a😀', '😀')).toBe(true);
  });

  it('counts characters when it cuts', () => {
    expect(firstCharacters('😀😀a', 2)).toBe('😀😀');
    expect(firstCharacters('ab', 5)).toBe('ab');
  });
});

describe('white space', () => {
  it('includes control separators and leaves a byte order mark alone', () => {
    expect(strip('\u001c\u00a0a\u3000\n')).toBe('a');
    expect(strip('\ufeffa')).toBe('\ufeffa');
    expect(words(' a\u0085b  c ')).toEqual(['a', 'b', 'c']);
    expect(words(' \t')).toEqual([]);
  });
});
