import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { toolsRoutes } from './routes.ts';
import { ToolsService } from './service.ts';

/** Tools that projects register, so that policies about them are checked against known names. */
export function toolsFeature(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'databases'>,
): Feature & { service: ToolsService } {
  const service = new ToolsService(kernel);
  return { name: 'tools', service, routes: { 'control-zero': (app) => toolsRoutes(app, service) } };
}
