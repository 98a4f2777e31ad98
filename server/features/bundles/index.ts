import type { Keyring } from '../../crypto/keyring.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { ProjectsService } from '../projects/service.ts';
import { findProject } from './project-store.ts';
import { keyReadiness } from './readiness.ts';
import { bundlesOperatorRoutes } from './routes.operator.ts';
import { bundlesRoutes } from './routes.ts';
import { BUNDLES_CHANNEL } from './schema.ts';
import { type BundlesKernel, BundlesService } from './service.ts';

/** Keys and signed bundles. Every new project gets its keys and a first, observing bundle with the project itself. */
export function bundlesFeature(
  kernel: BundlesKernel,
  parts: {
    keyring: Pick<Keyring, 'seal' | 'open'>;
    projects: Pick<ProjectsService, 'everyOf' | 'onCreate' | 'onChange' | 'onRemove'>;
    alerts: Pick<AlertsService, 'raiseWithin'>;
  },
): Feature & { service: BundlesService } {
  const { projects } = parts;
  const service = new BundlesService(kernel, {
    ...parts,
    projects: { findWithin: findProject, everyOf: (trx, orgId) => projects.everyOf(trx, orgId) },
  });
  projects.onCreate(async (trx, project, write) => {
    await service.rebuildProject(trx, project, 'project created', write);
  });
  projects.onChange(async (trx, project, _change, write) => {
    await service.rebuildProject(trx, project, 'project changed', write);
  });
  projects.onRemove(async (trx, project, write) => {
    await service.sdks.forget(trx, project.id);
    await write.publish(BUNDLES_CHANNEL, project.id);
  });
  kernel.events.on('sdk.seen', ({ projectId, name, version }) => service.sdks.note(projectId, name, version));
  return {
    name: 'bundles',
    service,
    routes: {
      'control-zero': (app) => bundlesRoutes(app, service),
      operator: (app) => bundlesOperatorRoutes(app, service),
    },
    readiness: [keyReadiness(kernel.clock, service.keys)],
    start: async () => {
      service.sdks.start();
      await service.tags.start();
    },
    stop: async () => {
      await service.tags.stop();
      await service.sdks.stop();
    },
  };
}
