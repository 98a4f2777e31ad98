import { expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import { uuidSource } from './uuid.ts';

const timeOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

test('an id is a UUIDv7 that carries the time of the clock', () => {
  const clock = manualClock(1_767_225_600_123);
  const id = uuidSource(clock)();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(1_767_225_600_123);
});

test('ids sort in the order in which they were made, within a millisecond and when the clock is set back', () => {
  const clock = manualClock();
  const next = uuidSource(clock);
  const ids = Array.from({ length: 20_000 }, (_, index) => {
    if (index === 15_000) clock.advance(-60_000);
    if (index === 16_000) clock.advance(120_000);
    return next();
  });
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(timeOf(ids.at(-1)!)).toBeLessThan(clock.now() + 10);
});

test('two sources do not make the same ids at the same time', () => {
  const clock = manualClock();
  const sources = [uuidSource(clock), uuidSource(clock)];
  const ids = Array.from({ length: 4_000 }, (_, index) => sources[index % 2]!());
  expect(new Set(ids).size).toBe(ids.length);
});
