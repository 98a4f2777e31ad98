import { credentialsOf } from '../../server/kernel/access.ts';
import type { CredentialKind } from '../../server/kernel/actor.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';

/** Any id that nobody owns. */
export const UNKNOWN_ID = '00000000-0000-7000-8000-000000000000';

/** A path with every parameter filled in: given values by name, an unknown id elsewhere. */
export function pathOf(route: RouteRecord, values: Record<string, string> = {}): string {
  return route.path.replace(/:([A-Za-z_]+)/g, (_, name: string) => values[name] ?? UNKNOWN_ID);
}

/** `contract METHOD path`, how a failing guard names a route. */
export function nameOf(route: RouteRecord): string {
  return `${route.contract} ${route.method} ${route.path}`;
}

/** The kinds of credential that a route takes. */
export function accepted(route: RouteRecord): readonly CredentialKind[] {
  return route.config.access === undefined ? [] : credentialsOf(route.config.access);
}

/** Headers that a contract demands of every request. */
export function contractHeaders(route: RouteRecord): Record<string, string> {
  return route.contract === 'reference' ? { 'x-controlzero-agent-id': 'guard' } : {};
}
