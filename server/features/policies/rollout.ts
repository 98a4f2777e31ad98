import type { WriteContext } from '../../db/database.ts';
import { notFound } from '../../kernel/errors.ts';
import type { Project } from '../projects/service.ts';
import { type EffectOnUnmatched, effectOnUnmatched, livePolicies } from './live-policies.ts';
import { newImpact, olderOf, olderSdkConflict } from './older-sdks.ts';
import type { BundleBuilder, ProjectLookup } from './ports.ts';
import type { Writer } from './store.ts';

/** What a change did to one project. */
export interface ProjectOutcome {
  projectId: string;
  /** The ETag of the bundle that is served from now on. */
  etag: string;
  /** False when SDKs get the same bytes as before. */
  changed: boolean;
  effectOnUnmatched: EffectOnUnmatched | null;
}

export interface RolloutOptions {
  effects: WriteContext;
  /** Why the bundles are built anew, for the list of builds. */
  reason: string;
  /** Whether the author knows that SDKs in use will refuse, widen or miss rules. */
  acceptOlderSdks: boolean;
}

/** Brings a change of policies into force: content, bundles and ETags of every project it touches, in one transaction. */
export class Rollout {
  private readonly projects: ProjectLookup;
  private readonly bundles: BundleBuilder;

  constructor(projects: ProjectLookup, bundles: BundleBuilder) {
    this.projects = projects;
    this.bundles = bundles;
  }

  /**
   * Runs `change` and builds the bundles of `projectIds` anew from what is in force afterwards.
   *
   * Throws 409 `OLDER_SDK_IMPACT` when SDKs that were seen lately would be worse off and that was not accepted, 422 when
   * a bundle would not read back; the caller's transaction then rolls back and nothing has changed.
   */
  async around(
    trx: Writer,
    projectIds: readonly string[],
    options: RolloutOptions,
    change: () => Promise<void>,
  ): Promise<ProjectOutcome[]> {
    const settle: (() => Promise<ProjectOutcome>)[] = [];
    for (const projectId of projectIds) settle.push(await this.prepare(trx, projectId, options));
    await change();
    const outcomes: ProjectOutcome[] = [];
    for (const finish of settle) outcomes.push(await finish());
    return outcomes;
  }

  /** As `around` without building: for a caller who builds the bundle itself. */
  async withoutBuild(
    trx: Writer,
    projectId: string,
    acceptOlderSdks: boolean,
    change: () => Promise<void>,
  ): Promise<EffectOnUnmatched | null> {
    const compare = await this.compare(trx, projectId, acceptOlderSdks);
    await change();
    return compare();
  }

  private async prepare(trx: Writer, projectId: string, options: RolloutOptions) {
    const compare = await this.compare(trx, projectId, options.acceptOlderSdks);
    return async (): Promise<ProjectOutcome> => {
      const effect = await compare();
      const { etag, changed } = await this.bundles.rebuild(trx, projectId, options.reason, options.effects);
      return { projectId, etag, changed, effectOnUnmatched: effect };
    };
  }

  private async compare(trx: Writer, projectId: string, acceptOlderSdks: boolean) {
    const project = await this.find(projectId);
    const before = await livePolicies(trx, projectId);
    return async (): Promise<EffectOnUnmatched | null> => {
      const after = await livePolicies(trx, projectId);
      if (!acceptOlderSdks) {
        const impact = newImpact(before, after, project);
        const older = impact === null ? [] : olderOf(await this.bundles.seenSdks(projectId));
        if (impact !== null && older.length > 0) throw olderSdkConflict(impact, older, projectId);
      }
      return effectOnUnmatched(before, after, project);
    };
  }

  private async find(projectId: string): Promise<Project> {
    const project = await this.projects.find(projectId);
    if (project === null) throw notFound(`The project ${projectId}`);
    return project;
  }
}
