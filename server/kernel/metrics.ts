import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of the appliance, in Prometheus form. Features create theirs through `registry`. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Counter({
    name: 'cz_http_requests_total',
    help: 'Requests answered, by route and status class.',
    labelNames: ['route', 'method', 'status'],
    registers: [this.registry],
  });
  readonly duration = new Histogram({
    name: 'cz_http_request_duration_seconds',
    help: 'Time from first byte to answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });
  readonly unrecordedChanges = new Counter({
    name: 'cz_activity_missing_total',
    help: 'Successful changes that left no activity record. Always 0 in a healthy build.',
    labelNames: ['route'],
    registers: [this.registry],
  });

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
}
