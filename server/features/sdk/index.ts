import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { BundlesService } from '../bundles/service.ts';
import type { FlagsService } from '../licenses/gate.ts';
import type { ProjectsService } from '../projects/service.ts';
import { sdkRoutes } from './routes.ts';
import { SdkService } from './service.ts';

/** What SDKs start with: session, keys, and the bundle pull. */
export function sdkFeature(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'config'>,
  parts: {
    bundles: BundlesService;
    projects: Pick<ProjectsService, 'get'>;
    flags: Pick<FlagsService, 'featuresOf'>;
  },
): Feature & { service: SdkService } {
  const service = new SdkService(kernel, parts);
  return { name: 'sdk', service, routes: { 'control-zero': (app) => sdkRoutes(app, service, parts.bundles) } };
}
