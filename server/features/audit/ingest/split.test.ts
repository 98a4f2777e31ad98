import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatch } from './batch.ts';
import { splitEntries } from './split.ts';

const split = (text: string) => {
  const result = splitEntries(Buffer.from(text));
  return 'problem' in result ? result.problem : result.rows.map((row) => row.toString());
};

describe('splitting a batch', () => {
  it.each([
    ['{"entries":[]}', []],
    ['{"entries":[1]}', ['1']],
    [' { "entries" : [ {"a":"]},\\""} , [1,[2]] , null ] } ', ['{"a":"]},\\""}', '[1,[2]]', 'null']],
    ['{"a":[1],"entries":["x"],"b":{"entries":[2]}}', ['"x"']],
    ['{"entries":[1],"entries":[2]}', ['2']],
    ['{"\\u0065ntries":[1]}', ['1']],
    ['{"entries":[{bad: NaN}, -Infinity]}', ['{bad: NaN}', '-Infinity']],
    ['{"entries":[1],"entries":null}', 'no_entries'],
    ['{}', 'no_entries'],
    ['[1]', 'no_entries'],
    ['null', 'no_entries'],
    ['', 'not_json'],
    ['{', 'not_json'],
    ['{"entries"', 'not_json'],
    ['{"entries":[', 'not_json'],
    ['{"entries":[1', 'not_json'],
    ['{"entries":[1}', 'not_json'],
    ['{"entries":[1,]}', 'not_json'],
    ['{"entries":[,1]}', 'not_json'],
    ['{"entries":["x]}', 'not_json'],
    ['{"entries":[{"a":1]}', 'not_json'],
    ['{"entries":[]}}', 'not_json'],
    ['{entries:[]}', 'not_json'],
  ])('%s', (text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it('finds what a parser finds, in the same order, compact or spread out', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.nat(3), fc.json(), (rows, indent, other) => {
        const parsed = rows.map((row) => JSON.parse(row));
        const text = JSON.stringify({ first: JSON.parse(other), entries: parsed, last: 1 }, null, indent);
        const found = split(text);
        expect(Array.isArray(found) && found.map((row) => JSON.parse(row))).toEqual(JSON.parse(text).entries);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const batch = readBatch(Buffer.concat([Buffer.from('{"entries":['), bytes, Buffer.from(']}')]));
        expect('problem' in batch || [...batch.rows].length >= 0).toBe(true);
        splitEntries(Buffer.from(bytes));
      }),
    );
  });
});

describe('reading a batch', () => {
  it('says the same of a row whether the whole body is JSON or not', () => {
    const rows = [
      '{"id":"1","decision":"deny","z":{"b":1,"a":[10,9,{"d":1,"c":2}]},"é":"\\u0000\\ud83d\\ude00"}',
      '{"decision":"deny","id":"2","n":1e400}',
      '{"id":"3"}',
      '7',
    ];
    const digests = (body: string) => {
      const batch = readBatch(Buffer.from(body));
      if ('problem' in batch) throw new Error(batch.problem);
      return [...batch.rows]
        .slice(0, rows.length)
        .map((row) => ('digest' in row ? row.digest.toString('hex') : row.reason));
    };
    const whole = digests(`{"entries":[${rows.join(',')}]}`);
    expect(digests(`{"entries":[${rows.join(',')},NaN]}`)).toEqual(whole);
    expect(digests(`{"entries": [ ${rows.join(' , ')} ] , "x": 1}`)).toEqual(whole);
    expect(whole.slice(2)).toEqual(['no_decision', 'not_an_object']);
  });

  it('knows a row again whatever the order of its members, and no other row', () => {
    fc.assert(
      fc.property(
        fc.object({ values: [fc.integer(), fc.boolean(), fc.string(), fc.constant(null)], maxDepth: 3 }),
        fc.nat(),
        (extra, seed) => {
          const row = { id: 'x', decision: 'deny', ...extra };
          const names = Object.keys(row).sort((a, b) => ((a + seed).length % 3) - ((b + seed).length % 3));
          const shuffled = Object.fromEntries(names.map((name) => [name, (row as Record<string, unknown>)[name]]));
          const digest = (value: unknown) => {
            const batch = readBatch(Buffer.from(JSON.stringify({ entries: [value] })));
            const [row] = 'rows' in batch ? batch.rows : [];
            return row !== undefined && 'digest' in row ? row.digest.toString('hex') : null;
          };
          if (digest(row) === null) return;
          expect(digest(shuffled)).toBe(digest(row));
          expect(digest({ ...row, added: 1 })).not.toBe(digest(row));
        },
      ),
    );
  });
});
