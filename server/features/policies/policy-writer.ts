import type { WriteContext } from '../../db/database.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { actorId, actorLabel } from '../../kernel/actor.ts';
import { conflict } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { assignedProjects } from './assignment-store.ts';
import type { EffectOnUnmatched } from './live-policies.ts';
import type { ProblemView } from './problems.ts';
import type { ProjectOutcome, Rollout } from './rollout.ts';
import { changePolicy, type PolicyRow, type Reader, type VersionRow, type Writer } from './store.ts';
import { findVersion, markPublished } from './version-store.ts';

export type PoliciesKernel = Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>;

/** A policy after a change, and what the change did to bundles. */
export interface PolicyChange {
  policy: PolicyRow;
  version: VersionRow;
  warnings: readonly ProblemView[];
  /** One for each project whose bundle was built anew. */
  outcomes: readonly ProjectOutcome[];
}

/** What a change carries along. */
export interface ChangeOptions {
  context: RequestContext;
  effects: WriteContext;
  /** What was done, as events and builds call it: `created`, `published`, … */
  verb: string;
  acceptOlderSdks?: boolean | undefined;
  warnings?: readonly ProblemView[];
}

/** The one way in which policies are written: row, versions, bundles, activity record and event belong together. */
export class PolicyWriter {
  private readonly kernel: PoliciesKernel;
  private readonly rollout: Rollout;

  constructor(kernel: PoliciesKernel, rollout: Rollout) {
    this.kernel = kernel;
    this.rollout = rollout;
  }

  /**
   * Runs a change in one transaction. Two that want the same name at once end as one success and one 409; a project or
   * organization that went meanwhile answers 404.
   */
  async write<R>(change: (trx: Writer, effects: WriteContext) => Promise<R>): Promise<R> {
    try {
      return await belowExisting('The project or organization', this.kernel.databases.state.write(change));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw conflict('CHANGED_MEANWHILE', 'The same was just saved by somebody else. Look at the list and try again.');
    }
  }

  /** Stores a new policy with `insert`, and brings it into force where it is live. */
  async add(trx: Writer, row: PolicyRow, options: ChangeOptions, insert: () => Promise<void>): Promise<PolicyChange> {
    const touched = row.live_version !== null && row.project_id !== null ? [row.project_id] : [];
    return this.complete(trx, row, touched, options, insert);
  }

  /**
   * Stores a changed policy, after `more` (such as a new version), and builds the bundles of the projects that use it
   * anew when what is in force changes. 409 when somebody else changed it since `before` was read.
   */
  async change(
    trx: Writer,
    before: PolicyRow,
    change: Partial<Omit<PolicyRow, 'id' | 'org_id' | 'project_id' | 'owner_id' | 'created_at' | 'revision'>>,
    options: ChangeOptions,
    more: () => Promise<void> = async () => {},
  ): Promise<PolicyChange> {
    const changed = { ...change, updated_at: this.kernel.clock.now() };
    const row: PolicyRow = { ...before, ...changed, revision: before.revision + 1 };
    const touched = changesDelivery(before, row) ? await this.projectsOf(trx, before) : [];
    return this.complete(trx, row, touched, options, async () => {
      await more();
      if (!(await changePolicy(trx, before, changed))) throw changedMeanwhile();
    });
  }

  /** As `change`, for what happens beside the row (assignments): builds the bundles of `projectIds` anew. */
  async complete(
    trx: Writer,
    row: PolicyRow,
    projectIds: readonly string[],
    options: ChangeOptions,
    apply: () => Promise<void>,
  ): Promise<PolicyChange> {
    const { effects, verb, acceptOlderSdks = false } = options;
    const outcomes = await this.rollout.around(
      trx,
      projectIds,
      { reason: `policy ${verb}`, acceptOlderSdks, effects },
      apply,
    );
    if (row.live_version !== null) await markPublished(trx, row.id, row.live_version, this.kernel.clock.now());
    await this.record(trx, row, outcomes, options);
    const version = await this.versionOf(trx, row.id, row.current_version);
    return { policy: row, version, warnings: options.warnings ?? [], outcomes };
  }

  /**
   * Brings the newest versions of a project's own policies into force without building its bundle, which the caller
   * does, like the activity record. Refuses as `change` does.
   */
  async publishAll(
    trx: Writer,
    projectId: string,
    drafts: readonly PolicyRow[],
    { acceptOlderSdks, effects }: { acceptOlderSdks: boolean; effects: Pick<WriteContext, 'afterCommit'> },
  ): Promise<EffectOnUnmatched | null> {
    const now = this.kernel.clock.now();
    return this.rollout.withoutBuild(trx, projectId, acceptOlderSdks, async () => {
      for (const draft of drafts) {
        const change = { status: 'live' as const, live_version: draft.current_version, updated_at: now };
        if (!(await changePolicy(trx, draft, change))) throw changedMeanwhile();
        await markPublished(trx, draft.id, draft.current_version, now);
        this.announce(effects, draft, 'published', [projectId]);
      }
    });
  }

  /** A version that a row names. */
  async versionOf(reader: Reader, policyId: string, version: number): Promise<VersionRow> {
    const row = await findVersion(reader, policyId, version);
    if (row === null) throw new Error(`the policy ${policyId} has lost its version ${version}`);
    return row;
  }

  /** Who makes a version, and when. */
  authorship({ actor }: RequestContext): Pick<VersionRow, 'author_id' | 'author_label' | 'created_at'> {
    return { author_id: actorId(actor), author_label: actorLabel(actor), created_at: this.kernel.clock.now() };
  }

  private async record(
    trx: Writer,
    row: PolicyRow,
    outcomes: readonly ProjectOutcome[],
    { context, effects, verb }: ChangeOptions,
  ): Promise<void> {
    const effectsOnUnmatched = outcomes.flatMap(({ projectId, effectOnUnmatched }) =>
      effectOnUnmatched === null ? [] : [{ project_id: projectId, ...effectOnUnmatched }],
    );
    await context.record(trx, {
      orgId: row.org_id,
      projectId: row.project_id,
      target: { type: 'policy', id: row.id },
      details: {
        name: row.name,
        status: row.status,
        version: row.current_version,
        live_version: row.live_version,
        rebuilt_projects: outcomes.length,
        ...(effectsOnUnmatched.length === 0 ? {} : { effect_on_unmatched: effectsOnUnmatched.slice(0, 20) }),
      },
    });
    const projectIds = outcomes.map((outcome) => outcome.projectId);
    this.announce(effects, row, verb, projectIds);
  }

  private announce(
    effects: Pick<WriteContext, 'afterCommit'>,
    row: PolicyRow,
    verb: string,
    projectIds: readonly string[],
  ): void {
    const event = {
      orgId: row.org_id,
      projectId: row.project_id,
      policyId: row.id,
      verb,
      version: row.current_version,
      projectIds,
      at: this.kernel.clock.now(),
    };
    effects.afterCommit(() => this.kernel.events.emit('policy.changed', event));
  }

  private async projectsOf(trx: Writer, row: PolicyRow): Promise<string[]> {
    return row.project_id === null ? assignedProjects(trx, row.id) : [row.project_id];
  }
}

/** Refuses a change whose author has not seen the newest version. */
export function checkVersion(row: PolicyRow, seen: number | undefined): void {
  if (seen === undefined || seen === row.current_version) return;
  throw conflict(
    'VERSION_CONFLICT',
    `The policy is at version ${row.current_version}, not ${seen}. Read it again, bring both changes together and send if_version ${row.current_version}.`,
    { extra: { version: row.current_version, live_version: row.live_version } },
  );
}

/** Whether a change touches what SDKs get: the version in force, or its place in the order. */
function changesDelivery(before: PolicyRow, after: PolicyRow): boolean {
  if (before.live_version !== after.live_version) return true;
  return after.live_version !== null && before.priority !== after.priority;
}

function changedMeanwhile() {
  return conflict('VERSION_CONFLICT', 'The policy was changed by somebody else meanwhile. Read it again and retry.');
}
