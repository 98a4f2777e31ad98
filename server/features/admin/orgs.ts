import type { Tier } from '../../kernel/license-gate.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { OrgStatus, ProductType } from '../orgs/schema.ts';
import type { OrgFilter, OrgRow } from '../orgs/service.ts';
import type { Usage } from '../usage/service.ts';
import type { AdminParts } from './ports.ts';

/** An organization as platform admins see it. */
export interface AdministeredOrg {
  org: OrgRow;
  /** The lower of its own tier and the license's. */
  effectiveTier: Tier;
  members: number;
  projects: number;
}

type Parts = Pick<AdminParts, 'orgs' | 'projects' | 'flags' | 'usage'>;

/** Organizations, whoever owns them. */
export class AdminOrgs {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** The organizations that a filter lets through, oldest first. */
  async list(filter: OrgFilter, page: PageQuery): Promise<{ rows: AdministeredOrg[]; next: string | null }> {
    const { rows, next } = await this.parts.orgs.search(filter, page);
    return { rows: await this.described(rows), next };
  }

  /** One organization. 404 when there is none. */
  async get(orgId: string): Promise<AdministeredOrg> {
    return this.one(await this.parts.orgs.get(orgId));
  }

  /** Renames an organization, suspends it or lifts that, or changes its product type. 404 when there is none. */
  async change(
    context: RequestContext,
    orgId: string,
    change: { name?: string; status?: OrgStatus; product_type?: ProductType },
  ): Promise<AdministeredOrg> {
    return this.one(await this.parts.orgs.administer(context, orgId, change));
  }

  /** Sets the tier that the organization itself is on. 404 when there is none. */
  async changeTier(context: RequestContext, orgId: string, tier: Tier): Promise<AdministeredOrg> {
    return this.one(await this.parts.orgs.changeTier(context, orgId, tier));
  }

  /** What an organization used this month. 404 when there is none. */
  async usage(orgId: string): Promise<Usage> {
    await this.parts.orgs.get(orgId);
    return this.parts.usage.usage(orgId);
  }

  /** Sets the counters of this month back to zero, which also lifts a refusal for having used them up. 404 when there is no such organization. */
  async resetUsage(context: RequestContext, orgId: string): Promise<Usage> {
    await this.parts.orgs.get(orgId);
    return this.parts.usage.reset(context, orgId);
  }

  private async one(org: OrgRow): Promise<AdministeredOrg> {
    const [described] = await this.described([org]);
    return described!;
  }

  private async described(rows: readonly OrgRow[]): Promise<AdministeredOrg[]> {
    const { orgs, projects, flags } = this.parts;
    const ids = rows.map((org) => org.id);
    const [members, projectCounts, tiers] = await Promise.all([
      orgs.memberCounts(ids),
      projects.counts(ids),
      Promise.all(ids.map((id) => flags.effectiveTier(id))),
    ]);
    return rows.map((org, index) => ({
      org,
      effectiveTier: tiers[index]!,
      members: members.get(org.id) ?? 0,
      projects: projectCounts.get(org.id) ?? 0,
    }));
  }
}
