import { unprocessable } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type BuiltPayload, buildPayload, PolicyBuildError } from '../../policy/bundle/index.ts';
import { payloadDigest, type SealedBuild, sealBuild } from './build.ts';
import {
  type BuildFacts,
  type BundleRow,
  changeBundle,
  findBuildFacts,
  findBundle,
  insertBuild,
  insertBundle,
  supersedeBuild,
} from './build-store.ts';
import { changedMeanwhile } from './errors.ts';
import type { Writer } from './key-store.ts';
import type { DeliveryKeys, KeyPair } from './keys.ts';
import type { RuleTags } from './rule-tags.ts';
import { BUILD_MODES, BUNDLES_CHANNEL, type BuildMode } from './schema.ts';
import type { BundleSources, DeliveredProject, Effects } from './sources.ts';

/** So many builds of a project and mode keep their bytes; of older ones digest and rule index stay. */
const BUILDS_WITH_BYTES = 10;

export interface DeliveryRequest {
  reason: string;
  /** Makes new bytes even where meaning and keys are the same: the stored ones are not trusted. */
  afresh?: boolean;
  /** Serves the bundle again after it was withdrawn. */
  restore?: boolean;
}

/** What a project delivers after a build. */
export interface Delivered {
  /** The digest of the live bundle, unquoted. */
  etag: string;
  testEtag: string;
  /** Whether SDKs receive something else than before. */
  changed: boolean;
  policyVersion: number;
  keyVersion: number;
  policyCount: number;
  ruleCount: number;
  size: number;
  minSdkVersion: string | null;
}

/** Turns what is in force into the stored bundles of a project, inside the transaction of whatever changed it. */
export class Delivery {
  private readonly kernel: Pick<Kernel, 'clock' | 'newId' | 'events'>;
  private readonly keys: DeliveryKeys;
  private readonly tags: RuleTags;
  private readonly sources: BundleSources;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'newId' | 'events'>,
    parts: { keys: DeliveryKeys; tags: RuleTags; sources: BundleSources },
  ) {
    this.kernel = kernel;
    this.keys = parts.keys;
    this.tags = parts.tags;
    this.sources = parts.sources;
  }

  /**
   * Builds both bundles of a project from what the transaction sees. Bytes change only when meaning or keys do.
   *
   * Throws 422 with policy, rule, line and column when SDKs could not read the result, and 409 when another build
   * came between; the caller's transaction then rolls back and the last good build stays. (SDK contract 1.)
   */
  async build(trx: Writer, project: DeliveredProject, request: DeliveryRequest, effects: Effects): Promise<Delivered> {
    const before = await findBundle(trx, project.id);
    const pair = await this.keys.provide(trx, project.org_id, project.id);
    const built = await this.compose(trx, project, effects);
    const builds = {} as Record<BuildMode, BuildFacts>;
    const replaced: BuildFacts[] = [];
    const keyVersion = await this.keyVersion(trx, before, pair);
    for (const mode of BUILD_MODES) {
      const old = before && (await findBuildFacts(trx, before[`${mode}_build_id`]));
      if (old !== undefined && request.afresh !== true && isSame(old, built[mode], pair)) {
        builds[mode] = old;
        continue;
      }
      builds[mode] = await this.store(trx, { project, mode, built: built[mode], pair, keyVersion, request });
      if (old !== undefined) replaced.push(old);
    }
    for (const old of replaced) await supersedeBuild(trx, old, this.kernel.clock.now(), BUILDS_WITH_BYTES);
    const changed =
      before === undefined ||
      builds.live.id !== before.live_build_id ||
      builds.test.id !== before.test_build_id ||
      (request.restore === true && before.withdrawn_at !== null) ||
      (request.afresh === true && before.flagged_at !== null);
    const policyVersion = changed ? this.nextPolicyVersion(before) : before.policy_version;
    if (changed) await this.publish(trx, { project, before, builds, keyVersion, policyVersion, request }, effects);
    return {
      etag: builds.live.digest,
      testEtag: builds.test.digest,
      changed,
      policyVersion,
      keyVersion,
      policyCount: builds.live.policy_count,
      ruleCount: built.live.ruleIndex.length,
      size: builds.live.size,
      minSdkVersion: builds.live.min_sdk_version,
    };
  }

  /** Stops delivering until the next `restore`. False when there was nothing to stop. */
  async withdraw(trx: Writer, project: DeliveredProject, effects: Effects): Promise<boolean> {
    const before = await findBundle(trx, project.id);
    if (before === undefined || before.withdrawn_at !== null) return false;
    const now = this.kernel.clock.now();
    const change = { withdrawn_at: now, policy_version: this.nextPolicyVersion(before), updated_at: now };
    if (!(await changeBundle(trx, before, change))) throw changedMeanwhile('The bundle was built anew');
    await effects.publish(BUNDLES_CHANNEL, project.id);
    return true;
  }

  private async compose(
    trx: Writer,
    project: DeliveredProject,
    effects: Effects,
  ): Promise<Record<BuildMode, BuiltPayload>> {
    const content = await this.sources.content(trx, project.id);
    const { tagFor, fresh } = await this.tags.provide(trx, project.org_id, project.id, content.policies);
    if (fresh) effects.afterCommit(() => this.tags.copyToAudit());
    const { default_action, default_on_missing, default_on_empty, default_on_tamper } = project;
    const input = {
      project: { id: project.id, names: [project.name, project.public_id] },
      policies: content.policies,
      dlpRules: content.dlpRules,
      defaults: { default_action, default_on_missing, default_on_empty, default_on_tamper },
      tagFor,
    };
    return this.explaining(trx, () => ({
      live: buildPayload({ ...input, mode: 'live' }),
      test: buildPayload({ ...input, mode: 'test' }),
    }));
  }

  private async store(
    trx: Writer,
    parts: {
      project: DeliveredProject;
      mode: BuildMode;
      built: BuiltPayload;
      pair: KeyPair;
      keyVersion: number;
      request: DeliveryRequest;
    },
  ): Promise<BuildFacts> {
    const { project, mode, built, pair, keyVersion, request } = parts;
    const now = this.kernel.clock.now();
    const keys = { signing: this.keys.signingKey(pair.signing), encryption: this.keys.encryptionKey(pair.project) };
    const sealed: SealedBuild = await this.explaining(trx, () => sealBuild(built, keys, now));
    keys.encryption.fill(0);
    const facts: BuildFacts = {
      id: this.kernel.newId(),
      project_id: project.id,
      mode,
      size: sealed.bytes.length,
      digest: sealed.digest,
      signature: sealed.signature,
      payload_digest: payloadDigest(built),
      signing_key_id: pair.signing.id,
      project_key_id: pair.project.id,
      key_version: keyVersion,
      policy_count: built.policyCount,
      min_sdk_version: built.minSdkVersion ?? null,
      rule_index: JSON.stringify(built.ruleIndex),
      reason: request.reason,
      created_at: now,
      superseded_at: null,
    };
    await insertBuild(trx, { ...facts, bytes: sealed.bytes });
    return facts;
  }

  private async publish(
    trx: Writer,
    parts: {
      project: DeliveredProject;
      before: BundleRow | undefined;
      builds: Record<BuildMode, BuildFacts>;
      keyVersion: number;
      policyVersion: number;
      request: DeliveryRequest;
    },
    effects: Effects,
  ): Promise<void> {
    const { project, before, builds, keyVersion, policyVersion, request } = parts;
    const now = this.kernel.clock.now();
    const state = {
      live_build_id: builds.live.id,
      test_build_id: builds.test.id,
      key_version: keyVersion,
      policy_version: policyVersion,
      updated_at: now,
      ...(request.restore === true && { withdrawn_at: null }),
      ...(request.afresh === true && { flagged_at: null, flag: null }),
    };
    const stored =
      before === undefined
        ? await insertBundle(trx, {
            project_id: project.id,
            org_id: project.org_id,
            revision: 1,
            withdrawn_at: null,
            flagged_at: null,
            flag: null,
            ...state,
          })
        : await changeBundle(trx, before, state);
    if (!stored) throw changedMeanwhile('The bundle was built anew');
    await effects.publish(BUNDLES_CHANNEL, project.id);
    const { id: projectId, org_id: orgId } = project;
    const event = { orgId, projectId, etag: builds.live.digest, policyVersion, at: now };
    effects.afterCommit(() => this.kernel.events.emit('bundle.changed', event));
  }

  /** Goes up whenever bootstrap hands out another key than the one of the delivered build. */
  private async keyVersion(trx: Writer, before: BundleRow | undefined, pair: KeyPair): Promise<number> {
    if (before === undefined) return 1;
    const old = await findBuildFacts(trx, before.live_build_id);
    return old !== undefined && hasKeys(old, pair) ? before.key_version : before.key_version + 1;
  }

  private nextPolicyVersion(before: BundleRow | undefined): number {
    return Math.max((before?.policy_version ?? 0) + 1, Math.floor(this.kernel.clock.now() / 1000));
  }

  /** Runs a step of the build and turns what it refuses into an answer that names policy, rule, line and column. */
  private async explaining<R>(trx: Writer, step: () => R): Promise<R> {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof PolicyBuildError)) throw error;
      const { policyId, version, ruleIndex, dlpRuleId } = error.place;
      if (policyId === undefined || version === undefined || ruleIndex === undefined) {
        throw unprocessable('BUNDLE_NOT_BUILT', `${error.message} The bundle in force stays as it is.`, {
          reason: error.code,
          ...(dlpRuleId !== undefined && { extra: { dlp_rule_id: dlpRuleId } }),
        });
      }
      const place = await this.sources.locateRule(trx, policyId, version, ruleIndex);
      const where = place?.line === undefined ? '' : ` (line ${place.line}, column ${place.column ?? 1})`;
      throw unprocessable(
        'BUNDLE_NOT_BUILT',
        `Rule ${ruleIndex} of policy ${place?.policyName ?? policyId}, version ${version}${where}: ${error.message} The bundle in force stays as it is.`,
        {
          reason: error.code,
          details: [
            {
              path: `/rules/${ruleIndex}`,
              message: error.message,
              ...(place?.line !== undefined && { line: place.line, column: place.column ?? 1 }),
            },
          ],
          extra: { policy_id: policyId, version, rule_index: ruleIndex },
        },
      );
    }
  }
}

function isSame(old: BuildFacts, built: BuiltPayload, pair: KeyPair): boolean {
  return old.payload_digest === payloadDigest(built) && hasKeys(old, pair);
}

function hasKeys(build: BuildFacts, pair: KeyPair): boolean {
  return build.signing_key_id === pair.signing.id && build.project_key_id === pair.project.id;
}
