/** What stands at the constant keys of rules when they make nothing. */
import type { AnalysedRule } from '../compile/analyse.ts';
import type { RuleNode } from '../compile/rule-tree.ts';
import { keyOf, RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';

/**
 * The empty documents of rules that share a name: `p[1].b := …` leaves `{1: {}}` in `p` and `p[1] contains …` leaves
 * `{1: set()}`. Undefined when there are none: a rule with a variable key tells by itself what there is.
 */
export function placeholders(node: RuleNode, rules: readonly AnalysedRule[]): RegoObject | undefined {
  const made = placeholdersOf(rules, 0);
  if (made === undefined) return undefined;
  const entries: [Value, Value][] = [];
  for (const [name, child] of node.children) {
    const empty = emptyOf(child);
    if (empty !== undefined) entries.push([name, empty]);
  }
  return RegoObject.from([...made.entries(), ...entries]);
}

/** By the keys from an index on; undefined when some rule has a variable there. */
function placeholdersOf(rules: readonly AnalysedRule[], depth: number): RegoObject | undefined {
  const groups = new Map<ValueKey, { key: Value; rules: AnalysedRule[] }>();
  for (const rule of rules) {
    const key = rule.entry.constant[depth];
    if (key === undefined) return undefined;
    const group = groups.get(keyOf(key));
    if (group === undefined) groups.set(keyOf(key), { key, rules: [rule] });
    else group.rules.push(rule);
  }
  const entries: [Value, Value][] = [];
  for (const { key, rules: own } of groups.values()) {
    const last = own.find(({ keys, entry }) => keys.length - (entry.kind === 'set' ? 1 : 0) === depth + 1);
    if (last?.entry.kind === 'set') entries.push([key, RegoSet.empty]);
    else if (last === undefined) entries.push([key, placeholdersOf(own, depth + 1) ?? RegoObject.empty]);
  }
  return RegoObject.from(entries);
}

/** What a node below stands for when its rules make nothing; undefined when nothing stands there. */
function emptyOf(node: RuleNode): Value | undefined {
  const kinds = node.rules.map(({ kind, keys }) => (kind === 'set' && keys.length === 1 ? 'members' : kind));
  if (kinds.includes('complete') || kinds.includes('function')) return undefined;
  return kinds.includes('members') ? RegoSet.empty : RegoObject.empty;
}

/** A document with the placeholders where it has nothing. */
export function withPlaceholders(made: Value | undefined, empty: Value | undefined): Value | undefined {
  if (made === undefined) return empty;
  if (!(made instanceof RegoObject) || !(empty instanceof RegoObject)) return made;
  const entries = [...empty.entries()].map(([key, value]) => [key, withPlaceholders(made.get(key), value)!] as const);
  return RegoObject.from([...made.entries(), ...entries]);
}
