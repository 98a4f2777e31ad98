import type { WriteContext } from '../../db/database.ts';
import type { BundleSource } from '../bundles/sources.ts';
import type { OrgsService } from '../orgs/service.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { Reader, Scope, Writer } from './store.ts';

/** Where projects are found, with their names and defaults. */
export type ProjectLookup = Pick<ProjectsService, 'find'>;

/** Where organizations are found; 404 for an unknown one. */
export type OrgLookup = Pick<OrgsService, 'get'>;

/** An SDK that was in touch with a project within the last 30 days. */
export interface SeenSdk {
  readonly name: string;
  readonly version: string;
  readonly lastSeenAt: number;
}

/** The part of bundles that policies need: what is delivered changes in the same transaction as the policy. */
export interface BundleBuilder {
  /** Registers what policies contribute to bundles. */
  addSource(source: BundleSource): void;
  /**
   * Builds and stores the bundle of a project from its live policies, as the transaction sees them; other processes and
   * caches hear of it through `effects`. Throws when the result would not read back; the transaction is then rolled back
   * and the last good build stays.
   */
  rebuild(
    trx: Writer,
    projectId: string,
    reason: string,
    effects: WriteContext,
  ): Promise<{ readonly etag: string; readonly changed: boolean }>;
  seenSdks(projectId: string): Promise<readonly SeenSdk[]>;
}

/** Names of the tools that a project has registered; of all its projects for an organization. */
export interface RegisteredTools {
  namesFor(reader: Reader, scope: Scope): Promise<readonly string[]>;
}
