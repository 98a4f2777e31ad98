import { healthFeature } from './features/health/index.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Feature } from './kernel/surface.ts';
import type { BuildInfo } from './version.ts';

/** Things of the composition root that features need beside the kernel. */
export interface Outfit {
  build: BuildInfo;
}

/** The table of contents: every feature of the appliance, in order. A feature gets exactly the services it names. */
export function composeFeatures(kernel: Kernel, outfit: Outfit) {
  const features: Feature[] = [];
  const health = healthFeature(kernel, outfit.build, () => features.flatMap((feature) => feature.readiness ?? []));
  features.push(health);
  return { features, services: { health: health.service } };
}

export type Services = ReturnType<typeof composeFeatures>['services'];
