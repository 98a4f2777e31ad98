import type { ApiKeyActor } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { publicUrl } from '../../kernel/config/load.ts';
import { forbidden } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { BootstrapKeys, BundlesService } from '../bundles/service.ts';
import type { FlagsService } from '../licenses/gate.ts';
import type { ProjectsService } from '../projects/service.ts';

/** How often a client should ask for a newer bundle, in seconds; what the published SDKs do by themselves. */
const REFRESH_SECONDS = 60;
/** How many audit entries a client should send at once. */
const LARGEST_AUDIT_BATCH = 500;

/** What an SDK says of itself. */
export interface SdkIntroduction {
  sdk_version?: string | undefined;
  /** `python`, `go`, `node`, …; SDKs that do not say are known by their version alone. */
  sdk?: string | undefined;
  hostname?: string | undefined;
}

/** What a client that refreshes has. */
export interface KnownState {
  session_id?: string | undefined;
  etag?: string | undefined;
}

type Bundles = Pick<BundlesService, 'live' | 'bootstrap' | 'publicKeys' | 'sdks'>;

/** Starting an SDK: its project, its session, and the keys of its bundle. */
export class SdkService {
  private readonly kernel: Pick<Kernel, 'clock' | 'newId' | 'config'>;
  private readonly bundles: Bundles;
  private readonly projects: Pick<ProjectsService, 'get'>;
  private readonly flags: Pick<FlagsService, 'featuresOf'>;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'newId' | 'config'>,
    parts: {
      bundles: Bundles;
      projects: Pick<ProjectsService, 'get'>;
      flags: Pick<FlagsService, 'featuresOf'>;
    },
  ) {
    this.kernel = kernel;
    this.bundles = parts.bundles;
    this.projects = parts.projects;
    this.flags = parts.flags;
  }

  /** The project's configuration and a new session. Notes the SDK's version, which tells authors whom a change concerns. */
  async init(context: RequestContext, introduction: SdkIntroduction) {
    const key = keyOf(context);
    if (introduction.sdk_version !== undefined) {
      this.bundles.sdks.note(key.projectId, labelOf(introduction.sdk), introduction.sdk_version);
    }
    const [project, features] = await Promise.all([this.projects.get(key.projectId), this.flags.featuresOf(key.orgId)]);
    return {
      project: {
        id: project.id,
        public_id: project.public_id,
        org_id: project.org_id,
        name: project.name,
        default_action: project.default_action,
        default_on_missing: project.default_on_missing,
        default_on_empty: project.default_on_empty,
        default_on_tamper: project.default_on_tamper,
      },
      features,
      session: await this.session(key, this.kernel.newId(), undefined),
    };
  }

  /** The session as it is now: where the bundle is, and whether the client's is outdated. */
  async refresh(context: RequestContext, known: KnownState) {
    const key = keyOf(context);
    return { session: await this.session(key, known.session_id ?? this.kernel.newId(), known.etag) };
  }

  /** The keys of the caller's project, always read from the database, so that they never lag behind a rotation. */
  async bootstrap(context: RequestContext) {
    const keys = await this.bundles.bootstrap(keyOf(context).projectId);
    const answer = bootstrapJson(keys);
    keys.encryptionKey.fill(0);
    return answer;
  }

  /** The key that verifies bundles of the caller's organization. */
  publicKeys(context: RequestContext) {
    return this.bundles.publicKeys(keyOf(context).orgId);
  }

  private async session(key: ApiKeyActor, sessionId: string, knownEtag: string | undefined) {
    const now = this.kernel.clock.now();
    const state = await this.bundles.live.confirmed(key.projectId, key.mode);
    const bare = knownEtag?.replace(/^W\//i, '').replaceAll('"', '').toLowerCase();
    const bundle =
      state.state === 'live'
        ? {
            status: 'live' as const,
            etag: state.digest,
            etag_hint: state.digest.slice(0, 32),
            policy_version: state.policyVersion,
            key_version: state.keyVersion,
            built_at: rfc3339(state.builtAt),
            changed: bare === undefined ? null : bare.slice(0, 32) !== state.digest.slice(0, 32),
          }
        : {
            status: state.state === 'tampered' ? ('tampered' as const) : ('none' as const),
            etag: null,
            etag_hint: null,
            policy_version: null,
            key_version: null,
            built_at: null,
            changed: null,
          };
    return {
      session_id: sessionId,
      project_id: key.projectId,
      org_id: key.orgId,
      environment: key.mode,
      server_time: rfc3339(now),
      bundle: { ...bundle, url: this.url('/v1/sdk/policies/pull') },
      bootstrap_url: this.url('/v1/sdk/bootstrap'),
      refresh_interval_seconds: REFRESH_SECONDS,
      refresh_at: rfc3339(now + REFRESH_SECONDS * 1000),
      audit: { url: this.url('/v1/sdk/audit'), max_batch: LARGEST_AUDIT_BATCH },
    };
  }

  private url(path: string): string {
    const { config } = this.kernel;
    return `${publicUrl(config, config.port).replace(/\/+$/, '')}${path}`;
  }
}

/**
 * Both name sets of the published SDKs and of the specification, without a null: older SDKs fail on one.
 * `key_version` is a whole number. (SDK wire notes, bootstrap.)
 */
function bootstrapJson({ projectId, orgId, encryptionKey, signing, keyVersion }: BootstrapKeys) {
  const encryption = encryptionKey.toString('base64');
  return {
    project_id: projectId,
    org_id: orgId,
    encryption_key: encryption,
    project_encryption_key_b64: encryption,
    signing_public_key: signing.public_key.toString('base64'),
    signing_pubkey_hex: signing.public_key.toString('hex'),
    kid: signing.kid,
    key_version: keyVersion,
    algorithm: 'ed25519' as const,
  };
}

/** The key that asks; its project is the answer's project. */
export function keyOf(context: RequestContext): ApiKeyActor {
  if (context.actor.kind !== 'api-key') throw forbidden('Only API keys of a project may do this.');
  return context.actor;
}

/** The label under which an SDK is remembered: as its audit entries name it. */
function labelOf(sdk: string | undefined): string {
  if (sdk === undefined || sdk === '') return 'sdk';
  const word = sdk.toLowerCase().replaceAll('-', '_');
  return word.endsWith('_sdk') ? word : `${word}_sdk`;
}
