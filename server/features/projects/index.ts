import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { OrgsService } from '../orgs/service.ts';
import { projectsOperatorRoutes } from './routes.operator.ts';
import { projectsRoutes } from './routes.ts';
import { type ProjectLimits, ProjectsService } from './service.ts';

/** Projects. Tells the kernel which organization a project belongs to. */
export function projectsFeature(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events' | 'tenancy'>,
  orgs: Pick<OrgsService, 'settingsOf' | 'onRemove'>,
  limits: ProjectLimits,
): Feature & { service: ProjectsService } {
  const service = new ProjectsService(kernel, orgs, limits);
  const { role } = kernel.tenancy;
  kernel.tenancy = { role, orgOfProject: async (projectId) => (await service.find(projectId))?.org_id ?? null };
  orgs.onRemove((trx, org, removal) => service.beforeOrgRemoval(trx, org.id, removal));
  return {
    name: 'projects',
    service,
    routes: {
      'control-zero': (app) => projectsRoutes(app, service),
      operator: (app) => projectsOperatorRoutes(app, service),
    },
  };
}
