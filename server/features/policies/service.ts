import type { WriteContext } from '../../db/database.ts';
import { notFound } from '../../kernel/errors.ts';
import { givenName, givenText } from '../../kernel/given-text.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { STANDARD_PRIORITY } from '../../policy/bundle/index.ts';
import { deleteAssignments } from './assignment-store.ts';
import { documentOf } from './catalogue.ts';
import type { AcceptedDocument, DocumentChecks } from './checks.ts';
import { type DocumentInput, noDocument } from './document-input.ts';
import { ownPolicy } from './lookup.ts';
import { freeName, nameForNew } from './names.ts';
import { standingAfter } from './plan.ts';
import { checkVersion, type PoliciesKernel, type PolicyChange, type PolicyWriter } from './policy-writer.ts';
import type { PolicyStatus } from './schema.ts';
import { findByName, insertPolicy, type PolicyRow, type Scope, type VersionRow, type Writer } from './store.ts';
import { findVersion, insertVersion, lastPublishedBefore, replaceSource } from './version-store.ts';

/** How a change is to be taken. */
export interface ChangeWish {
  /** The version that the author has seen; another one is refused with 409. */
  ifVersion?: number | undefined;
  /** The author knows that SDKs in use will refuse, widen or miss rules. */
  acceptOlderSdks?: boolean | undefined;
}

/** What a change of a policy may say; what is absent stays. */
export interface PolicyWish extends ChangeWish {
  name?: string | undefined;
  description?: string | undefined;
  priority?: number | undefined;
  status?: PolicyStatus | undefined;
  /** Why, for the list of versions. */
  note?: string | undefined;
  document?: DocumentInput | null | undefined;
}

/** Policies of projects and organizations. Every change is in force when its method resolves, unless it was held back. */
export class PoliciesService {
  private readonly kernel: PoliciesKernel;
  private readonly checks: DocumentChecks;
  private readonly writer: PolicyWriter;

  constructor(kernel: PoliciesKernel, checks: DocumentChecks, writer: PolicyWriter) {
    this.kernel = kernel;
    this.checks = checks;
    this.writer = writer;
  }

  /**
   * Saves a new policy; in force at once unless `status` is `draft`. 400 or 422 with every problem of the document, 409
   * when the name is taken or older SDKs would be worse off; nothing is saved then.
   */
  async create(context: RequestContext, scope: Scope, wish: PolicyWish): Promise<PolicyChange> {
    const accepted = await this.acceptNew(scope, wish.document);
    return this.writer.write(async (trx, effects) => {
      const row = this.newRow(scope, await nameForNew(trx, scope, wish.name), wish);
      const { acceptOlderSdks } = wish;
      const options = { context, effects, verb: 'created', acceptOlderSdks, warnings: accepted.warnings };
      return this.writer.add(trx, row, options, async () => {
        await insertPolicy(trx, row);
        await insertVersion(trx, this.versionRow(context, row.id, 1, accepted, wish.note));
      });
    });
  }

  /**
   * Changes what the wish names; see `standingAfter` for when it is in force. A document that means the same as the
   * newest version makes no new one; single members of a document take the place of the newest version's. 409 when
   * `ifVersion` is not the newest version; otherwise refuses as `create`.
   */
  async update(context: RequestContext, scope: Scope, policyId: string, wish: PolicyWish): Promise<PolicyChange> {
    const { accepted, basedOn } = await this.acceptChange(scope, policyId, wish.document ?? null);
    return this.writer.write(async (trx, effects) => {
      const before = await ownPolicy(trx, scope, policyId);
      checkVersion(before, wish.ifVersion);
      checkVersion(before, basedOn);
      return this.updateRow(context, trx, effects, scope, before, wish, accepted);
    });
  }

  /**
   * Creates a policy by its name, or changes the one that has it. Applying the same twice changes nothing the second
   * time: no version, no bundle. For configuration that is kept as files.
   */
  async apply(
    context: RequestContext,
    scope: Scope,
    wish: PolicyWish & { name: string },
  ): Promise<PolicyChange & { outcome: 'created' | 'changed' | 'unchanged' }> {
    const before = await findByName(this.kernel.databases.state.read, scope, givenName(wish.name, 'the policy'));
    if (before === null) return { ...(await this.create(context, scope, wish)), outcome: 'created' };
    const status = wish.status ?? 'live';
    const document = wish.document ? whole(wish.document) : null;
    const change = await this.update(context, scope, before.id, { ...wish, status, document });
    const { policy } = change;
    const same =
      policy.current_version === before.current_version &&
      policy.live_version === before.live_version &&
      policy.priority === before.priority &&
      policy.description === before.description;
    return { ...change, outcome: same ? 'unchanged' : 'changed' };
  }

  /** Brings the newest version into force. What is in force already stays as it is, down to the bundle's bytes. */
  async publish(context: RequestContext, scope: Scope, policyId: string, wish: ChangeWish): Promise<PolicyChange> {
    return this.writer.write(async (trx, effects) => {
      const before = await ownPolicy(trx, scope, policyId);
      checkVersion(before, wish.ifVersion);
      const change = { status: 'live' as const, live_version: before.current_version };
      return this.writer.change(trx, before, change, { context, effects, verb: 'published', ...wish });
    });
  }

  /**
   * Brings the content of an earlier version back into force, as a new version. Without `version`, the one that was in
   * force before. 404 when there is none; 422 when its bundle could not be read.
   */
  async rollback(
    context: RequestContext,
    scope: Scope,
    policyId: string,
    wish: ChangeWish & { version?: number | undefined; note?: string | undefined },
  ): Promise<PolicyChange> {
    return this.writer.write(async (trx, effects) => {
      const before = await ownPolicy(trx, scope, policyId);
      checkVersion(before, wish.ifVersion);
      const wanted = await this.rollbackTarget(trx, before, wish.version);
      const newest = await this.writer.versionOf(trx, before.id, before.current_version);
      const isSame = newest.document === wanted.document;
      const version = isSame ? before.current_version : before.current_version + 1;
      const change = { status: 'live' as const, current_version: version, live_version: version };
      const options = { context, effects, verb: 'rolled back', acceptOlderSdks: wish.acceptOlderSdks };
      return this.writer.change(trx, before, change, options, async () => {
        if (isSame) return;
        const note = givenText(wish.note ?? `Version ${wanted.version} again`, 'note');
        const authorship = this.writer.authorship(context);
        await insertVersion(trx, { ...wanted, ...authorship, version, note, published_at: null });
      });
    });
  }

  /** Removes a policy and takes it out of every bundle. Its versions are kept, because audit rows name their rules. */
  async remove(context: RequestContext, scope: Scope, policyId: string, wish: ChangeWish): Promise<PolicyChange> {
    return this.writer.write(async (trx, effects) => {
      const before = await ownPolicy(trx, scope, policyId);
      checkVersion(before, wish.ifVersion);
      const change = { status: 'archived' as const, live_version: null, deleted_at: this.kernel.clock.now() };
      const options = { context, effects, verb: 'removed', acceptOlderSdks: wish.acceptOlderSdks };
      return this.writer.change(trx, before, change, options, () => deleteAssignments(trx, policyId));
    });
  }

  private async updateRow(
    context: RequestContext,
    trx: Writer,
    effects: WriteContext,
    scope: Scope,
    before: PolicyRow,
    wish: PolicyWish,
    accepted: AcceptedDocument | null,
  ): Promise<PolicyChange> {
    const newest = await this.writer.versionOf(trx, before.id, before.current_version);
    const isNewDocument = accepted !== null && accepted.canonical !== newest.document;
    const standing = standingAfter(
      { status: before.status, currentVersion: before.current_version, liveVersion: before.live_version },
      { hasDocument: accepted !== null, isNewDocument, status: wish.status },
    );
    const change = {
      name: wish.name === undefined ? before.name : await freeName(trx, scope, wish.name, before.id),
      description: wish.description === undefined ? before.description : givenText(wish.description, 'description'),
      priority: wish.priority ?? before.priority,
      status: standing.status,
      current_version: standing.currentVersion,
      live_version: standing.liveVersion,
    };
    const { acceptOlderSdks } = wish;
    const options = { context, effects, verb: 'updated', acceptOlderSdks, warnings: accepted?.warnings ?? [] };
    return this.writer.change(trx, before, change, options, async () => {
      if (accepted === null) return;
      const version = standing.currentVersion;
      const text = { source: accepted.source, source_format: accepted.format };
      // Comments and layout may have changed without the meaning: the newest version then gets the new text.
      if (!isNewDocument) await replaceSource(trx, before.id, version, text);
      else await insertVersion(trx, this.versionRow(context, before.id, version, accepted, wish.note));
    });
  }

  private acceptNew(scope: Scope, input: DocumentInput | null | undefined): Promise<AcceptedDocument> {
    if (input) return this.accept(scope, input);
    throw noDocument();
  }

  private async acceptChange(
    scope: Scope,
    policyId: string,
    input: DocumentInput | null,
  ): Promise<{ accepted: AcceptedDocument | null; basedOn?: number }> {
    if (input === null) return { accepted: null };
    if (input.onto === undefined) return { accepted: await this.accept(scope, input) };
    const reader = this.kernel.databases.state.read;
    const policy = await ownPolicy(reader, scope, policyId);
    const newest = await this.writer.versionOf(reader, policyId, policy.current_version);
    const accepted = await this.accept(scope, input.onto(documentOf(newest)));
    return { accepted, basedOn: policy.current_version };
  }

  private accept(scope: Scope, input: DocumentInput): Promise<AcceptedDocument> {
    return this.checks.accept(this.kernel.databases.state.read, scope, input);
  }

  private async rollbackTarget(trx: Writer, row: PolicyRow, version: number | undefined): Promise<VersionRow> {
    const wanted =
      version === undefined
        ? await lastPublishedBefore(trx, row.id, row.live_version ?? row.current_version)
        : await findVersion(trx, row.id, version);
    if (wanted !== null) return wanted;
    throw notFound(version === undefined ? 'An earlier version that was in force' : `Version ${version}`);
  }

  private newRow(scope: Scope, name: string, wish: PolicyWish): PolicyRow {
    const { clock, newId } = this.kernel;
    const status = wish.status ?? 'live';
    const now = clock.now();
    return {
      id: newId(),
      org_id: scope.orgId,
      project_id: scope.projectId,
      owner_id: scope.projectId ?? scope.orgId,
      name,
      description: givenText(wish.description ?? '', 'description'),
      priority: wish.priority ?? STANDARD_PRIORITY,
      status,
      current_version: 1,
      live_version: status === 'live' ? 1 : null,
      revision: 1,
      created_at: now,
      updated_at: now,
      deleted_at: null,
    };
  }

  private versionRow(
    context: RequestContext,
    policyId: string,
    version: number,
    accepted: AcceptedDocument,
    note: string | undefined,
  ): VersionRow {
    return {
      policy_id: policyId,
      version,
      document: accepted.canonical,
      source: accepted.source,
      source_format: accepted.format,
      rule_count: accepted.document.rules.length,
      note: givenText(note ?? '', 'note'),
      ...this.writer.authorship(context),
      published_at: null,
    };
  }
}

/** A file is the whole document: what it does not name is not kept. */
function whole({ source, check }: DocumentInput): DocumentInput {
  return { source, check };
}
