import { canonicalAction, compileActionPattern, compileGlob, foldAction } from '../evaluator/patterns.ts';
import { canonicalJson } from './canonical-json.ts';
import type { PolicyRule } from './document.ts';

/** The parts of an action pattern; a pattern without a colon is about every method, `*` about every tool too. */
export type ActionParts = { tool: string; method: string };

/** Splits an action pattern at its first colon, as SDKs read it. */
export function actionParts(pattern: string): ActionParts {
  if (pattern === '*') return { tool: '*', method: '*' };
  const full = canonicalAction(pattern);
  const colon = full.indexOf(':');
  return { tool: full.slice(0, colon), method: full.slice(colon + 1) };
}

/** True for a text that holds a glob character. */
export function hasGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/** A rule made ready to be compared with many others. */
export type ComparableRule = {
  rule: PolicyRule;
  actions: ComparableAction[];
  /** Per gate its canonical text, or undefined when the gate is open. */
  gates: (string | undefined)[];
};

type ComparableAction = {
  folded: string;
  isEverything: boolean;
  hasGlob: boolean;
  hasClass: boolean;
  /** Whether the only glob character is `*`, so that matching another pattern as text means covering it. */
  onlyStars: boolean;
  matches: (action: string) => boolean;
  tool: string;
  toolMatches: ((tool: string) => boolean) | undefined;
};

/** Compiles what comparing a rule with others needs, once. */
export function comparable(rule: PolicyRule): ComparableRule {
  const gate = (value: unknown) => (value === undefined ? undefined : canonicalJson(value));
  return {
    rule,
    actions: rule.actions.map(comparableAction),
    gates: [
      rule.resources?.includes('*') ? undefined : gate(rule.resources),
      gate(rule.conditions),
      gate(rule.clients),
      gate(rule.projects),
    ],
  };
}

function comparableAction(pattern: string): ComparableAction {
  const folded = foldAction(canonicalAction(pattern));
  const tool = actionParts(folded).tool;
  return {
    folded,
    isEverything: folded === '*' || folded === '*:*',
    hasGlob: hasGlob(folded),
    hasClass: folded.includes('['),
    onlyStars: !/[?[]/.test(folded),
    matches: compileActionPattern(pattern).matches,
    tool,
    toolMatches: hasGlob(tool) ? compileGlob(tool).matches : undefined,
  };
}

/**
 * True when `earlier` surely matches every call that `later` matches, so that `later` never decides: its gates are open
 * or the same, and each pattern of `later` is covered by one of its own.
 */
export function shadows(earlier: ComparableRule, later: ComparableRule): boolean {
  const asOpen = earlier.gates.every((gate, at) => gate === undefined || gate === later.gates[at]);
  return asOpen && later.actions.every((inner) => earlier.actions.some((outer) => covers(outer, inner)));
}

function covers(outer: ComparableAction, inner: ComparableAction): boolean {
  if (outer.isEverything || outer.folded === inner.folded) return true;
  if (!outer.hasGlob || inner.hasClass || (!outer.onlyStars && inner.hasGlob)) return false;
  return outer.matches(inner.folded);
}

/** True when two rules may be about the same tool; errs on the side of true for globs. */
export function mayShareTool(a: ComparableRule, b: ComparableRule): boolean {
  return a.actions.some((left) => b.actions.some((right) => toolsMeet(left, right)));
}

/** True when a rule may be about the tool of this name. */
export function mayNameTool(rule: ComparableRule, tool: string): boolean {
  const folded = tool.toLowerCase();
  return rule.actions.some((action) => action.tool === folded || action.toolMatches?.(folded) === true);
}

function toolsMeet(left: ComparableAction, right: ComparableAction): boolean {
  return left.tool === right.tool || left.toolMatches?.(right.tool) === true || right.toolMatches?.(left.tool) === true;
}
