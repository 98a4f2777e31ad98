import { describe, expect, it } from 'vitest';
import { fromJson, RegoSet, toJson } from '../values.ts';
import { call, callWith, contextWith, errorOf, setOf, valuesOf } from './testing.ts';

const AMPLE = 1_000_000;

describe('what reaches outside', () => {
  const request = { method: 'get', url: 'http://127.0.0.1:1/' };

  it('refuses requests and look-ups unless the caller answers them', () => {
    expect(errorOf('http.send', request)).toContain('not allowed');
    expect(errorOf('net.lookup_ip_addr', 'example.com')).toContain('not allowed');
    const ctx = contextWith(AMPLE, { httpSend: () => fromJson({ status: 200 }), lookupAddress: () => ['10.0.0.1'] });
    expect(toJson(callWith(ctx, 'http.send', valuesOf([request]))!)).toEqual({ status: 200 });
    expect(toJson(callWith(ctx, 'net.lookup_ip_addr', ['example.com'])!)).toEqual(['10.0.0.1']);
  });

  it('checks a request before it asks whether requests are allowed', () => {
    expect(errorOf('http.send', { url: 'http://127.0.0.1:1/' })).toBe(
      'operand 1 missing required request parameters(s): {"method"}',
    );
  });

  it('gives the evaluation time', () => {
    expect(call('time.now_ns')).toBe(1_700_000_000_000_000_000);
  });

  it('prints every combination of what the operands can be, and what is undefined', () => {
    const lines: string[] = [];
    const ctx = contextWith(AMPLE, { print: (line) => lines.push(line) });
    callWith(ctx, 'internal.print', valuesOf([[setOf('a', 1), setOf(), setOf(['x'])]]));
    expect(lines).toEqual(['1 <undefined> ["x"]', 'a <undefined> ["x"]']);
  });

  it('hands notes to the caller', () => {
    const notes: string[] = [];
    expect(callWith(contextWith(AMPLE, { trace: (note) => notes.push(note) }), 'trace', ['here'])).toBe(true);
    expect(notes).toEqual(['here']);
  });
});

describe('random values', () => {
  it('are the same for the same key during one evaluation, and differ between keys and evaluations', () => {
    const [one, other] = [contextWith(AMPLE), contextWith(AMPLE)];
    const first = callWith(one, 'uuid.rfc4122', ['a']);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(callWith(one, 'uuid.rfc4122', ['a'])).toBe(first);
    expect(callWith(one, 'uuid.rfc4122', ['b'])).not.toBe(first);
    expect(callWith(other, 'uuid.rfc4122', ['a'])).not.toBe(first);
  });

  it('follow the caller’s source of bytes', () => {
    const randomBytes = (length: number) => new Uint8Array(length).fill(7);
    const draw = () => callWith(contextWith(AMPLE, { randomBytes }), 'rand.intn', ['k', 1000]);
    expect(draw()).toBe(draw());
    expect(callWith(contextWith(AMPLE, { randomBytes }), 'uuid.rfc4122', ['k'])).toBe(
      '07070707-0707-4707-8707-070707070707',
    );
  });

  it('stay below the limit, whose sign does not matter', () => {
    for (const limit of [1, 10, -10]) {
      const drawn = Number(call('rand.intn', 'k', limit));
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(Math.abs(limit));
    }
    expect(call('rand.intn', 'k', 0)).toBe(0);
  });
});

describe('strings that hold bytes', () => {
  it('survive a round trip through every encoding', () => {
    const base64 = Buffer.from([0x00, 0xff, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x41]).toString('base64');
    const text = call('base64.decode', base64);
    expect(call('base64.encode', text)).toBe(base64);
    expect(call('hex.encode', text)).toBe('00ffc3a9eda08041');
    expect(call('urlquery.encode', text)).toBe('%00%FF%C3%A9%ED%A0%80A');
    expect(call('crypto.sha256', text)).toBe('a8c6bcd684ab344f06a3115d7e438372801451561dbe73c20e5b7a2d6247d202');
  });
});

describe('the kind of a call', () => {
  it('charges before the work, from the size of the arguments', () => {
    const long = 'a'.repeat(1_000_000);
    expect(() => callWith(contextWith(100), 'upper', [long])).toThrow('the budget is gone');
    expect(callWith(contextWith(100), 'upper', ['a'])).toBe('A');
  });

  it('keeps sets apart from arrays', () => {
    expect(callWith(contextWith(AMPLE), 'object.keys', valuesOf([{ b: 1, a: 2 }]))).toEqual(RegoSet.from(['a', 'b']));
  });
});
