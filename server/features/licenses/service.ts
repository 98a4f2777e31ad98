import type { Selectable } from 'kysely';
import type { Keyring } from '../../crypto/keyring.ts';
import { encodeLicense, type LicensePayload, type TrustedIssuer, verifyLicense } from '../../crypto/license.ts';
import { generateSigningSeed, keyId, type SigningKey, signingKeyFromSeed } from '../../crypto/signing.ts';
import { actorLabel } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { conflict, DomainError, invalid } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Tier } from '../../kernel/license-gate.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import trustedKeys from '../../license/trusted-keys.json' with { type: 'json' };
import type { IssuedLicensesTable } from './schema.ts';
import { DAY, type LicenseState, licenseState, TRIAL_DAYS } from './state.ts';
import { LicensesStore } from './store.ts';

type LicensesKernel = Pick<Kernel, 'config' | 'clock' | 'databases' | 'newId' | 'log'>;

/** What a license for another deployment shall grant. */
export interface IssueRequest {
  customer: string;
  tier: Tier;
  seats: number;
  features: readonly string[];
  limits: Readonly<Record<string, number>>;
  expiresAt: number;
}

/** A license text looked at, without installing it. */
export interface LicenseInspection {
  status: 'valid' | 'expired' | 'not_yet_valid' | 'bad_signature' | 'unknown_issuer' | 'malformed';
  message: string;
  license: LicensePayload | null;
}

/** A license that was issued for another deployment. */
export type IssuedLicense = Selectable<IssuedLicensesTable>;

const CHANNEL = 'licenses';

/** Trial, installed licenses and the licenses issued for others. The state is kept in memory and judged by the clock at every look. */
export class LicensesService {
  private readonly kernel: LicensesKernel;
  private readonly keyring: Keyring;
  private readonly store: LicensesStore;
  /** The installed licenses whose signature was right; it is checked once, since every gated request asks for the state. */
  private installed: readonly LicensePayload[] = [];
  private trial: { ends_at: number } | null = null;
  private ownIssuer: string | null = null;

  constructor(kernel: LicensesKernel, keyring: Keyring) {
    this.kernel = kernel;
    this.keyring = keyring;
    this.store = new LicensesStore(kernel.databases);
  }

  /** Loads what is stored, installs `CZ_LICENSE_KEY` when it is set, and follows changes of other processes. */
  async open(context: RequestContext): Promise<void> {
    await this.reload();
    this.kernel.databases.changes.subscribe(CHANNEL, () => {
      this.reload().catch((error) => this.kernel.log.error({ err: error }, 'licenses could not be reloaded'));
    });
    const configured = this.kernel.config.licenseKey;
    if (configured !== null) await this.installConfigured(context, configured);
  }

  private async installConfigured(context: RequestContext, text: string): Promise<void> {
    try {
      await this.install(context, text);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.status !== 409) this.kernel.log.error(`CZ_LICENSE_KEY is not used: ${error.message}`);
    }
  }

  private async reload(): Promise<void> {
    const [installed, trial, issuer] = await Promise.all([
      this.store.installed(),
      this.store.trial(),
      this.store.issuer(),
    ]);
    this.trial = trial;
    this.ownIssuer = issuer?.kid ?? null;
    this.installed = installed.flatMap((row) => {
      const verdict = verifyLicense(row.license_text, this.trusted(), this.kernel.clock.now());
      return 'license' in verdict ? [verdict.license] : [];
    });
  }

  /** What the deployment may do now. */
  state(): LicenseState {
    return licenseState(this.installed, this.trial, this.kernel.clock.now());
  }

  /** The trial began for this data directory (only the first time). */
  async startTrial(context: RequestContext): Promise<boolean> {
    const now = this.kernel.clock.now();
    const started = await this.kernel.databases.state.write(async (trx, { publish }) => {
      const first = await this.store.startTrial(trx, now, now + TRIAL_DAYS * DAY);
      if (first) {
        await context.record(trx, {
          verb: 'license.trial-started',
          details: { ends_at: rfc3339(now + TRIAL_DAYS * DAY) },
        });
        await publish(CHANNEL, 'trial');
      }
      return first;
    });
    await this.reload();
    return started;
  }

  /** Looks at a license text offline and says what it is worth here. Changes nothing. */
  inspect(text: string): LicenseInspection {
    const verdict = verifyLicense(text, this.trusted(), this.kernel.clock.now());
    switch (verdict.status) {
      case 'valid':
        return { status: 'valid', message: `Valid until ${verdict.license.expires_at}.`, license: verdict.license };
      case 'expired':
        return {
          status: 'expired',
          message: `Expired at ${verdict.license.expires_at}. Ask the issuer for a renewal.`,
          license: verdict.license,
        };
      case 'not_yet_valid':
        return {
          status: 'not_yet_valid',
          message: 'Not valid yet. Check the clock of this machine.',
          license: verdict.license,
        };
      case 'bad_signature':
        return {
          status: 'bad_signature',
          message: 'The signature does not match. Copy the license whole, without line breaks.',
          license: null,
        };
      case 'unknown_issuer':
        return {
          status: 'unknown_issuer',
          message: `Signed by an issuer that is not trusted here (${verdict.issuerKid}). Add its public key to CZ_LICENSE_TRUST if it is yours.`,
          license: null,
        };
      case 'malformed':
        return { status: 'malformed', message: verdict.reason, license: null };
    }
  }

  /** Installs a license. Throws 400 when it does not verify or has ended, 409 when it is installed already; nothing changes then. */
  async install(context: RequestContext, text: string): Promise<LicenseState> {
    const { status, message, license } = this.inspect(text);
    if (license === null || status !== 'valid')
      throw invalid(`The license cannot be installed: ${message}`, { reason: status });
    await this.kernel.databases.state.write(async (trx, { publish }) => {
      const fresh = await this.store.install(trx, {
        license_id: license.license_id,
        license_text: text.trim(),
        installed_at: this.kernel.clock.now(),
        installed_by: actorLabel(context.actor),
      });
      if (!fresh) throw conflict('LICENSE_INSTALLED', `The license ${license.license_id} is installed already.`);
      await context.record(trx, {
        verb: 'license.install',
        target: { type: 'license', id: license.license_id },
        details: { tier: license.tier, expires_at: license.expires_at },
      });
      await publish(CHANNEL, license.license_id);
    });
    await this.reload();
    return this.state();
  }

  /**
   * Signs a license for another deployment with this deployment's issuer key, made at the first call. The text is shown
   * once. 400 for what could not be read back, or would be longer than a license may be.
   */
  async issue(
    context: RequestContext,
    request: IssueRequest,
  ): Promise<{ licenseId: string; text: string; issuerPublicKey: string; payload: LicensePayload }> {
    const now = this.kernel.clock.now();
    if (request.expiresAt <= now) throw invalid('expires_at lies in the past. Give a time in the future.');
    const issuer = await this.issuer();
    const licenseId = this.kernel.newId();
    const grant = {
      license_id: licenseId,
      org_id: request.customer,
      seats: request.seats,
      tier: request.tier,
      features: [...request.features],
      limits: request.limits,
      issued_at: rfc3339(now),
      expires_at: rfc3339(request.expiresAt),
    };
    const text = written(grant, issuer);
    const payload: LicensePayload = { ...grant, issuer_kid: issuer.kid };
    await this.kernel.databases.state.write(async (trx) => {
      await this.store.saveIssued(trx, {
        license_id: licenseId,
        customer: request.customer,
        tier: request.tier,
        seats: request.seats,
        issued_at: now,
        expires_at: request.expiresAt,
        issued_by: actorLabel(context.actor),
        payload: JSON.stringify(payload),
      });
      await context.record(trx, {
        target: { type: 'license', id: licenseId },
        details: { customer: request.customer, tier: request.tier },
      });
    });
    return { licenseId, text, issuerPublicKey: issuer.publicKey.toString('base64'), payload };
  }

  /** What a Scout agent needs to know: of the given text, or of this appliance's own trial or license. */
  validation(text: string | undefined) {
    if (text === undefined) {
      const state = this.state();
      const valid = state.status === 'valid' || state.status === 'trial' || state.status === 'grace';
      const message = valid
        ? `The appliance runs on a ${state.status === 'trial' ? 'trial' : 'license'}.`
        : 'Neither trial nor license is running. Install a license with "czctl license install".';
      return {
        valid,
        status: state.status,
        message,
        tier: state.tier,
        features: [...state.features],
        seats: state.limits.seats ?? null,
        expires_at: state.expiresAt === null ? null : rfc3339(state.expiresAt),
      };
    }
    const { status, message, license } = this.inspect(text);
    return {
      valid: status === 'valid',
      status,
      message,
      tier: license?.tier ?? null,
      features: [...(license?.features ?? [])],
      seats: license?.seats ?? null,
      expires_at: license?.expires_at ?? null,
    };
  }

  /** The licenses that were issued for others, newest first; their texts are not kept. */
  issued(page: PageQuery) {
    return this.store.issued(page);
  }

  private async issuer(): Promise<SigningKey> {
    if ((await this.store.issuer()) === null) await this.makeIssuer();
    const row = await this.store.issuer();
    if (row === null) throw new Error('the issuer key was not stored');
    if (row.kid !== this.ownIssuer) await this.reload();
    return signingKeyFromSeed(this.keyring.open('license.issuer-seed', 'issuer', row.seed));
  }

  private async makeIssuer(): Promise<void> {
    const seed = generateSigningSeed();
    const key = signingKeyFromSeed(seed);
    await this.kernel.databases.state.write((trx) =>
      this.store.saveIssuer(trx, {
        id: 1,
        kid: key.kid,
        public_key: key.publicKey,
        seed: this.keyring.seal('license.issuer-seed', 'issuer', seed),
        created_at: this.kernel.clock.now(),
      }),
    );
    seed.fill(0);
  }

  /** Shipped and configured issuers, without our own: what we issue is for others. */
  private trusted(): TrustedIssuer[] {
    return [...trustedKeys.keys, ...this.kernel.config.licenseTrust]
      .map((text: string) => Buffer.from(text, 'base64'))
      .map((publicKey) => ({ kid: keyId(publicKey), publicKey }))
      .filter((issuer) => issuer.kid !== this.ownIssuer);
  }
}

function written(grant: Parameters<typeof encodeLicense>[0], issuer: SigningKey): string {
  try {
    return encodeLicense(grant, issuer);
  } catch (error) {
    throw error instanceof RangeError ? invalid(error.message) : error;
  }
}
