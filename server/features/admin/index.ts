import type { Feature } from '../../kernel/surface.ts';
import type { AdminParts } from './ports.ts';
import { adminOrgsRoutes } from './routes.orgs.ts';
import { adminPeopleRoutes } from './routes.people.ts';
import { adminSystemRoutes } from './routes.system.ts';
import { type AdminKernel, AdminService } from './service.ts';

/** The administration of the whole appliance, for platform admins. */
export function adminFeature(kernel: AdminKernel, parts: AdminParts): Feature & { service: AdminService } {
  const service = new AdminService(kernel, parts);
  return {
    name: 'admin',
    service,
    routes: {
      'control-zero': (app) => {
        adminOrgsRoutes(app, service.orgs);
        adminPeopleRoutes(app, service.people, parts.auth.admins);
        adminSystemRoutes(app, service);
      },
    },
  };
}
