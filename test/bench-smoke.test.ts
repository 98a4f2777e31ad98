import { describe, expect, it } from 'vitest';
import { ingest } from '../bench/ingest.ts';
import { latency } from '../bench/latency.ts';
import { type Report, tableOf } from '../bench/lib/report.ts';
import { poll } from '../bench/poll.ts';
import { rego } from '../bench/rego.ts';
import { start } from '../bench/start.ts';

/** A bench in small: its figures mean nothing, but it runs, nothing fails, and what it counts was really there. */
describe('benches', () => {
  it.each([
    ['poll', () => poll({ rounds: 1, secondsPerTurn: 0.2, connections: 4 })],
    ['ingest', () => ingest({ rounds: 1, rowsPerTurn: 1000, connections: 2 })],
    ['latency', () => latency({ seconds: 0.5, rate: 100, signIns: 2 })],
    ['start', () => start({ rounds: 1, idleSeconds: 0 })],
    [
      'rego',
      () => rego('no-opa', { rounds: 1, millisecondsPerTurn: 20, sizes: { roles: 30, rules: 30, entries: 100 } }),
    ],
  ])('%s measures, without an error', async (name, measure: () => Promise<Report>) => {
    const report = await measure();
    expect(report.errors).toBe(0);
    const timed = report.figures.filter(({ what }) => !what.includes('over 100 ms') && !what.includes('come later'));
    expect(timed.length).toBeGreaterThan(3);
    for (const { what, ours, limit = 1 } of timed) {
      expect(ours, what).toBeGreaterThan(0);
      expect(limit, what).toBeGreaterThan(0);
    }
    expect(tableOf(report)).toContain(`${name}: `);
  });
});
