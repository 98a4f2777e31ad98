import type { Keyring } from '../../crypto/keyring.ts';
import type { SigningKey } from '../../crypto/signing.ts';
import type { Page } from '../../db/keyset.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { RuleOrigin } from '../../policy/bundle/index.ts';
import type { AlertsService } from '../alerts/service.ts';
import { type BuildFacts, buildsBetween, findBuildFacts, findBundle, listBuilds } from './build-store.ts';
import { type Delivered, Delivery } from './delivery.ts';
import { notProvisioned } from './errors.ts';
import { KeyChanges } from './key-changes.ts';
import { activeSigningKey, type SigningKeyRow, signingKeyByKid, signingKeysOf, type Writer } from './key-store.ts';
import { DeliveryKeys } from './keys.ts';
import { LiveBundles } from './live-bundles.ts';
import { readBootstrap } from './live-store.ts';
import { everyProjectId, projectWithin } from './project-store.ts';
import { RuleTags } from './rule-tags.ts';
import { type BuildMode, readRuleIndex, type TamperFlag } from './schema.ts';
import { SeenSdks } from './seen-sdks.ts';
import {
  type BundleSource,
  BundleSources,
  type DeliveredProject,
  type Effects,
  type ProjectSource,
  type PublishedDrafts,
} from './sources.ts';
import { flagProject } from './tamper-flag.ts';

export type BundlesKernel = Pick<Kernel, 'clock' | 'newId' | 'databases' | 'auditWriter' | 'events' | 'log'>;

/** What SDKs need to open bundles, opened. */
export interface BootstrapKeys {
  projectId: string;
  orgId: string;
  /** 32 bytes. */
  encryptionKey: Buffer;
  signing: SigningKeyRow;
  keyVersion: number;
}

/** A project that `rebuildAll` left as it was. */
export interface RebuildFailure {
  projectId: string;
  code: string;
  message: string;
}

/** What a project delivers, for people. */
export interface BundleStatus {
  status: 'live' | 'withdrawn' | 'tampered';
  policyVersion: number;
  keyVersion: number;
  live: BuildFacts;
  test: BuildFacts;
  kid: string;
  flag: TamperFlag | null;
  withdrawnAt: number | null;
  flaggedAt: number | null;
}

/** Keys, builds and what is delivered of every project. */
export class BundlesService {
  readonly keys: DeliveryKeys;
  readonly live: LiveBundles;
  readonly tags: RuleTags;
  readonly sdks: SeenSdks;
  readonly keyChanges: KeyChanges;
  private readonly kernel: BundlesKernel;
  private readonly projects: ProjectSource;
  private readonly sources = new BundleSources();
  private readonly delivery: Delivery;

  constructor(
    kernel: BundlesKernel,
    parts: {
      keyring: Pick<Keyring, 'seal' | 'open'>;
      projects: ProjectSource;
      alerts: Pick<AlertsService, 'raiseWithin'>;
    },
  ) {
    this.kernel = kernel;
    this.projects = parts.projects;
    this.keys = new DeliveryKeys(kernel, parts.keyring);
    this.tags = new RuleTags(kernel);
    this.sdks = new SeenSdks(kernel);
    this.live = new LiveBundles(kernel.databases, this.keys, (stored, flag) =>
      flagProject(kernel, parts.alerts, stored, flag),
    );
    this.delivery = new Delivery(kernel, { keys: this.keys, tags: this.tags, sources: this.sources });
    this.keyChanges = new KeyChanges(kernel, { keys: this.keys, delivery: this.delivery, projects: parts.projects });
  }

  /** Registers a feature whose rules are delivered: policies, DLP rules, timed approvals. */
  addSource(source: BundleSource): void {
    this.sources.add(source);
  }

  /**
   * Builds the bundle of a project from what the transaction sees, so that content, bundle and ETag change together.
   * Throws 422 with policy, line and column when SDKs could not read it; roll back then. (SDK contract 1.)
   */
  async rebuild(trx: Writer, projectId: string, reason: string, effects: Effects): Promise<Delivered> {
    return this.delivery.build(trx, await projectWithin(this.projects, trx, projectId), { reason }, effects);
  }

  /** As `rebuild`, where the caller has the project at hand. */
  rebuildProject(trx: Writer, project: DeliveredProject, reason: string, effects: Effects): Promise<Delivered> {
    return this.delivery.build(trx, project, { reason }, effects);
  }

  /** The SDKs that were in touch with a project within 30 days. */
  seenSdks(projectId: string) {
    return this.sdks.list(projectId);
  }

  /** Publishes drafts, builds the bundle, delivers it again after a withdrawal, and clears a tamper flag. */
  async publish(
    context: RequestContext,
    projectId: string,
    options: { acceptOlderSdks: boolean },
  ): Promise<{ delivered: Delivered; drafts: PublishedDrafts }> {
    return this.kernel.databases.state.write(async (trx, effects) => {
      const project = await projectWithin(this.projects, trx, projectId);
      const drafts = await this.sources.publishDrafts(trx, projectId, { context, effects, ...options });
      const flagged = (await findBundle(trx, projectId))?.flagged_at != null;
      const request = { reason: 'published', restore: true, afresh: flagged };
      const delivered = await this.delivery.build(trx, project, request, effects);
      await context.record(trx, {
        orgId: project.org_id,
        projectId,
        target: { type: 'project', id: projectId },
        details: {
          etag: delivered.etag,
          policy_version: delivered.policyVersion,
          changed: delivered.changed,
          tamper_flag_cleared: flagged,
          published: drafts.published.map(({ policyId, version }) => ({ policy_id: policyId, version })),
        },
      });
      return { delivered, drafts };
    });
  }

  /**
   * Builds every project afresh, each in a transaction of its own: after a restore, when stored bytes and versions may
   * be older than what SDKs have. A project that cannot be built keeps what it has and is named in the result.
   */
  async rebuildAll(context: RequestContext, reason: string): Promise<{ rebuilt: number; failed: RebuildFailure[] }> {
    const { state } = this.kernel.databases;
    const failed: RebuildFailure[] = [];
    let rebuilt = 0;
    for (const projectId of await everyProjectId(state.read)) {
      try {
        await state.write(async (trx, effects) => {
          const project = await projectWithin(this.projects, trx, projectId);
          const delivered = await this.delivery.build(trx, project, { reason, afresh: true }, effects);
          const details = { reason, policy_version: delivered.policyVersion, etag: delivered.etag };
          const target = { type: 'project', id: projectId };
          await context.record(trx, { orgId: project.org_id, projectId, target, details });
        });
        rebuilt += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        failed.push({ projectId, code: error.code, message: error.message });
      }
    }
    const details = { reason, rebuilt, failed: failed.length };
    await state.write((trx) => context.record(trx, { details }));
    return { rebuilt, failed };
  }

  /** Stops delivering: SDKs that ask get 404 and go on with what they have, until `publish`. */
  async withdraw(context: RequestContext, projectId: string): Promise<{ changed: boolean }> {
    return this.kernel.databases.state.write(async (trx, effects) => {
      const project = await projectWithin(this.projects, trx, projectId);
      const changed = await this.delivery.withdraw(trx, project, effects);
      const target = { type: 'project', id: projectId };
      await context.record(trx, { orgId: project.org_id, projectId, target, details: { changed } });
      return { changed };
    });
  }

  /** What a project delivers now. 404 when nothing was ever built. */
  async status(projectId: string): Promise<BundleStatus> {
    const { read } = this.kernel.databases.state;
    const bundle = await findBundle(read, projectId);
    if (bundle === undefined) throw notProvisioned();
    const [live, test, signing] = await Promise.all([
      findBuildFacts(read, bundle.live_build_id),
      findBuildFacts(read, bundle.test_build_id),
      activeSigningKey(read, bundle.org_id),
    ]);
    if (live === undefined || test === undefined || signing === undefined) throw notProvisioned();
    return {
      status: bundle.flagged_at !== null ? 'tampered' : bundle.withdrawn_at !== null ? 'withdrawn' : 'live',
      policyVersion: bundle.policy_version,
      keyVersion: bundle.key_version,
      live,
      test,
      kid: signing.kid,
      flag: bundle.flag === null ? null : (JSON.parse(bundle.flag) as TamperFlag),
      withdrawnAt: bundle.withdrawn_at,
      flaggedAt: bundle.flagged_at,
    };
  }

  /** The builds of a project, newest first. */
  builds(projectId: string, mode: BuildMode, page: PageQuery): Promise<Page<BuildFacts>> {
    return listBuilds(this.kernel.databases.state.read, projectId, mode, page);
  }

  /** What `rule-<n>` could have meant at a time: the rule indexes of the builds that were delivered then. */
  async buildsBetween(projectId: string, mode: BuildMode, from: number, until: number) {
    const rows = await buildsBetween(this.kernel.databases.state.read, projectId, mode, from, until);
    return rows.map((row) => ({
      buildId: row.id,
      createdAt: row.created_at,
      supersededAt: row.superseded_at,
      ruleIndex: readRuleIndex(row.rule_index) as readonly RuleOrigin[],
    }));
  }

  /** The keys that open what a project delivers, always from the database. 404 when there are none, 503 when one does not open. */
  async bootstrap(projectId: string): Promise<BootstrapKeys> {
    const stored = await readBootstrap(this.kernel.databases.state.read, projectId);
    if (stored === null) throw notProvisioned();
    this.keys.signingKey(stored.signing);
    const encryptionKey = this.keys.encryptionKey(stored.project);
    this.live.expectKeyVersion(projectId, stored.keyVersion);
    return {
      projectId,
      orgId: stored.signing.org_id,
      encryptionKey,
      signing: stored.signing,
      keyVersion: stored.keyVersion,
    };
  }

  /** The public signing keys of an organization, the active one first. 404 when there are none. */
  async publicKeys(orgId: string): Promise<{ active: SigningKeyRow; retired: SigningKeyRow[] }> {
    const rows = await signingKeysOf(this.kernel.databases.state.read, orgId);
    const active = rows.find((row) => row.status === 'active');
    if (active === undefined) throw notProvisioned();
    return { active, retired: rows.filter((row) => row.status === 'retired') };
  }

  /** A signing key to sign with: the active one, or the one that a machine pinned. Null when it was revoked or is unknown. */
  async signingKey(orgId: string, kid?: string): Promise<SigningKey | null> {
    const { read } = this.kernel.databases.state;
    const row = kid === undefined ? await activeSigningKey(read, orgId) : await signingKeyByKid(read, orgId, kid);
    return row === undefined || row.status === 'revoked' ? null : this.keys.signingKey(row);
  }
}
