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
  return { name: 'usage', service, start: () => service.start(), stop: () => service.stop() };
}
