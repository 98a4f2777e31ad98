import type { WriteContext } from '../../db/database.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { LivePolicy } from '../../policy/bundle/index.ts';
import type { DlpRule, ProjectDefaults } from '../../policy/document/index.ts';
import type { Reader, Writer } from './key-store.ts';

/** What bundles need to know of a project. */
export interface DeliveredProject extends ProjectDefaults {
  readonly id: string;
  readonly public_id: string;
  readonly org_id: string;
  readonly name: string;
}

/** Reads projects inside the transaction of the caller. */
export interface ProjectSource {
  findWithin(db: Reader, projectId: string): Promise<DeliveredProject | null>;
  everyOf(trx: Writer, orgId: string): Promise<readonly DeliveredProject[]>;
}

/** A policy in force, with what people call it. */
export type DeliveredPolicy = LivePolicy & { readonly name?: string };

/** Effects of the caller's transaction: builds become visible to every process when it commits. */
export type Effects = Pick<WriteContext, 'publish' | 'afterCommit'>;

/** Where a rule stands in the text that its author wrote. */
export interface RulePlace {
  policyName: string;
  line?: number;
  column?: number;
}

/** What was brought into force by `publishDrafts`. */
export interface PublishedDrafts {
  published: readonly { policyId: string; version: number; name: string }[];
  /** What unmatched calls do before and after; absent where nothing about them changed. */
  effectOnUnmatched?: { before: string; after: string; message: string } | null;
}

/** A feature whose rules are delivered in bundles. It reads in the transaction of the caller, which has its changes. */
export interface BundleSource {
  /** For errors and logs. */
  readonly name: string;
  policies?(trx: Writer, projectId: string): Promise<readonly DeliveredPolicy[]>;
  dlpRules?(trx: Writer, projectId: string): Promise<readonly DlpRule[]>;
  /** Null for a rule that this source does not know. */
  locateRule?(db: Reader, policyId: string, version: number, ruleIndex: number): Promise<RulePlace | null>;
  /** Brings the drafts of a project into force without building the bundle, which the caller does. */
  publishDrafts?(
    trx: Writer,
    projectId: string,
    request: { context: RequestContext; effects: Effects; acceptOlderSdks: boolean },
  ): Promise<PublishedDrafts>;
}

/** Everything that a project's bundle is made from. */
export interface BundleContent {
  policies: DeliveredPolicy[];
  dlpRules: DlpRule[];
}

/** The sources that features have registered. */
export class BundleSources {
  private readonly list: BundleSource[] = [];

  add(source: BundleSource): void {
    this.list.push(source);
  }

  async content(trx: Writer, projectId: string): Promise<BundleContent> {
    const content: BundleContent = { policies: [], dlpRules: [] };
    for (const source of this.list) {
      content.policies.push(...((await source.policies?.(trx, projectId)) ?? []));
      content.dlpRules.push(...((await source.dlpRules?.(trx, projectId)) ?? []));
    }
    return content;
  }

  async locateRule(db: Reader, policyId: string, version: number, ruleIndex: number): Promise<RulePlace | null> {
    for (const source of this.list) {
      const place = await source.locateRule?.(db, policyId, version, ruleIndex);
      if (place != null) return place;
    }
    return null;
  }

  async publishDrafts(
    trx: Writer,
    projectId: string,
    request: { context: RequestContext; effects: Effects; acceptOlderSdks: boolean },
  ): Promise<PublishedDrafts> {
    const published: PublishedDrafts['published'][number][] = [];
    let effect: PublishedDrafts['effectOnUnmatched'] = null;
    for (const source of this.list) {
      const result = await source.publishDrafts?.(trx, projectId, request);
      published.push(...(result?.published ?? []));
      effect = result?.effectOnUnmatched ?? effect;
    }
    return { published, effectOnUnmatched: effect };
  }
}
