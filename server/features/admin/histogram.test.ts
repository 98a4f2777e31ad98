import { describe, expect, it } from 'vitest';
import { quantile } from './histogram.ts';

describe('the estimate of a quantile', () => {
  const bounds = [10, 100];

  it('is 0 when nothing was observed', () => {
    expect(quantile(bounds, [0, 0, 0], 0.5)).toBe(0);
  });

  it('spreads the observations of a bucket evenly', () => {
    expect(quantile(bounds, [10, 0, 0], 0.5)).toBe(5);
    expect(quantile(bounds, [10, 10, 0], 0.75)).toBe(55);
    expect(quantile(bounds, [10, 0, 0], 1)).toBe(10);
  });

  it('skips empty buckets', () => {
    expect(quantile(bounds, [0, 4, 0], 0.5)).toBe(55);
  });

  it('gives the largest bound for what lies above all of them', () => {
    expect(quantile(bounds, [1, 0, 99], 0.99)).toBe(100);
  });
});
