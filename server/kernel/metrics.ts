import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { LATENCY_BOUNDS, RouteMeter } from './route-meter.ts';

const REQUESTS = 'cz_http_requests_total';
const DURATION = 'cz_http_request_duration_seconds';

/** The metrics of the appliance, in Prometheus form. Features create theirs through `registry`. */
export class Metrics {
  readonly registry = new Registry();
  readonly unrecordedChanges = new Counter({
    name: 'cz_activity_missing_total',
    help: 'Successful changes that left no activity record. Always 0 in a healthy build.',
    labelNames: ['route'],
    registers: [this.registry],
  });
  /** Bundle polls that were let in; they are counted here instead of being timed one by one. */
  bundlePolls = 0;
  private readonly meters = new Map<string, RouteMeter>();
  /** Counts what was refused before a route was found: unknown paths, and requests that could not be read. */
  readonly unrouted = this.meter('any', 'none');

  constructor() {
    this.readOnScrape(REQUESTS, 'Requests answered, by route and status class.', 'counter', () => this.requestValues());
    this.readOnScrape(DURATION, 'Time from first byte to answer.', 'histogram', () => this.durationValues());
    this.readOnScrape('cz_bundle_polls_total', 'Bundle polls and bootstraps that were let in.', 'counter', () => [
      { labels: {}, value: this.bundlePolls },
    ]);
  }

  /** The meter of a route; the same one for the same method and route. */
  meter(method: string, route: string): RouteMeter {
    const key = `${method} ${route}`;
    const known = this.meters.get(key);
    if (known !== undefined) return known;
    const made = new RouteMeter(method, route);
    this.meters.set(key, made);
    return made;
  }

  /** Every route that answered something, for the admins' summary. */
  routes(): RouteMeter[] {
    return [...this.meters.values()].filter((meter) => meter.statuses.some((count) => count > 0));
  }

  /** Adds the process metrics; only the real server does, tests stay free of timers. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry, prefix: 'cz_' });
  }

  gauge(name: string, help: string, collect: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(collect());
      },
    });
  }

  private requestValues(): ScrapedValue[] {
    return this.routes().flatMap(({ route, method, statuses }) =>
      statuses.flatMap((value, digit) =>
        value === 0 ? [] : [{ labels: { route, method, status: `${digit}xx` }, value }],
      ),
    );
  }

  private durationValues(): ScrapedValue[] {
    return this.routes().flatMap(({ route, method, latencies, total }) => {
      let sum = 0;
      const buckets = latencies.map((count, at) => {
        sum += count;
        const bound = LATENCY_BOUNDS[at];
        const le = bound === undefined ? '+Inf' : String(bound / 1000);
        return { labels: { route, method, le }, value: sum, metricName: `${DURATION}_bucket` };
      });
      return [
        ...buckets,
        { labels: { route, method }, value: total / 1000, metricName: `${DURATION}_sum` },
        { labels: { route, method }, value: sum, metricName: `${DURATION}_count` },
      ];
    });
  }

  /** Registers a metric whose values are worked out only when somebody asks. */
  private readOnScrape(name: string, help: string, type: 'counter' | 'histogram', read: () => ScrapedValue[]): void {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: read() });
    this.registry.registerMetric({ name, help, type, aggregator: 'sum', get, reset() {} } as unknown as Metric);
  }
}

interface ScrapedValue {
  labels: Record<string, string>;
  value: number;
  metricName?: string;
}
