/** Rules of one path that cannot stand beside each other. */
import { RegoError } from '../errors.ts';
import { toText, type Value } from '../values.ts';
import type { CompileBudget } from './budget.ts';
import { pathText, type RuleEntry, type RuleNode, type RuleTree, subtree } from './rule-tree.ts';

/** The errors of all nodes: mixed kinds, several defaults, values that hide rules below them. */
export function checkRuleConflicts(tree: RuleTree, budget: CompileBudget): RegoError[] {
  return tree.nodes.flatMap((node) => [
    ...checkKinds(node),
    ...checkDefaults(node),
    ...checkConstants(node, budget),
    ...checkBelow(node),
  ]);
}

function checkKinds(node: RuleNode): RegoError[] {
  const first = node.rules[0];
  if (first === undefined) return [];
  const name = pathText(node.path);
  const mixed = node.rules.find((entry) => !agree(first, entry));
  if (mixed === undefined) return [];
  const hint = `the first rule is at ${first.rule.location.file}:${first.rule.location.row}, the other at ${mixed.rule.location.file}:${mixed.rule.location.row}`;
  return [new RegoError('rego_type_error', `conflicting rules ${name} found`, first.rule.location, hint)];
}

function agree(a: RuleEntry, b: RuleEntry): boolean {
  if (a.kind === 'function' || b.kind === 'function') {
    return a.kind === b.kind && a.rule.head.args!.length === b.rule.head.args!.length;
  }
  if (a.rule.isDefault || b.rule.isDefault) return a.kind === b.kind;
  if (a.kind === 'complete' || b.kind === 'complete') return a.kind === b.kind;
  if (a.kind === b.kind) return true;
  const [set, object] = a.kind === 'set' ? [a, b] : [b, a];
  return set.keys.length > 1 && object.keys.length > 0 && !collide(set, object);
}

/** Whether a set below keys and a value below keys can name the same place. */
function collide(set: RuleEntry, object: RuleEntry): boolean {
  const above = set.keys.length - 1;
  const length = Math.min(above, object.keys.length);
  for (let index = 0; index < length; index++) {
    const left = set.keys[index]!;
    const right = object.keys[index]!;
    if (left.kind === 'scalar' && right.kind === 'scalar' && toText(left.value) !== toText(right.value)) return false;
  }
  return true;
}

function checkDefaults(node: RuleNode): RegoError[] {
  const defaults = node.rules.filter((entry) => entry.rule.isDefault);
  if (defaults.length < 2) return [];
  const places = defaults.map(({ rule }) => `${rule.location.file}:${rule.location.row}`).join(', ');
  const message = `multiple default rules ${pathText(node.path)} found at ${places}`;
  return [new RegoError('rego_type_error', message, defaults[0]!.module.package.location)];
}

/** Work for a line in an error. */
const LINE_COST = 10;

/** A value or set at constant keys leaves no place for rules below it. */
function checkConstants(node: RuleNode, budget: CompileBudget): RegoError[] {
  const ending = node.rules.filter(
    ({ constant, keys, kind }) => constant.length > 0 && keys.length - (kind === 'set' ? 1 : 0) === constant.length,
  );
  if (ending.length === 0) return [];
  const byStart = rulesByStart(node.rules, new Set(ending.map(({ constant }) => constant.length)));
  return ending.flatMap((entry) => {
    const { constant, keys, rule } = entry;
    const below = (byStart.get(startKey(constant)) ?? []).filter((other) => other.keys.length > keys.length);
    if (below.length === 0) return [];
    budget.spend(LINE_COST * below.length);
    const places = below.map(({ rule: { location } }) => `\n  rule at ${location.file}:${location.row}`);
    const name = `${pathText(node.path)}${constant.map((key) => `[${toText(key)}]`).join('')}`;
    return [new RegoError('rego_type_error', `rule ${name} conflicts with:${places.join('')}`, rule.location)];
  });
}

/** Rules by the constants that their keys begin with, of each of the given lengths. */
function rulesByStart(rules: readonly RuleEntry[], lengths: ReadonlySet<number>): Map<string, RuleEntry[]> {
  const byStart = new Map<string, RuleEntry[]>();
  for (const rule of rules) {
    for (const length of lengths) {
      if (rule.constant.length < length) continue;
      const key = startKey(rule.constant.slice(0, length));
      const known = byStart.get(key);
      if (known === undefined) byStart.set(key, [rule]);
      else known.push(rule);
    }
  }
  return byStart;
}

function startKey(constants: readonly Value[]): string {
  return JSON.stringify(constants.map(toText));
}

/** A complete rule, set or function leaves no place for rules below it. */
function checkBelow(node: RuleNode): RegoError[] {
  const closed = node.rules.find(
    (entry) =>
      entry.kind === 'complete' || entry.kind === 'function' || (entry.kind === 'set' && entry.keys.length === 1),
  );
  if (closed === undefined || node.children.size === 0) return [];
  const below = [...subtree(node)].slice(1).flatMap((child) =>
    child.rules.slice(0, 1).map((entry) => {
      const { file, row } = entry.rule.location;
      return `\n  rule ${pathText(child.path)} at ${file}:${row}`;
    }),
  );
  if (below.length === 0) {
    const packages = [...subtree(node)].some((child) => child !== node);
    if (!packages) return [];
    const message = `package ${pathText([...node.children.values()][0]!.path)} conflicts with rule ${pathText(node.path)}`;
    return [new RegoError('rego_type_error', message, closed.rule.location)];
  }
  const message = `rule ${pathText(node.path)} conflicts with:${below.join('')}`;
  return [new RegoError('rego_type_error', message, closed.rule.location)];
}
