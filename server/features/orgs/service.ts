import { randomBytes } from 'node:crypto';
import type { Transaction, Updateable } from 'kysely';
import { ChangeCache } from '../../db/change-cache.ts';
import type { WriteContext } from '../../db/database.ts';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { conflict, forbidden, invalid, notFound } from '../../kernel/errors.ts';
import { givenName } from '../../kernel/given-text.ts';
import type { Tier } from '../../kernel/license-gate.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { countOrgs, memberCounts, type OrgFilter, searchOrgs } from './directory-store.ts';
import type { InvitesService } from './invites.ts';
import type { OrgsKernel } from './kernel.ts';
import { findAccount, insertMember } from './member-store.ts';
import type { MembersService } from './members.ts';
import { type AuditRetention, auditRetention, retentionAfterTierChange } from './retention.ts';
import { ORGS_CHANNEL, type OrgStatus, type OrgsTable, type ProductType } from './schema.ts';
import { changedSettings, type OrgSettings, type OrgSettingsChange, readSettings } from './settings.ts';
import {
  allOrgs,
  deleteOrg,
  findOrg,
  insertOrg,
  type OrgRow,
  type OwnOrgRow,
  orgsOfUser,
  slugTaken,
  updateOrg,
} from './store.ts';

export type { OrgFilter } from './directory-store.ts';
export type { OrgRow } from './store.ts';

/** What the license lets an organization have. */
export interface Plan {
  /** The lower of the organization's own tier and the license's. */
  effectiveTier(orgId: string): Promise<Tier>;
}

export interface NewOrg {
  name: string;
  productType?: ProductType;
  /** The first owner; the person who asks when absent. */
  ownerId?: string;
}

/** What a hook works with when an organization goes: effects after the commit, and who asked for it. */
export interface OrgRemoval extends WriteContext {
  readonly context: RequestContext;
}

/** Cleans up what another feature holds of an organization, in the transaction that removes it. */
export type OrgRemovalHook = (trx: Transaction<StateTables>, org: OrgRow, removal: OrgRemoval) => Promise<void>;

/** Organizations: their settings, tier and life. Members and invites have services of their own. */
export class OrgsService {
  readonly members: MembersService;
  readonly invites: InvitesService;
  private readonly kernel: OrgsKernel;
  private readonly plan: Plan;
  private readonly removalHooks: OrgRemovalHook[] = [];
  private readonly known: ChangeCache<OrgRow | null>;

  constructor(parts: { kernel: OrgsKernel; plan: Plan; members: MembersService; invites: InvitesService }) {
    const { databases } = parts.kernel;
    this.kernel = parts.kernel;
    this.plan = parts.plan;
    this.members = parts.members;
    this.invites = parts.invites;
    this.known = new ChangeCache(
      databases.changes,
      ORGS_CHANNEL,
      async (id) => (await findOrg(databases.state.read, id)) ?? null,
    );
  }

  /** Registers what another feature does when an organization goes; hooks run in the order of their registration. */
  onRemove(hook: OrgRemovalHook): void {
    this.removalHooks.push(hook);
  }

  /** Makes an organization with its first owner. 404 when `ownerId` names nobody. */
  async create(context: RequestContext, { name, productType = 'teams', ownerId }: NewOrg): Promise<OwnOrgRow> {
    const { databases, clock, newId, events } = this.kernel;
    const owner = ownerId ?? (context.actor.kind === 'user' ? context.actor.userId : null);
    if (owner === null) throw invalid('Say who shall own the organization: it must have an owner from the start.');
    const now = clock.now();
    return databases.state.write(async (trx, { publish, afterCommit }) => {
      if ((await findAccount(trx, owner)) === undefined) throw notFound(`The account ${owner}`);
      const org: OrgRow = {
        id: newId(),
        name: givenName(name, 'the organization'),
        slug: await freeSlug(trx, name),
        tier: 'enterprise',
        product_type: productType,
        status: 'active',
        settings: '{}',
        audit_retention_days: null,
        created_at: now,
        updated_at: now,
      };
      await insertOrg(trx, org);
      const membership = { org_id: org.id, user_id: owner, role: 'owner' as const, created_at: now, updated_at: now };
      await insertMember(trx, { id: newId(), ...membership });
      await context.record(trx, {
        orgId: org.id,
        target: { type: 'org', id: org.id },
        details: { name: org.name, owner },
      });
      await publish(ORGS_CHANNEL, org.id);
      afterCommit(() => events.emit('membership.changed', { orgId: org.id, userId: owner, role: 'owner', at: now }));
      return { ...org, role: 'owner' };
    });
  }

  /** The organizations that the signed-in person belongs to. */
  listOwn(context: RequestContext, page: PageQuery): Promise<Page<OwnOrgRow>> {
    if (context.actor.kind !== 'user') throw forbidden('Only people belong to organizations.');
    return orgsOfUser(this.kernel.databases.state.read, context.actor.userId, page);
  }

  /** Every organization of the appliance, for operators and platform admins. */
  listAll(page: PageQuery): Promise<Page<OrgRow>> {
    return allOrgs(this.kernel.databases.state.read, page);
  }

  /** The organizations that a filter lets through, oldest first; for platform admins. */
  search(filter: OrgFilter, page: PageQuery): Promise<Page<OrgRow>> {
    return searchOrgs(this.kernel.databases.state.read, filter, page);
  }

  /** How many members each of the organizations has; one without any is missing. */
  memberCounts(orgIds: readonly string[]): Promise<Map<string, number>> {
    return memberCounts(this.kernel.databases.state.read, orgIds);
  }

  /** How many organizations there are, by status. */
  count(): Promise<Record<OrgStatus, number>> {
    return countOrgs(this.kernel.databases.state.read);
  }

  /** An organization, from memory when it was read before and did not change. 404 when there is none. */
  async get(orgId: string): Promise<OrgRow> {
    const org = await this.known.get(orgId);
    if (org === null) throw notFound(`The organization ${orgId}`);
    return org;
  }

  /** The organization's own tier, whatever the license says; null when there is no such organization. */
  async tierOf(orgId: string): Promise<Tier | null> {
    return (await this.known.get(orgId))?.tier ?? null;
  }

  /** The settings in force, from memory when they were read before. 404 when there is no such organization. */
  async settingsOf(orgId: string): Promise<OrgSettings> {
    return readSettings((await this.get(orgId)).settings);
  }

  /** Changes name and settings; what the change does not name stays as it is. */
  changeSettings(
    context: RequestContext,
    orgId: string,
    change: OrgSettingsChange & { name?: string },
  ): Promise<OrgRow> {
    const { name, ...settings } = change;
    return this.change(context, orgId, { ...change }, (org) => ({
      ...(name === undefined ? {} : { name: givenName(name, 'the organization') }),
      settings: JSON.stringify(changedSettings(readSettings(org.settings), settings)),
    }));
  }

  changeProductType(context: RequestContext, orgId: string, productType: ProductType): Promise<OrgRow> {
    return this.change(context, orgId, { product_type: productType }, () => ({ product_type: productType }));
  }

  /** How long audit entries are kept, and what an owner may choose. */
  async auditRetention(orgId: string): Promise<AuditRetention> {
    const [org, tier] = await Promise.all([this.get(orgId), this.plan.effectiveTier(orgId)]);
    return auditRetention(org.audit_retention_days, tier);
  }

  /** Chooses for how many days audit entries are kept. 400 outside of what the tier allows. */
  async changeAuditRetention(context: RequestContext, orgId: string, days: number): Promise<AuditRetention> {
    const { leastDays, mostDays, tier } = await this.auditRetention(orgId);
    if (days < leastDays || days > mostDays) {
      throw invalid(
        `retention_days is ${days}, but the tier ${tier} keeps audit entries ${leastDays} to ${mostDays} days.`,
      );
    }
    await this.change(context, orgId, { retention_days: days }, () => ({ audit_retention_days: days }));
    return this.auditRetention(orgId);
  }

  /** Sets the tier that the organization itself is on; for platform admins. Audit entries are kept as long as before, or longer. */
  async changeTier(context: RequestContext, orgId: string, tier: Tier): Promise<OrgRow> {
    const { retentionDays } = await this.auditRetention(orgId);
    const kept = retentionAfterTierChange(retentionDays, tier);
    return this.change(context, orgId, { tier }, (org) => ({
      tier,
      audit_retention_days: org.audit_retention_days ?? kept,
    }));
  }

  /** Suspends an organization or lifts that; for platform admins. Its members lose or regain access at once. */
  changeStatus(context: RequestContext, orgId: string, status: OrgStatus): Promise<OrgRow> {
    return this.administer(context, orgId, { status });
  }

  /** Changes what platform admins decide, all of it or nothing; what the change does not name stays. */
  administer(
    context: RequestContext,
    orgId: string,
    change: { name?: string; status?: OrgStatus; product_type?: ProductType },
  ): Promise<OrgRow> {
    const { name, ...rest } = change;
    const tidy = { ...rest, ...(name === undefined ? {} : { name: givenName(name, 'the organization') }) };
    return this.change(context, orgId, tidy, () => tidy);
  }

  /** Removes an organization with everything in it. 409 unless `confirm` is its exact name. */
  async remove(context: RequestContext, orgId: string, confirm: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx, effects) => {
      const org = await findOrg(trx, orgId);
      if (org === undefined) throw notFound(`The organization ${orgId}`);
      if (confirm !== org.name) {
        throw conflict(
          'CONFIRMATION_MISMATCH',
          'This removes the organization with its projects, keys and policies. Repeat its exact name as confirm.',
        );
      }
      await this.removeWithin(trx, org, { ...effects, context });
    });
  }

  /** Removes an organization inside of a transaction of the caller; the API keys and roles in it end with the commit. */
  async removeWithin(trx: Transaction<StateTables>, org: OrgRow, removal: OrgRemoval): Promise<void> {
    const { clock, events } = this.kernel;
    const at = clock.now();
    for (const hook of this.removalHooks) await hook(trx, org, removal);
    if (!(await deleteOrg(trx, org.id))) throw notFound(`The organization ${org.id}`);
    const target = { type: 'org', id: org.id };
    await removal.context.record(trx, { verb: 'org.delete', orgId: org.id, target, details: { name: org.name } });
    await removal.publish(ORGS_CHANNEL, org.id);
    removal.afterCommit(() => events.emit('org.deleted', { orgId: org.id, at }));
  }

  private change(
    context: RequestContext,
    orgId: string,
    details: Readonly<Record<string, unknown>>,
    changeOf: (org: OrgRow) => Updateable<OrgsTable>,
  ): Promise<OrgRow> {
    return this.kernel.databases.state.write(async (trx, { publish }) => {
      const org = await findOrg(trx, orgId);
      const change = org && { ...changeOf(org), updated_at: this.kernel.clock.now() };
      if (org === undefined || change === undefined || !(await updateOrg(trx, orgId, change))) {
        throw notFound(`The organization ${orgId}`);
      }
      await context.record(trx, { orgId, target: { type: 'org', id: orgId }, details });
      await publish(ORGS_CHANNEL, orgId);
      return { ...org, ...change } as OrgRow;
    });
  }
}

/** A readable, unique name for addresses: `Ada & Söhne` becomes `ada-sohne`. */
async function freeSlug(trx: Transaction<StateTables>, name: string): Promise<string> {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const base =
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 48)
      .replace(/^-+|-+$/g, '') || 'org';
  let slug = base;
  while (await slugTaken(trx, slug)) slug = `${base}-${randomBytes(4).toString('hex')}`;
  return slug;
}
