import type { Selectable, Transaction } from 'kysely';
import type { WriteContext } from '../../db/database.ts';
import type { FeatureFlagsTable, StateTables } from '../../db/tables.ts';
import { actorLabel } from '../../kernel/actor.ts';
import { DomainError, invalid, notFound, unavailable } from '../../kernel/errors.ts';
import type { FeatureGate, Kernel } from '../../kernel/kernel.ts';
import { FEATURES, type FeatureFlag, lowerTier, type Tier, tierHas } from '../../kernel/license-gate.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { OrgsService } from '../orgs/service.ts';
import type { LicensesService } from './service.ts';

/** Where organizations keep their tier. */
export interface OrgTiers {
  /** The tier that the organization itself is on, or null when there is no such organization. */
  tierOf(orgId: string): Promise<Tier | null>;
}

/** A feature with its switches, as admins see it. */
export interface FlagView {
  flag: FeatureFlag;
  title: string;
  tier: Tier | null;
  enabled: boolean;
  /** Organizations where it differs from `enabled`. */
  overrides: { org_id: string; enabled: boolean }[];
}

const CHANNEL = 'feature-flags';
const READING = new Set(['GET', 'HEAD', 'DELETE']);

/** Decides what may be used: deployment switch, flag, tier, and whether the license has ended. */
export class FlagsService implements FeatureGate {
  private readonly kernel: Pick<Kernel, 'config' | 'clock' | 'databases' | 'log'>;
  private readonly licenses: LicensesService;
  private orgs: OrgTiers = { tierOf: async () => null };
  private flags = new Map<string, boolean>();

  constructor(kernel: Pick<Kernel, 'config' | 'clock' | 'databases' | 'log'>, licenses: LicensesService) {
    this.kernel = kernel;
    this.licenses = licenses;
  }

  /** The organizations feature comes later in the table of contents and hands itself in here. */
  useOrgs(orgs: OrgTiers & Pick<OrgsService, 'onRemove'>): void {
    this.orgs = orgs;
    orgs.onRemove((trx, org, removal) => this.forgetOrg(trx, org.id, removal));
  }

  async open(): Promise<void> {
    await this.reload();
    this.kernel.databases.changes.subscribe(CHANNEL, () => {
      this.reload().catch((error) => this.kernel.log.error({ err: error }, 'feature flags could not be reloaded'));
    });
  }

  /** The lower of the organization's tier and the license's. Without an organization the license alone counts. */
  async effectiveTier(orgId: string | null): Promise<Tier> {
    const { tier } = this.licenses.state();
    if (orgId === null) return tier;
    const own = await this.orgs.tierOf(orgId);
    return own === null ? tier : lowerTier(own, tier);
  }

  async check(feature: FeatureFlag, orgId: string | null, method: string): Promise<void> {
    if (!this.switchedOn(feature, orgId)) throw switchedOff(feature);
    const { status } = this.licenses.state();
    const tier = await this.effectiveTier(orgId);
    if (!this.includes(tier, feature)) throw notInTier(feature, tier);
    if (status === 'expired' && FEATURES[feature].tier !== null && !READING.has(method)) throw ended(feature);
  }

  /** The features that an organization has: switched on, and part of its tier or named by the license. */
  async featuresOf(orgId: string): Promise<FeatureFlag[]> {
    const tier = await this.effectiveTier(orgId);
    const all = Object.keys(FEATURES) as FeatureFlag[];
    return all.filter((feature) => this.includes(tier, feature) && this.switchedOn(feature, orgId));
  }

  /** Whether a feature is switched on for an organization, whatever its tier. */
  switchedOn(feature: FeatureFlag, orgId: string | null): boolean {
    if (FEATURES[feature].env === 'ENROLLMENT_API_ENABLED' && !this.kernel.config.enrollmentApi) return false;
    const own = orgId === null ? undefined : this.flags.get(`${feature} ${orgId}`);
    return own ?? this.flags.get(`${feature} `) ?? true;
  }

  list(): FlagView[] {
    return (Object.keys(FEATURES) as FeatureFlag[]).map((flag) => ({
      flag,
      title: FEATURES[flag].title,
      tier: FEATURES[flag].tier,
      enabled: this.switchedOn(flag, null),
      overrides: [...this.flags].flatMap(([key, enabled]) => {
        const [name, orgId] = key.split(' ');
        return name === flag && orgId !== undefined && orgId !== '' ? [{ org_id: orgId, enabled }] : [];
      }),
    }));
  }

  /** Switches a feature for the whole appliance, or for one organization. 400 for an unknown feature, 404 for an unknown organization. */
  async set(context: RequestContext, flag: string, enabled: boolean, orgId: string | null): Promise<FlagView> {
    if (!Object.hasOwn(FEATURES, flag))
      throw invalid(`There is no feature "${flag}". Known: ${Object.keys(FEATURES).join(', ')}.`);
    if (orgId !== null && (await this.orgs.tierOf(orgId)) === null) throw notFound(`The organization ${orgId}`);
    await this.kernel.databases.state.write(async (trx, { publish }) => {
      const row = {
        enabled: enabled ? (1 as const) : (0 as const),
        updated_at: this.kernel.clock.now(),
        updated_by: actorLabel(context.actor),
      };
      await trx
        .insertInto('feature_flags')
        .values({ flag, org_id: orgId ?? '', ...row })
        .onConflict((conflict) => conflict.columns(['flag', 'org_id']).doUpdateSet(row))
        .execute();
      await context.record(trx, { orgId, target: { type: 'feature', id: flag }, details: { enabled } });
      await publish(CHANNEL, flag);
    });
    await this.reload();
    return this.list().find((view) => view.flag === flag)!;
  }

  /** Removes what was switched for an organization that goes, in the transaction that removes it. */
  private async forgetOrg(
    trx: Transaction<StateTables>,
    orgId: string,
    effects: Pick<WriteContext, 'publish'>,
  ): Promise<void> {
    await trx.deleteFrom('feature_flags').where('org_id', '=', orgId).execute();
    await effects.publish(CHANNEL, orgId);
  }

  private includes(tier: Tier, feature: FeatureFlag): boolean {
    return tierHas(tier, feature) || this.licenses.state().features.includes(feature);
  }

  private async reload(): Promise<void> {
    const rows: Selectable<FeatureFlagsTable>[] = await this.kernel.databases.state.read
      .selectFrom('feature_flags')
      .selectAll()
      .execute();
    this.flags = new Map(rows.map((row) => [`${row.flag} ${row.org_id}`, row.enabled === 1]));
  }
}

function switchedOff(feature: FeatureFlag): DomainError {
  const how =
    FEATURES[feature].env === null
      ? 'A platform admin can switch it on under /api/admin/features.'
      : `Set ${FEATURES[feature].env}=true or switch it on under /api/admin/features.`;
  return unavailable('FEATURE_DISABLED', `${FEATURES[feature].title} is switched off. ${how}`);
}

function notInTier(feature: FeatureFlag, tier: Tier): DomainError {
  return new DomainError(
    403,
    'FEATURE_NOT_AVAILABLE',
    `${FEATURES[feature].title} needs the tier ${FEATURES[feature].tier} or higher; this organization has ${tier}. Install a license with "czctl license install".`,
    {
      extra: { feature, tier, upgrade_url: '/ui/' },
    },
  );
}

function ended(feature: FeatureFlag): DomainError {
  return new DomainError(
    403,
    'LICENSE_EXPIRED',
    `The license has ended, so nothing new can be switched on in ${FEATURES[feature].title}. What runs goes on. Install a license with "czctl license install".`,
    { extra: { feature } },
  );
}
