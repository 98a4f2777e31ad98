import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { AlertsService } from '../alerts/service.ts';
import { tamperAlertRoutes } from './routes.ts';
import { TamperAlertsService } from './service.ts';

/** Reports of tampering on machines. */
export function tamperAlertsFeature(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>,
  alerts: Pick<AlertsService, 'raiseWithin'>,
): Feature & { service: TamperAlertsService } {
  const service = new TamperAlertsService(kernel, alerts);
  return {
    name: 'tamper-alerts',
    service,
    routes: { 'control-zero': (app) => tamperAlertRoutes(app, service) },
  };
}
