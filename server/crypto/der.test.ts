import { describe, expect, test } from 'vitest';
import * as der from './der.ts';

const hex = (bytes: Buffer) => bytes.toString('hex');

describe('DER', () => {
  test('lengths take the short form below 128 bytes and the shortest long form above', () => {
    expect(hex(der.octetString(Buffer.alloc(127))).slice(0, 4)).toBe('047f');
    expect(hex(der.octetString(Buffer.alloc(128))).slice(0, 6)).toBe('048180');
    expect(hex(der.octetString(Buffer.alloc(256))).slice(0, 8)).toBe('04820100');
    expect(hex(der.octetString(Buffer.alloc(65_536))).slice(0, 10)).toBe('0483010000');
  });

  test('integers are not negative and have no needless zeros', () => {
    expect(hex(der.unsignedInteger(Buffer.from('00', 'hex')))).toBe('020100');
    expect(hex(der.unsignedInteger(Buffer.from('7f', 'hex')))).toBe('02017f');
    expect(hex(der.unsignedInteger(Buffer.from('80', 'hex')))).toBe('02020080');
    expect(hex(der.unsignedInteger(Buffer.from('0000ff01', 'hex')))).toBe('020300ff01');
    expect(hex(der.unsignedInteger(Buffer.alloc(0)))).toBe('020100');
  });

  test('object identifiers have their known bytes', () => {
    expect(hex(der.objectIdentifier('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302');
    expect(hex(der.objectIdentifier('2.5.29.17'))).toBe('0603551d11');
    expect(hex(der.objectIdentifier('2.999.3'))).toBe('0603883703');
    expect(() => der.objectIdentifier('1')).toThrow(RangeError);
    expect(() => der.objectIdentifier('1.2.x')).toThrow(RangeError);
  });

  test('named bits leave out trailing zeros', () => {
    expect(hex(der.namedBits(0))).toBe('03020780');
    expect(hex(der.namedBits(5, 6))).toBe('03020106');
    expect(hex(der.namedBits(8))).toBe('0303070080');
    expect(hex(der.namedBits())).toBe('030100');
  });

  test('times change their form in 2050', () => {
    const text = (milliseconds: number) => der.time(milliseconds).subarray(2).toString();
    expect(der.time(Date.UTC(2049, 11, 31, 23, 59, 59))[0]).toBe(0x17);
    expect(text(Date.UTC(2049, 11, 31, 23, 59, 59, 999))).toBe('491231235959Z');
    expect(der.time(Date.UTC(2050, 0, 1))[0]).toBe(0x18);
    expect(text(Date.UTC(2050, 0, 1))).toBe('20500101000000Z');
  });

  test('booleans, texts, sets and context elements have their known bytes', () => {
    expect(hex(der.boolean(true))).toBe('0101ff');
    expect(hex(der.boolean(false))).toBe('010100');
    expect(hex(der.utf8String('é'))).toBe('0c02c3a9');
    expect(hex(der.setOfOne(der.boolean(true)))).toBe('31030101ff');
    expect(() => der.setOfOne()).toThrow(RangeError);
    expect(hex(der.contextConstructed(0, der.unsignedInteger(Buffer.of(2))))).toBe('a003020102');
    expect(hex(der.contextPrimitive(7, Buffer.of(127, 0, 0, 1)))).toBe('87047f000001');
    expect(hex(der.sequence())).toBe('3000');
  });

  test('the items of an element come back as they were written, whatever their length', () => {
    const items = [der.boolean(true), der.octetString(Buffer.alloc(300, 1)), der.sequence(der.utf8String('x'))];
    expect(der.itemsOf(der.sequence(...items))).toEqual(items);
    expect(der.itemsOf(der.sequence())).toEqual([]);
    for (const broken of ['30', '3080', '30040202', '3003020501', '308500000000']) {
      expect(() => der.itemsOf(Buffer.from(broken, 'hex'))).toThrow(RangeError);
    }
  });
});
