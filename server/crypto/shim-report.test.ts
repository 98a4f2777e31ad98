import { describe, expect, test } from 'vitest';
import { deriveShimKey, shimReportBytes, verifyShimReport } from './shim-report.ts';

const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const report = { machine_id: 'm-1', daemon_absent: true, timestamp: 1_750_000_000 } as const;
const known = {
  report,
  signature: 'BkkmIUKSxc53mzRK9qy7meUZlkCJ7U+7RHviWq89sQN7BoQQd4ka0WXEw8qgMsKmlmX2yywlAL/D5mcLZm4eBg==',
  publicKey: Buffer.from('28268591e8a0b23d5a16ca9e705350c360df77a628d15a31f9d93612f3936953', 'hex'),
  now: 1_750_000_000_000,
  allowedSkewSeconds: 300,
};

describe('shim report', () => {
  test('the key of the shim comes from the seed of the machine', () => {
    expect(deriveShimKey(seed).publicKey).toEqual(known.publicKey);
    expect(deriveShimKey(seed).sign(shimReportBytes(report)).toString('base64')).toBe(known.signature);
    expect(() => deriveShimKey(Buffer.alloc(31))).toThrow(/32 bytes/);
  });

  test('the known report is accepted', () => {
    expect(shimReportBytes(report).toString()).toBe('{"daemon_absent":true,"machine_id":"m-1","timestamp":1750000000}');
    expect(verifyShimReport(known)).toEqual({ ok: true, skewSeconds: 0 });
  });

  test('another machine, time or key, a broken signature and a wrong clock are refused with the reason', () => {
    const problem = (change: object) => {
      const result = verifyShimReport({ ...known, ...change });
      return result.ok ? null : result.problem;
    };
    expect(problem({ report: { ...report, machine_id: 'm-2' } })).toBe('wrong_signature');
    expect(problem({ report: { ...report, timestamp: 1_750_000_001 } })).toBe('wrong_signature');
    expect(problem({ report: { ...report, timestamp: 1.5 } })).toBe('malformed_timestamp');
    expect(problem({ publicKey: deriveShimKey(Buffer.alloc(32, 3)).publicKey })).toBe('wrong_signature');
    expect(problem({ signature: 'x' })).toBe('malformed_signature');
    expect(problem({ now: known.now + 301_000 })).toBe('skew');
  });
});
