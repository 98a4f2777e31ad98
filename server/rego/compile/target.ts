import type { Builtin } from '../builtins/types.ts';
import type { RuleNode } from './rule-tree.ts';

/** The function that a call means. */
export type Target =
  | { readonly kind: 'builtin'; readonly name: string; readonly builtin: Builtin; readonly arity: number }
  | { readonly kind: 'rule'; readonly name: string; readonly node: RuleNode; readonly arity: number };
