import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { ActivityMover } from './mover.ts';
import { ActivityService } from './service.ts';

/** The ledger of administrative changes: moves what was recorded with each change into the audit database, and reads it. */
export function activityFeature(
  kernel: Pick<Kernel, 'databases' | 'auditWriter' | 'log'>,
): Feature & { service: ActivityService } {
  const mover = new ActivityMover(kernel);
  const service = new ActivityService(kernel, mover);
  return { name: 'activity', service, start: () => mover.start(), stop: () => mover.stop() };
}
