import { performance } from 'node:perf_hooks';
import type { Kernel } from '../../kernel/kernel.ts';
import { LATENCY_BOUNDS, type RouteMeter } from '../../kernel/route-meter.ts';
import type { ActivityLog } from './activity-log.ts';
import { quantile } from './histogram.ts';
import type { AdminOverview } from './overview.ts';
import type { AdminParts } from './ports.ts';
import { queueLoads } from './queues.ts';

/** Routes that are listed, busiest first. */
const MOST_ROUTES = 500;

type MetricsKernel = Pick<Kernel, 'metrics' | 'auditWriter'>;
type Parts = Pick<AdminParts, 'auth' | 'mail'>;

/** What the metrics registry holds, put together for people. Counted since this process started. */
export class SystemMetrics {
  private readonly kernel: MetricsKernel;
  private readonly parts: Parts;
  private readonly log: ActivityLog;
  private readonly overview: Pick<AdminOverview, 'uptimeSeconds'>;

  constructor(kernel: MetricsKernel, parts: Parts, log: ActivityLog, overview: Pick<AdminOverview, 'uptimeSeconds'>) {
    this.kernel = kernel;
    this.parts = parts;
    this.log = log;
    this.overview = overview;
  }

  /** Reads the registry now. Latencies are estimated from the buckets of a histogram, as Prometheus does. */
  async summary() {
    const { metrics } = this.kernel;
    const routes = metrics.routes().map(routeFigures);
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    return {
      uptime_seconds: this.overview.uptimeSeconds(),
      requests: {
        total: routes.reduce((sum, { requests }) => sum + requests, 0),
        bundle_polls: metrics.bundlePolls,
        by_status: totals(routes.map(({ by_status }) => by_status)),
        routes: routes.sort((a, b) => b.requests - a.requests).slice(0, MOST_ROUTES),
      },
      memory: { rss_bytes: rss, heap_used_bytes: heapUsed, heap_total_bytes: heapTotal, external_bytes: external },
      event_loop: {
        utilization: rounded(performance.eventLoopUtilization().utilization),
        lag_p50_ms: await this.milliseconds('cz_nodejs_eventloop_lag_p50_seconds'),
        lag_p99_ms: await this.milliseconds('cz_nodejs_eventloop_lag_p99_seconds'),
      },
      queues: await queueLoads(this.kernel, this.parts, this.log),
      unrecorded_changes: (await metrics.unrecordedChanges.get()).values.reduce((sum, { value }) => sum + value, 0),
    };
  }

  /** A gauge in seconds that only a listening server collects. */
  private async milliseconds(name: string): Promise<number | null> {
    const metric = await this.kernel.metrics.registry.getSingleMetric(name)?.get();
    const value = metric?.values[0]?.value;
    return value === undefined || Number.isNaN(value) ? null : rounded(value * 1000);
  }
}

function routeFigures({ method, route, statuses, latencies, total }: RouteMeter) {
  const timed = latencies.reduce((sum, count) => sum + count, 0);
  const estimate = (share: number) => rounded(quantile(LATENCY_BOUNDS, latencies, share));
  return {
    method,
    route,
    requests: statuses.reduce((sum, count) => sum + count, 0),
    by_status: byStatus(statuses),
    latency_ms:
      timed === 0
        ? null
        : { mean: rounded(total / timed), p50: estimate(0.5), p95: estimate(0.95), p99: estimate(0.99) },
  };
}

function byStatus(statuses: readonly number[]): Record<string, number> {
  return Object.fromEntries(statuses.flatMap((count, digit) => (count === 0 ? [] : [[`${digit}xx`, count]])));
}

function totals(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap(Object.entries)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
