import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { AlertsService } from './service.ts';

/** What needs attention, raised by other features. */
export function alertsFeature(
  kernel: Pick<Kernel, 'databases' | 'clock' | 'newId' | 'log'>,
): Feature & { service: AlertsService } {
  return { name: 'alerts', service: new AlertsService(kernel) };
}
