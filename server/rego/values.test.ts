import { describe, expect, it } from 'vitest';
import {
  BigNumber,
  compare,
  equal,
  fromBigInt,
  fromDouble,
  fromJson,
  fromJsonText,
  numberText,
  parseNumber,
  RegoObject,
  RegoSet,
  toBigInt,
  toJson,
  toJsonText,
  toText,
  typeName,
  type Value,
} from './values.ts';

describe('numbers', () => {
  it('keeps doubles for what they show exactly and digits for the rest', () => {
    expect(parseNumber('42')).toBe(42);
    expect(parseNumber('0.5')).toBe(0.5);
    expect(parseNumber('1.50')).toBeInstanceOf(BigNumber);
    expect(parseNumber('9007199254740993')).toBeInstanceOf(BigNumber);
    expect(numberText(parseNumber('1.50'))).toBe('1.50');
  });

  it('compares by value, whatever the notation', () => {
    expect(equal(parseNumber('1.0'), 1)).toBe(true);
    expect(equal(parseNumber('1e2'), 100)).toBe(true);
    expect(equal(parseNumber('0.10'), 0.1)).toBe(true);
    expect(equal(parseNumber('-0'), 0)).toBe(true);
    expect(compare(parseNumber('9007199254740993'), parseNumber('9007199254740992'))).toBeGreaterThan(0);
    expect(compare(parseNumber('-12345678901234567891'), parseNumber('-12345678901234567890'))).toBeLessThan(0);
    expect(compare(parseNumber('1e400'), parseNumber('2e399'))).toBeGreaterThan(0);
    expect(compare(parseNumber('0.1'), parseNumber('1e-400'))).toBeGreaterThan(0);
  });

  it('expands exact integers and leaves fractions alone', () => {
    expect(toBigInt(parseNumber('1e20'))).toBe(10n ** 20n);
    expect(toBigInt(parseNumber('-12.0'))).toBe(-12n);
    expect(toBigInt(parseNumber('1.5'))).toBeUndefined();
    expect(fromBigInt(2n ** 53n)).toBeInstanceOf(BigNumber);
    expect(fromBigInt(-5n)).toBe(-5);
  });

  it('prints computed doubles as Go does', () => {
    expect(numberText(fromDouble(1e-7))).toBe('1e-07');
    expect(numberText(fromDouble(1e21))).toBe('1000000000000000000000');
    expect(numberText(fromDouble(0.25))).toBe('0.25');
    expect(() => fromDouble(Number.NaN)).toThrow(RangeError);
  });

  it('refuses texts that are no numbers', () => {
    for (const text of ['', '.5', '1.', '0x1', 'NaN', '1e', '--1']) expect(() => parseNumber(text)).toThrow(RangeError);
  });
});

describe('order of values', () => {
  it('goes by type, then by value', () => {
    const ordered: Value[] = [
      null,
      false,
      true,
      -1,
      2,
      '',
      'a',
      'b',
      [],
      [1],
      [1, 2],
      [2],
      RegoObject.empty,
      RegoObject.from([['a', 1]]),
      RegoSet.empty,
      RegoSet.from([1]),
    ];
    for (const [left, a] of ordered.entries()) {
      for (const [right, b] of ordered.entries()) expect(Math.sign(compare(a, b))).toBe(Math.sign(left - right));
    }
  });

  it('orders strings by code point', () => {
    expect(compare('\u{1f600}', '\uff5e')).toBeGreaterThan(0);
    expect(compare('\uff5e', '\u{1f600}')).toBeLessThan(0);
    expect(compare('a\u{1f600}', 'ab')).toBeGreaterThan(0);
  });
});

describe('sets and objects', () => {
  it('hold each value once, by value', () => {
    const set = RegoSet.from([1, parseNumber('1.0'), 'a', [1], [parseNumber('1.0')], RegoSet.from([2])]);
    expect(set.size).toBe(4);
    expect(set.has(parseNumber('1.00'))).toBe(true);
    expect(set.has(RegoSet.from([2]))).toBe(true);
    expect(set.has('[1]')).toBe(false);
  });

  it('combine', () => {
    const a = RegoSet.from([1, 2]);
    const b = RegoSet.from([2, 3]);
    expect(toText(a.union(b))).toBe('{1, 2, 3}');
    expect(toText(a.intersect(b))).toBe('{2}');
    expect(toText(a.difference(b))).toBe('{1}');
    expect(toText(a.difference(a))).toBe('set()');
  });

  it('tell apart keys that look alike', () => {
    const object = RegoObject.from([
      [1, 'number'],
      ['1', 'text'],
      [[1], 'list'],
      ['\0[1;]', 'tricky'],
      [null, 'null'],
      ['null', 'word'],
    ]);
    expect(object.size).toBe(6);
    expect(object.get(parseNumber('1.0'))).toBe('number');
    expect(object.get('1')).toBe('text');
    expect(object.get('\0[1;]')).toBe('tricky');
    expect(object.get(null)).toBe('null');
  });

  it('iterate in order', () => {
    const object = fromJsonText('{"b": 1, "a": 2}') as RegoObject;
    expect([...object.entries()]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(equal(object, fromJson({ a: 2, b: 1 }))).toBe(true);
    expect(equal(object, fromJson({ a: 2, b: 2 }))).toBe(false);
  });

  it('know their types', () => {
    expect([null, true, 1, 'a', [], RegoObject.empty, RegoSet.empty].map((value) => typeName(value as Value))).toEqual([
      'null',
      'boolean',
      'number',
      'string',
      'array',
      'object',
      'set',
    ]);
  });
});

describe('JSON', () => {
  it('keeps every digit both ways', () => {
    const text = '{"big":12345678901234567890,"digits":1.50,"list":[1e3,-0.0]}';
    expect(toJsonText(fromJsonText(text))).toBe(text);
  });

  it('writes sets as sorted arrays and other keys as their JSON', () => {
    const value = RegoObject.from([
      [[1, 'a'], RegoSet.from([3, 1, 2])],
      [5, true],
    ]);
    expect(toJsonText(value)).toBe('{"5":true,"[1,\\"a\\"]":[1,2,3]}');
    expect(toJson(value)).toEqual({ '5': true, '[1,"a"]': [1, 2, 3] });
  });

  it('does not let a key reach the prototype', () => {
    const value = toJson(fromJsonText('{"__proto__": {"polluted": true}}')) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('refuses what is no JSON, with the offset', () => {
    for (const text of ['', '{', '[1,]', '{"a":1,}', '01', '"\t"', 'nul', '1 2', "{'a':1}"]) {
      expect(() => fromJsonText(text)).toThrow(SyntaxError);
    }
    expect(() => fromJsonText('[1, x]')).toThrow('offset 4');
    expect(() => fromJsonText('['.repeat(100_000))).toThrow('nested deeper');
    expect(() => fromJson(() => 1)).toThrow(TypeError);
  });
});

describe('text', () => {
  it('writes terms as policies do', () => {
    expect(toText(fromJson({ a: [1, null, true, 'x"y\n'] }))).toBe('{"a": [1, null, true, "x\\"y\\n"]}');
    expect(toText('\u0000\u200bé😀')).toBe('"\\x00\\u200bé😀"');
    expect(toText(RegoSet.empty)).toBe('set()');
  });
});
