import type { Keyring } from '../../crypto/keyring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature, ReadinessCheck } from '../../kernel/surface.ts';
import type { BuildInfo } from '../../version.ts';
import { coreChecks } from './core-checks.ts';
import { controlCoreHealthRoutes, referenceHealthRoutes, secretsBridgeHealthRoutes } from './routes.other-contracts.ts';
import { healthRoutes } from './routes.ts';
import { HealthService } from './service.ts';

/** Liveness, readiness, metrics and the service card, for every contract. */
export function healthFeature(
  kernel: Kernel,
  keyring: Pick<Keyring, 'seal' | 'open'>,
  build: BuildInfo,
  checks: () => readonly ReadinessCheck[],
): Feature & { service: HealthService } {
  const service = new HealthService(kernel, build, checks);
  return {
    name: 'health',
    service,
    routes: {
      'control-zero': (app) => healthRoutes(app, service),
      reference: (app) => referenceHealthRoutes(app, service),
      'control-core': (app) => controlCoreHealthRoutes(app, service),
      'secrets-bridge': (app) => secretsBridgeHealthRoutes(app, service),
      operator: (app) => healthRoutes(app, service),
    },
    readiness: coreChecks(kernel, keyring),
  };
}
