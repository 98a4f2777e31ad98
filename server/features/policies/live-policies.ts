import { type LivePolicy, orderPolicies } from '../../policy/bundle/index.ts';
import { effectiveDefaults, type PolicyDocument, type ProjectDefaults } from '../../policy/document/index.ts';
import { liveRows, type Reader } from './store.ts';

/** A policy in force in a project, with what people call it. */
export type NamedLivePolicy = LivePolicy & { name: string };

/**
 * The policies in force in a project, as `reader` sees them, in the order in which they are tried: its own and the
 * assigned ones of its organization, each with the document of its live version.
 */
export async function livePolicies(reader: Reader, projectId: string): Promise<NamedLivePolicy[]> {
  const rows = await liveRows(reader, projectId);
  const policies = rows.map(
    (row): NamedLivePolicy => ({
      policyId: row.id,
      name: row.name,
      version: row.version,
      scope: row.project_id === null ? 'org' : 'project',
      priority: row.priority,
      createdAt: row.created_at,
      document: JSON.parse(row.document) as PolicyDocument,
    }),
  );
  return orderPolicies(policies) as NamedLivePolicy[];
}

/** What calls that no rule matches get, in a word: the word of `default_on_empty` where no policy is in force. */
export function unmatchedEffect(policies: readonly LivePolicy[], defaults: ProjectDefaults): string {
  if (policies.length === 0) return defaults.default_on_empty;
  return effectiveDefaults(
    defaults,
    policies.map((policy) => policy.document),
  ).default_action;
}

/** What happens to calls that no rule matches, before and after a change. */
export interface EffectOnUnmatched {
  before: string;
  after: string;
  message: string;
}

/**
 * Says what unmatched calls now do when a change gave a project its first live policy, took its last one, or changed
 * the effective default; null when nothing about them changed. (SDK contract 1, "Defaults".)
 */
export function effectOnUnmatched(
  before: readonly LivePolicy[],
  after: readonly LivePolicy[],
  defaults: ProjectDefaults,
): EffectOnUnmatched | null {
  const old = unmatchedEffect(before, defaults);
  const now = unmatchedEffect(after, defaults);
  const wasEmpty = before.length === 0;
  const isEmpty = after.length === 0;
  if (wasEmpty === isEmpty && old === now) return null;
  return { before: old, after: now, message: messageFor(wasEmpty, isEmpty, now) };
}

function messageFor(wasEmpty: boolean, isEmpty: boolean, now: string): string {
  if (isEmpty && !wasEmpty) return `No policy is in force any more: every call ${OUTCOME[now]} (default_on_empty).`;
  if (wasEmpty && !isEmpty) return `The first policy is in force: a call that no rule matches ${OUTCOME[now]}.`;
  return `A call that no rule matches now ${OUTCOME[now]}.`;
}

const OUTCOME: Readonly<Record<string, string>> = {
  observe: 'is let through and recorded',
  allow: 'is allowed',
  warn: 'is allowed with a warning',
  deny: 'is denied',
};
