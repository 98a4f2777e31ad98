/** Tells base documents from what rules make. */
import type { RuleTree } from '../compile/rule-tree.ts';
import type { Term } from '../syntax/ast.ts';

/** Whether the steps below `data` lead to where no rule can be, whatever the variables in them hold. */
export function isBaseData(tree: RuleTree, steps: readonly Term[]): boolean {
  let node = tree.root;
  for (const step of steps) {
    if (step.kind !== 'scalar' || node.rules.length > 0) return false;
    const child = typeof step.value === 'string' ? node.children.get(step.value) : undefined;
    if (child === undefined) return true;
    node = child;
  }
  return false;
}
