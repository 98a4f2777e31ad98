import { decompress } from 'fzstd';
import { describe, expect, test } from 'vitest';
import { storeZstdFrame, unwrapZstdFrame, ZstdFrameError } from './zstd-frame.ts';

const MEGABYTE = 1024 * 1024;
const LIMIT = 16 * MEGABYTE;

function content(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

describe('zstd frame', () => {
  test.each([0, 1, 255, 256, 257, 65_791, 65_792, 131_071, 131_072, 131_073, 262_144, 300_001, 2 * MEGABYTE + 5])(
    '%i bytes come back unchanged, also through another decoder',
    (size) => {
      const original = content(size);
      const frame = storeZstdFrame(original);
      expect(unwrapZstdFrame(frame, LIMIT).equals(original)).toBe(true);
      expect(Buffer.from(decompress(frame)).equals(original)).toBe(true);
    },
  );

  test('the content size takes one, two or four bytes', () => {
    expect(storeZstdFrame(content(156)).subarray(0, 9).toString('hex')).toBe('28b52ffd209ce10400');
    expect(storeZstdFrame(content(256)).subarray(4, 7).toString('hex')).toBe('600000');
    expect(storeZstdFrame(content(65_792)).subarray(4, 9).toString('hex')).toBe('a000010100');
  });

  test('reads an eight-byte content size, a window descriptor and run-length blocks', () => {
    const eight = Buffer.from('28b52ffde00300000000000000190000616263', 'hex');
    expect(unwrapZstdFrame(eight, LIMIT).toString()).toBe('abc');
    const windowed = Buffer.from('28b52ffd0050190000616263', 'hex');
    expect(unwrapZstdFrame(windowed, LIMIT).toString()).toBe('abc');
    const run = Buffer.from('28b52ffd20052b000078', 'hex');
    expect(unwrapZstdFrame(run, LIMIT).toString()).toBe('xxxxx');
    expect(Buffer.from(decompress(run)).toString()).toBe('xxxxx');
  });

  test.each([
    ['no frame', '00112233', /no zstd frame/],
    ['an empty text', '', /too early/],
    ['a cut-off block', '28b52ffd20031900006162', /too early/],
    ['a compressed block', '28b52ffd20031d0000616263', /block of type 2/],
    ['a checksum', '28b52ffd2403190000616263', /checksum/],
    ['a dictionary', '28b52ffd2103190000616263', /dictionary/],
    ['bytes after it', '28b52ffd200319000061626300', /1 bytes follow/],
    ['a second frame', '28b52ffd200319000061626328b52ffd2003190000616263', /12 bytes follow/],
    ['a size that does not agree', '28b52ffd2004190000616263', /announces 4 bytes and holds 3/],
    ['a huge announced size', '28b52ffde0ffffffffffffff00190000616263', /at most/],
  ])('%s is refused', (_what, hex, reason) => {
    expect(() => unwrapZstdFrame(Buffer.from(hex, 'hex'), LIMIT)).toThrow(ZstdFrameError);
    expect(() => unwrapZstdFrame(Buffer.from(hex, 'hex'), LIMIT)).toThrow(reason);
  });

  test('a small frame that unfolds beyond the limit is refused', () => {
    const run = Buffer.from(`28b52ffd0050${'02001078'.repeat(3)}03001078`, 'hex');
    expect(() => unwrapZstdFrame(run, 300_000)).toThrow(/more than 300000/);
    expect(unwrapZstdFrame(run, LIMIT)).toHaveLength(4 * 131_072);
  });
});
