import { canonicalJson } from './canonical-json.ts';
import type { DlpRule, PolicyDocument, PolicyRule, SettingName } from './document.ts';
import { SETTING_NAMES, SETTING_WORDS } from './document.ts';
import { unifiedDiff } from './line-diff.ts';
import { documentYaml, normaliseDocument } from './normalise.ts';

export type FieldChange = { field: string; before: unknown; after: unknown };

/** One change of the rules; indices are 0-based places in the old and the new document. */
export type RuleChange =
  | { kind: 'added'; after: number; rule: PolicyRule }
  | { kind: 'removed'; before: number; rule: PolicyRule }
  | { kind: 'changed'; before: number; after: number; moved: boolean; fields: FieldChange[] }
  | { kind: 'moved'; before: number; after: number };

export type SettingChange = { name: SettingName; before?: string; after?: string; direction: 'stricter' | 'looser' };

export type DlpRuleChange = { kind: 'added' | 'removed' | 'changed'; id: string; fields: FieldChange[] };

export type DocumentDiff = {
  /** True when both documents mean the same. */
  identical: boolean;
  rules: RuleChange[];
  settings: SettingChange[];
  dlpRules: DlpRuleChange[];
  /** Unified diff of both documents rendered as YAML; empty when they mean the same. */
  text: string;
};

/**
 * What changed between two versions of a document, by meaning and as text.
 *
 * Rules are recognised by their id, then by equal content, then by effect and patterns, then by their place between
 * recognised neighbours. `moved` names the smallest set of rules whose order has to change; order matters, because the
 * first matching rule decides.
 */
export function diffDocuments(before: PolicyDocument, after: PolicyDocument): DocumentDiff {
  const old = normaliseDocument(before);
  const now = normaliseDocument(after);
  const rules = diffRules(old.rules, now.rules);
  const settings = diffSettings(old, now);
  const dlpRules = diffDlpRules(old.dlp_rules ?? [], now.dlp_rules ?? []);
  const identical = canonicalJson(old) === canonicalJson(now);
  return {
    identical,
    rules,
    settings,
    dlpRules,
    text: identical ? '' : unifiedDiff(documentYaml(old), documentYaml(now)),
  };
}

function diffRules(old: readonly PolicyRule[], now: readonly PolicyRule[]): RuleChange[] {
  const pairs = pairRules(old, now);
  const moved = movedOf(pairs);
  const changes: RuleChange[] = [];
  for (const [before, rule] of old.entries()) {
    if (!pairs.some((pair) => pair.before === before)) changes.push({ kind: 'removed', before, rule });
  }
  for (const [after, rule] of now.entries()) {
    const pair = pairs.find((each) => each.after === after);
    if (!pair) changes.push({ kind: 'added', after, rule });
    else {
      const { before } = pair;
      const fields = changedFields(old[before]!, rule);
      if (fields.length > 0) changes.push({ kind: 'changed', before, after, moved: moved.has(before), fields });
      else if (moved.has(before)) changes.push({ kind: 'moved', before, after });
    }
  }
  return changes;
}

type Pair = { before: number; after: number };

function pairRules(old: readonly PolicyRule[], now: readonly PolicyRule[]): Pair[] {
  const pairs: Pair[] = [];
  const freeOld = new Set(old.keys());
  const freeNow = new Set(now.keys());
  const pairBy = (key: (rule: PolicyRule) => string | undefined) => {
    const places = new Map<string, number[]>();
    for (const before of freeOld) {
      const name = key(old[before]!);
      if (name !== undefined) places.set(name, [...(places.get(name) ?? []), before]);
    }
    for (const after of [...freeNow]) {
      const name = key(now[after]!);
      const before = name === undefined ? undefined : places.get(name)?.shift();
      if (before === undefined) continue;
      pairs.push({ before, after });
      freeOld.delete(before);
      freeNow.delete(after);
    }
  };
  pairBy((rule) => rule.id);
  pairBy((rule) => canonicalJson(rule));
  pairBy((rule) => canonicalJson([rule.effect, rule.actions]));
  pairBy((rule) => canonicalJson([rule.actions]));
  pairNeighbours(pairs, freeOld, freeNow);
  return pairs.sort((a, b) => a.after - b.after);
}

/** A rule between the same two neighbours as an unrecognised old one is that rule, rewritten. */
function pairNeighbours(pairs: Pair[], freeOld: Set<number>, freeNow: Set<number>): void {
  for (const after of [...freeNow]) {
    const above = after === 0 ? -1 : pairs.find((pair) => pair.after === after - 1)?.before;
    if (above === undefined || !freeOld.has(above + 1)) continue;
    pairs.push({ before: above + 1, after });
    freeOld.delete(above + 1);
    freeNow.delete(after);
  }
}

/** The old places of rules outside the longest run that kept its order. */
function movedOf(pairs: readonly Pair[]): Set<number> {
  const lengths: number[] = [];
  const parents: number[] = [];
  for (const [at, pair] of pairs.entries()) {
    let best = -1;
    for (let earlier = 0; earlier < at; earlier += 1) {
      const fits = pairs[earlier]!.before < pair.before;
      if (fits && (best < 0 || lengths[earlier]! > lengths[best]!)) best = earlier;
    }
    lengths.push(best < 0 ? 1 : lengths[best]! + 1);
    parents.push(best);
  }
  const kept = new Set<number>();
  for (let at = lengths.indexOf(Math.max(...lengths, 0)); at >= 0; at = parents[at]!) kept.add(pairs[at]!.before);
  return new Set(pairs.map((pair) => pair.before).filter((before) => !kept.has(before)));
}

function changedFields(before: object, after: object): FieldChange[] {
  const old = before as Record<string, unknown>;
  const now = after as Record<string, unknown>;
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((field) => canonicalJson([old[field]]) !== canonicalJson([now[field]]))
    .map((field) => ({ field, before: old[field] ?? null, after: now[field] ?? null }));
}

function diffSettings(old: PolicyDocument, now: PolicyDocument): SettingChange[] {
  return SETTING_NAMES.flatMap((name): SettingChange[] => {
    const before = old.settings?.[name];
    const after = now.settings?.[name];
    if (before === after) return [];
    const rank = (word: string | undefined) => (SETTING_WORDS[name] as readonly string[]).indexOf(word ?? '');
    const direction = rank(after) > rank(before) ? 'stricter' : 'looser';
    return [{ name, ...(before !== undefined && { before }), ...(after !== undefined && { after }), direction }];
  });
}

function diffDlpRules(old: readonly DlpRule[], now: readonly DlpRule[]): DlpRuleChange[] {
  const before = new Map(old.map((rule) => [rule.id, rule]));
  const after = new Map(now.map((rule) => [rule.id, rule]));
  const changes: DlpRuleChange[] = [];
  for (const id of before.keys()) if (!after.has(id)) changes.push({ kind: 'removed', id, fields: [] });
  for (const [id, rule] of after) {
    const previous = before.get(id);
    const fields = previous ? changedFields(previous, rule) : [];
    if (!previous) changes.push({ kind: 'added', id, fields: [] });
    else if (fields.length > 0) changes.push({ kind: 'changed', id, fields });
  }
  return changes;
}
