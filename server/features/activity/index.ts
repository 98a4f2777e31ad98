import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { ActivityMover } from './mover.ts';

/** Fills the ledger of administrative changes with what was recorded together with each change. */
export function activityFeature(
  kernel: Pick<Kernel, 'databases' | 'auditWriter' | 'log'>,
): Feature & { service: ActivityMover } {
  const service = new ActivityMover(kernel);
  return { name: 'activity', service, start: () => service.start(), stop: () => service.stop() };
}
