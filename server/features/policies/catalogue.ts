import type { Page } from '../../db/keyset.ts';
import { notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import {
  type DocumentDiff,
  diffDocuments,
  documentYaml,
  type OlderSdkImpact,
  type PolicyDocument,
} from '../../policy/document/index.ts';
import { assignedProjects, assignmentsOf } from './assignment-store.ts';
import type { DocumentChecks } from './checks.ts';
import type { DocumentInput } from './document-input.ts';
import { readablePolicy } from './lookup.ts';
import type { ProblemView } from './problems.ts';
import {
  countLivePolicies,
  listForOrg,
  listForProject,
  type PolicyFilter,
  type PolicyRow,
  type Scope,
  type VersionRow,
} from './store.ts';
import {
  currentVersions,
  findVersion,
  lastPublishedBefore,
  listVersions,
  type VersionSummary,
} from './version-store.ts';

/** A policy with its newest version and the projects that use it when it is one of the organization. */
export interface ListedPolicy {
  policy: PolicyRow;
  version: VersionRow;
  assignedProjectIds: readonly string[];
}

/** What a document would mean if it were saved. */
export interface Judgement {
  valid: boolean;
  problems: readonly ProblemView[];
  /** The canonical document, also as YAML; null when it may not be saved. */
  document: PolicyDocument | null;
  yaml: string | null;
  olderSdks: OlderSdkImpact | null;
}

/** The reading side of policies: lists, versions, differences, and documents that are not saved. */
export class PolicyCatalogue {
  private readonly databases: Kernel['databases'];
  private readonly checks: DocumentChecks;

  constructor(kernel: Pick<Kernel, 'databases'>, checks: DocumentChecks) {
    this.databases = kernel.databases;
    this.checks = checks;
  }

  /** How many policies of the appliance are in force. */
  countLive(): Promise<number> {
    return countLivePolicies(this.databases.state.read);
  }

  /** The policies of a project with those it uses of its organization, or all of an organization; oldest first. */
  async list(scope: Scope, filter: PolicyFilter, page: PageQuery): Promise<Page<ListedPolicy>> {
    const reader = this.databases.state.read;
    const { orgId, projectId } = scope;
    const { rows, next } =
      projectId === null
        ? await listForOrg(reader, orgId, filter, page)
        : await listForProject(reader, { orgId, projectId }, filter, page);
    return { rows: await this.completed(rows), next };
  }

  /** One policy. 404 when there is none that the scope may read. */
  async get(scope: Scope, policyId: string): Promise<ListedPolicy> {
    const policy = await readablePolicy(this.databases.state.read, scope, policyId);
    const [listed] = await this.completed([policy]);
    if (listed === undefined) throw notFound(`The policy ${policyId}`);
    return listed;
  }

  /** The versions of a policy, newest first, without their texts. */
  async versions(
    scope: Scope,
    policyId: string,
    page: PageQuery,
  ): Promise<{ policy: PolicyRow; page: Page<VersionSummary> }> {
    const reader = this.databases.state.read;
    const policy = await readablePolicy(reader, scope, policyId);
    return { policy, page: await listVersions(reader, policyId, page) };
  }

  /** One version with its document. 404 when the policy has none of this number. */
  async version(scope: Scope, policyId: string, version: number): Promise<{ policy: PolicyRow; version: VersionRow }> {
    const policy = await readablePolicy(this.databases.state.read, scope, policyId);
    return { policy, version: await this.versionOf(policyId, version) };
  }

  /** The projects that use a policy of an organization; none for a project's own. */
  async assignedTo(policy: PolicyRow): Promise<readonly string[]> {
    return policy.project_id === null ? assignedProjects(this.databases.state.read, policy.id) : [];
  }

  /**
   * What changed from one version to another. Without `to`, the newest version; without `from`, the one in force, or
   * the one that was in force before when the newest is in force itself, or the one before it.
   */
  async diff(
    scope: Scope,
    policyId: string,
    range: { from?: number | undefined; to?: number | undefined },
  ): Promise<DocumentDiff & { from: number; to: number }> {
    const policy = await readablePolicy(this.databases.state.read, scope, policyId);
    const to = range.to ?? policy.current_version;
    const from = range.from ?? (await this.usualFrom(policy, to));
    const [before, after] = await Promise.all([this.versionOf(policyId, from), this.versionOf(policyId, to)]);
    return { from, to, ...diffDocuments(documentOf(before), documentOf(after)) };
  }

  /** Judges a document as saving it would, and changes nothing. */
  async judge(scope: Scope, input: DocumentInput): Promise<Judgement> {
    const { document, problems, olderSdks } = await this.checks.judge(this.databases.state.read, scope, input);
    return {
      valid: document !== null,
      problems,
      document,
      yaml: document === null ? null : documentYaml(document),
      olderSdks,
    };
  }

  private async versionOf(policyId: string, version: number): Promise<VersionRow> {
    const row = await findVersion(this.databases.state.read, policyId, version);
    if (row === null) throw notFound(`Version ${version} of the policy ${policyId}`);
    return row;
  }

  private async usualFrom(policy: PolicyRow, to: number): Promise<number> {
    if (policy.live_version !== null && policy.live_version !== to) return policy.live_version;
    const earlier = await lastPublishedBefore(this.databases.state.read, policy.id, to);
    return earlier?.version ?? Math.max(to - 1, 1);
  }

  private async completed(rows: readonly PolicyRow[]): Promise<ListedPolicy[]> {
    const reader = this.databases.state.read;
    const ids = rows.map((row) => row.id);
    const [versions, assignments] = await Promise.all([currentVersions(reader, ids), assignmentsOf(reader, ids)]);
    return rows.flatMap((policy) => {
      const version = versions.get(policy.id);
      return version === undefined ? [] : [{ policy, version, assignedProjectIds: assignments.get(policy.id) ?? [] }];
    });
  }
}

/** The document of a stored version. */
export function documentOf(version: Pick<VersionRow, 'document'>): PolicyDocument {
  return JSON.parse(version.document) as PolicyDocument;
}
