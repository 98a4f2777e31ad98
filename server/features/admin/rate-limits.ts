import { SETTINGS, type SettingName } from '../../kernel/config/settings.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { BucketUse } from '../../kernel/rate-limit.ts';
import type { AdminParts } from './ports.ts';

/** Buckets below this share of their limit are not worth a look. */
const BUSY_SHARE = 0.5;
const MOST_BUCKETS = 200;

/** What a limit counts, and the setting that changes it. */
const LIMITS = [
  ['address', 'rateIp'],
  ['sign_in', 'rateSignIn'],
  ['failed_credentials', 'rateFailures'],
  ['session', 'rateSession'],
  ['api_key', 'rateKey'],
  ['bundle_pull', 'rateBundle'],
  ['audit_ingest', 'rateIngest'],
] as const satisfies readonly (readonly [string, SettingName])[];

/** How buckets are named, and whose id their name carries. */
const BUCKETS: Readonly<Record<string, { limit: string; of: 'address' | 'user' | 'api-key' }>> = {
  ip: { limit: 'address', of: 'address' },
  'sign-in': { limit: 'sign_in', of: 'address' },
  failures: { limit: 'failed_credentials', of: 'address' },
  session: { limit: 'session', of: 'user' },
  key: { limit: 'api_key', of: 'api-key' },
  bundle: { limit: 'bundle_pull', of: 'api-key' },
  ingest: { limit: 'audit_ingest', of: 'api-key' },
};

type Parts = Pick<AdminParts, 'auth' | 'apiKeys' | 'projects' | 'orgs'>;

/** Rate limits in force, and who comes near them. */
export class RateLimits {
  private readonly kernel: Pick<Kernel, 'config' | 'limits'>;
  private readonly parts: Parts;

  constructor(kernel: Pick<Kernel, 'config' | 'limits'>, parts: Parts) {
    this.kernel = kernel;
    this.parts = parts;
  }

  /** The limits, and the buckets of this process that used half of theirs or more in the running minute, busiest first. */
  async activity() {
    const { config, limits } = this.kernel;
    const busy = limits.busiest(BUSY_SHARE).flatMap(readBucket).slice(0, MOST_BUCKETS);
    const idsOf = (kind: string) => busy.filter(({ of }) => of === kind).map(({ id }) => id);
    const [addresses, keys] = await Promise.all([
      this.parts.auth.users.addressesOf(idsOf('user')),
      this.keyNames(idsOf('api-key')),
    ]);
    return {
      window_seconds: 60,
      limits: LIMITS.map(([limit, setting]) => ({
        limit,
        requests_per_minute: config[setting],
        setting: SETTINGS[setting].env,
      })),
      busy: busy.map(({ limit, of, id, count, perMinute }) => ({
        limit,
        subject_type: of,
        subject_id: id,
        subject_name: of === 'address' ? id : ((of === 'user' ? addresses : keys).get(id) ?? null),
        requests: count,
        requests_per_minute: perMinute,
        exceeded: count > perMinute,
      })),
    };
  }

  /** API keys as `organization / project / name`; never anything of their text. */
  private async keyNames(ids: readonly string[]): Promise<Map<string, string>> {
    const { apiKeys, projects, orgs } = this.parts;
    const keys = await apiKeys.byIds([...new Set(ids)]);
    const names = await Promise.all(
      keys.map(async (key) => {
        const [org, project] = await Promise.all([orgs.get(key.org_id), projects.find(key.project_id)]);
        return [key.id, [org.name, project?.name ?? key.project_id, key.name].join(' / ')] as const;
      }),
    );
    return new Map(names);
  }
}

function readBucket({ bucket, count, limit }: BucketUse) {
  const separator = bucket.indexOf(':');
  const kind = BUCKETS[bucket.slice(0, separator)];
  return kind === undefined ? [] : [{ ...kind, id: bucket.slice(separator + 1), count, perMinute: limit }];
}
