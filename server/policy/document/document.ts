/**
 * The author document: what people write and what the server stores, in its canonical shape.
 *
 * Several spellings are accepted when a document is read (`deny: pattern`, `effect` with `action`, `when`, `resource`,
 * settings at the top level); this shape has exactly one of each, so that nothing behind the reader has to know them.
 */

export type Effect = 'allow' | 'deny' | 'warn';

/** The four knobs of a document; a knob that is absent leaves the project's own default as it is. */
export type PolicySettings = {
  default_action?: DefaultAction;
  default_on_missing?: DefaultOnMissing;
  default_on_empty?: DefaultOnEmpty;
  default_on_tamper?: DefaultOnTamper;
};

export type DefaultAction = Effect;
export type DefaultOnMissing = 'deny' | 'allow';
export type DefaultOnEmpty = 'observe' | 'deny' | 'allow' | 'warn';
export type DefaultOnTamper = 'warn' | 'deny' | 'deny-all' | 'quarantine';

export type Scalar = string | number | boolean;

/** A condition with an operator, as SDKs read it: `{ op, value, case_insensitive }`. */
export type ConditionEnvelope = {
  op: string;
  value?: Scalar | Scalar[];
  case_insensitive?: boolean;
};

export type Condition = Scalar | ConditionEnvelope;

export type PolicyRule = {
  id?: string;
  name?: string;
  effect: Effect;
  /** Patterns `tool:method` with globs, as written; at least one. */
  actions: string[];
  /** Globs over the call's resource; absent means no resource gate, never an empty list. */
  resources?: string[];
  conditions?: Record<string, Condition>;
  reason?: string;
  reason_code?: string;
  /** Locale (lower case) to text. */
  reason_localized?: Record<string, string>;
  escalate_on_deny?: boolean;
  /** Globs over the client name; absent means every client, never an empty list. */
  clients?: string[];
  /** Globs over project ids and names; resolved by the server when a bundle is built, never sent. */
  projects?: string[];
};

export type DlpAction = 'detect' | 'mask' | 'block';

export type DlpRule = {
  id: string;
  name?: string;
  pattern: string;
  category: string;
  action: DlpAction;
  region?: string;
  scopes?: string[];
  context_keywords?: string[];
  context_required?: boolean;
  enabled?: boolean;
};

export type PolicyDocument = {
  version: '1';
  settings?: PolicySettings;
  rules: PolicyRule[];
  dlp_rules?: DlpRule[];
};

/** A document of which some rules could not be read; positions in the lists are those of the source. */
export type DraftDocument = {
  settings: PolicySettings;
  rules: (PolicyRule | null)[];
  dlp_rules: (DlpRule | null)[];
};

export const EFFECTS = ['allow', 'deny', 'warn'] as const satisfies readonly Effect[];

/** Allowed words of each knob, loosest first: the order is the order of strictness. */
export const SETTING_WORDS = {
  default_action: ['allow', 'warn', 'deny'],
  default_on_missing: ['allow', 'deny'],
  default_on_empty: ['allow', 'observe', 'warn', 'deny'],
  default_on_tamper: ['warn', 'deny', 'deny-all', 'quarantine'],
} as const;

export type SettingName = keyof typeof SETTING_WORDS;

export const SETTING_NAMES = Object.keys(SETTING_WORDS) as SettingName[];

/** True for a condition written with an operator. */
export function isEnvelope(condition: Condition): condition is ConditionEnvelope {
  return typeof condition === 'object';
}

/** True for a DLP rule that is not switched off. */
export function isEnabled(rule: DlpRule): boolean {
  return rule.enabled !== false;
}
