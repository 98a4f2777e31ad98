import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { LicensesService } from '../licenses/service.ts';
import { UsageService } from './service.ts';

/** Monthly usage counters and the 402 limiter. Takes over the kernel's usage meter. */
export function usageFeature(
  kernel: Kernel,
  licenses: LicensesService,
  alerts: AlertsService,
): Feature & { service: UsageService } {
  const service = new UsageService(kernel, licenses, alerts);
  kernel.usage = service;
  kernel.events.on('api-key.revoked', ({ orgId, keyId, endsAt }) => service.endSeat(orgId, keyId, endsAt));
  kernel.events.on('membership.changed', ({ orgId, userId, role, at }) =>
    service.endSeat(orgId, userId, role === null ? at : null),
  );
  kernel.events.on('org.deleted', ({ orgId }) => service.forget(orgId));
  return { name: 'usage', service, start: () => service.start(), stop: () => service.stop() };
}
