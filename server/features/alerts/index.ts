import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { AlertsService } from './service.ts';

/** What needs attention, raised by other features. */
export function alertsFeature(
  kernel: Pick<Kernel, 'databases' | 'clock' | 'newId' | 'log' | 'events'>,
): Feature & { service: AlertsService } {
  const service = new AlertsService(kernel);
  kernel.events.on('project.deleted', ({ projectId }) => service.closeFor({ projectId }, 'removal of the project'));
  kernel.events.on('org.deleted', ({ orgId }) => service.closeFor({ orgId }, 'removal of the organization'));
  return { name: 'alerts', service };
}
