import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature, ReadinessCheck } from '../../kernel/surface.ts';
import type { BuildInfo } from '../../version.ts';
import { healthRoutes } from './routes.ts';
import { HealthService } from './service.ts';

/** Liveness, readiness, metrics and the service card, for every contract. */
export function healthFeature(
  kernel: Kernel,
  build: BuildInfo,
  checks: () => readonly ReadinessCheck[],
): Feature & { service: HealthService } {
  const service = new HealthService(kernel, build, checks);
  return {
    name: 'health',
    service,
    routes: { 'control-zero': (app) => healthRoutes(app, service), operator: (app) => healthRoutes(app, service) },
  };
}
