import { rfc3339 } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ReadinessCheck } from '../../kernel/surface.ts';
import type { BuildInfo } from '../../version.ts';
import { databaseLatency } from './core-checks.ts';
import type { Readiness } from './schema.ts';

type HealthKernel = Pick<Kernel, 'clock' | 'config' | 'databases' | 'metrics'>;

/** A probe that takes longer than this counts as failed, so that /ready itself always answers. */
const PROBE_MILLISECONDS = 2_000;

export class HealthService {
  readonly metricsType: string;
  private readonly kernel: HealthKernel;
  private readonly build: BuildInfo;
  private readonly startedAt: number;
  private readonly checks: () => readonly ReadinessCheck[];

  /** `checks` is asked on every probe, because features come after this service. */
  constructor(kernel: HealthKernel, build: BuildInfo, checks: () => readonly ReadinessCheck[]) {
    this.kernel = kernel;
    this.startedAt = kernel.clock.now();
    this.build = build;
    this.checks = checks;
    this.metricsType = kernel.metrics.registry.contentType;
  }

  describe() {
    return {
      service: 'control-zero',
      version: this.build.version,
      environment: 'self-managed',
      auth_mode: this.kernel.config.authMode,
    };
  }

  alive() {
    return { status: 'ok' as const, version: this.build.version };
  }

  /** Runs every probe side by side. Never rejects: a failing probe becomes a `failed` entry with its message. */
  async readiness(): Promise<Readiness> {
    const results = await Promise.all(this.checks().map(async (probe) => [probe.name, await outcome(probe)] as const));
    const ready = results.every(([, result]) => result.status === 'ok');
    return { status: ready ? 'ready' : 'unavailable', checks: Object.fromEntries(results) };
  }

  /** The components as Control Core names them. What this appliance does not have says so instead of pretending. */
  async components() {
    const latency = await databaseLatency(this.kernel.databases);
    const { status } = await this.readiness();
    return {
      status: status === 'ready' ? 'healthy' : 'unhealthy',
      version: this.build.version,
      uptime_seconds: Math.floor((this.kernel.clock.now() - this.startedAt) / 1000),
      components: {
        database: { status: latency === null ? 'disconnected' : 'connected', latency_ms: latency, connections: null },
        redis: { status: 'not_configured' },
        'policy-bridge': { status: 'not_configured' },
      },
      timestamp: rfc3339(this.kernel.clock.now()),
    };
  }

  metrics(): Promise<string> {
    return this.kernel.metrics.registry.metrics();
  }
}

async function outcome(probe: ReadinessCheck): Promise<{ status: 'ok' | 'failed'; message?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MILLISECONDS} ms`)), PROBE_MILLISECONDS);
  });
  try {
    await Promise.race([probe.check(), late]);
    return { status: 'ok' };
  } catch (error) {
    return { status: 'failed', message: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
