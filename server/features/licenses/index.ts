import type { Keyring } from '../../crypto/keyring.ts';
import { ownContext } from '../../kernel/activity.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { FlagsService } from './gate.ts';
import { licensesOperatorRoutes } from './routes.operator.ts';
import { licensesRoutes } from './routes.ts';
import { LicensesService } from './service.ts';

/** Licenses, the trial and feature flags. Takes over the kernel's feature gate. */
export async function licensesFeature(
  kernel: Kernel,
  keyring: Keyring,
): Promise<Feature & { service: LicensesService; flags: FlagsService }> {
  const service = new LicensesService(kernel, keyring);
  const flags = new FlagsService(kernel, service);
  await service.open(ownContext(kernel, { kind: 'system', task: 'start' }, 'start'));
  await flags.open();
  kernel.gate = flags;
  return {
    name: 'licenses',
    service,
    flags,
    routes: {
      'control-zero': (app) => licensesRoutes(app, service, flags),
      operator: (app) => licensesOperatorRoutes(app, service),
    },
  };
}
