import type { Condition } from './conditions.ts';
import type { ActionPattern, Pattern } from './patterns.ts';

/** What a rule does with a call. */
export type Effect = 'allow' | 'deny' | 'warn';

/** One rule, ready to be decided with. */
export interface CompiledRule {
  /** `rule-<n>`, n counting the flattened list from 0; or `synthetic:…` for a rule made here. */
  readonly policyId: string;
  /** n of `rule-<n>`; null for a rule made here. */
  readonly index: number | null;
  /** The `id` the rule carries in the payload, or null. SDKs drop it; the server finds the author's rule by it. */
  readonly tag: string | null;
  readonly effect: Effect;
  readonly actions: readonly ActionPattern[];
  /** Empty: every resource, also none. */
  readonly resources: readonly Pattern[];
  readonly clients: readonly Pattern[];
  readonly projects: readonly Pattern[];
  readonly conditions: readonly Condition[];
  readonly reason: string;
  readonly reasonLocalized: ReadonlyMap<string, string>;
  /** Empty: a match reports `RULE_MATCH`. */
  readonly reasonCode: string;
  readonly escalateOnDeny: boolean;
}

/** How an SDK that holds this bundle enforces it. */
export type EnforcementStatus = 'enforcing' | 'degraded_below_floor' | 'fail_closed';

/** A bundle payload, read once and ready to decide any number of calls. Immutable. */
export interface CompiledPolicy {
  readonly rules: readonly CompiledRule[];
  /** What a call that no rule matches gets. */
  readonly defaultAction: Effect;
  readonly defaultOnMissing: 'allow' | 'deny';
  readonly defaultOnEmpty: Effect | 'observe';
  readonly defaultOnTamper: 'warn' | 'deny' | 'deny-all' | 'quarantine';
  readonly enforcementStatus: EnforcementStatus;
  /** The project the bundle belongs to; no call can claim another one. */
  readonly projectId: string;
  /** The payload's `dlp_rules`, unread. */
  readonly dlpRules: readonly unknown[];
}
