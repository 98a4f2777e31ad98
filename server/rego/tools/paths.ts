/** Finds out, without evaluating, which parts of `input` and `data` a policy reads. */
import type { AnalysedRule } from '../compile/analyse.ts';
import { reachedBy } from '../compile/recursion.ts';
import { referencesOf } from '../compile/rule-refs.ts';
import type { RuleNode } from '../compile/rule-tree.ts';
import { pathText } from '../compile/rule-tree.ts';
import type { Policy } from '../policy.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';

/** Paths as text, sorted; a path ends where a variable step begins, so it stands for all below it. */
export interface PathsRead {
  readonly input: readonly string[];
  /** Base data: paths that no rule defines. */
  readonly data: readonly string[];
  /** The rules that are evaluated. */
  readonly rules: readonly string[];
}

/**
 * The paths that the policy's rules can read; with `entrypoint` (`data.authz.allow`, or any query), only those that it
 * can reach. `["data"]` or `["input"]` alone means that the whole document may be read. An unknown entrypoint reads
 * itself. Throws RegoErrors for a query that does not parse.
 */
export function pathsRead(policy: Policy, entrypoint?: string): PathsRead {
  const { program } = policy;
  const byNode = new Map<RuleNode, AnalysedRule[]>();
  for (const rule of program.rules) byNode.set(rule.node, [...(byNode.get(rule.node) ?? []), rule]);
  const input = new Set<string>();
  const data = new Set<string>();
  const queue: RuleNode[] = [];
  const take = (ref: RefTerm): void => {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    if (head.kind !== 'var') return;
    if (head.name === 'input') input.add(inputText(constantSteps(steps)));
    if (head.name !== 'data') return;
    const nodes = reachedBy(program.tree, ref);
    queue.push(...nodes);
    const path = constantSteps(steps);
    const definedByRule = nodes.some((node) => node.path.length <= path.length);
    if (!definedByRule && program.target(ref) === undefined) data.add(pathText(path));
  };
  if (entrypoint === undefined) queue.push(...byNode.keys());
  else for (const ref of policy.references(entrypoint)) take(ref);
  const seen = new Set<RuleNode>();
  for (const node of queue) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const rule of byNode.get(node) ?? []) for (const ref of referencesOf(rule)) take(ref);
  }
  const rules = [...seen].filter((node) => byNode.has(node)).map(({ path }) => pathText(path));
  return { input: withoutNested(input), data: withoutNested(data), rules: rules.sort() };
}

function constantSteps(steps: readonly Term[]): string[] {
  const path: string[] = [];
  for (const step of steps) {
    if (step.kind !== 'scalar' || typeof step.value !== 'string') break;
    path.push(step.value);
  }
  return path;
}

function inputText(path: readonly string[]): string {
  return pathText(path).replace(/^data/, 'input');
}

/** Leaves out paths that lie below another one. */
function withoutNested(paths: ReadonlySet<string>): string[] {
  return [...paths]
    .filter(
      (path) =>
        ![...paths].some((other) => path !== other && (path.startsWith(`${other}.`) || path.startsWith(`${other}[`))),
    )
    .sort();
}
