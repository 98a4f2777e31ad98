import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { ProjectsService } from '../projects/service.ts';
import { apiKeysOperatorRoutes } from './routes.operator.ts';
import { apiKeysRoutes } from './routes.ts';
import { type ApiKeysKernel, ApiKeysService } from './service.ts';

const FLUSH_MILLISECONDS = 30_000;

/** API keys of projects, and the kernel's resolver for them. Resolves once every key that counts is in memory. */
export async function apiKeysFeature(
  kernel: ApiKeysKernel & Pick<Kernel, 'credentials'>,
  projects: Pick<ProjectsService, 'get' | 'onRemove'>,
): Promise<Feature & { service: ApiKeysService }> {
  const service = new ApiKeysService(kernel, projects);
  await service.live.open();
  kernel.credentials.register('api-key', (text) => service.live.resolve(text));
  projects.onRemove((trx, project, write) => service.beforeProjectRemoval(trx, project.id, write));
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'api-keys',
    service,
    routes: {
      'control-zero': (app) => apiKeysRoutes(app, service),
      operator: (app) => apiKeysOperatorRoutes(app, service, kernel.clock),
    },
    start() {
      timer = setInterval(() => {
        service
          .flushUses()
          .catch((error) => kernel.log.error({ err: error }, 'the last use of API keys could not be written yet'));
      }, FLUSH_MILLISECONDS).unref();
    },
    async stop() {
      clearInterval(timer);
      await service.flushUses();
    },
  };
}
