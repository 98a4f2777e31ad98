/** The tree of all rules by path: what is virtual below `data`. */
import type { Module, RefTerm, Rule, Term } from '../syntax/ast.ts';
import { equal, type Value } from '../values.ts';

/** What the rules at one place of the tree make. */
export type NodeKind =
  /** One value: `p := 1`. */
  | 'complete'
  /** A function. */
  | 'function'
  /** A set, or objects of sets below variable steps: `p contains x`, `p[x] contains y`. */
  | 'set'
  /** An object by variable steps: `p[x] := y`. */
  | 'object';

/** One rule with what the head says about its place. */
export interface RuleEntry {
  readonly rule: Rule;
  readonly module: Module;
  /** Steps of the head that are no constant strings, and those after; then the member of a multi-value rule. */
  readonly keys: readonly Term[];
  /** The constants that the keys begin with, as far as they are scalars and say where the rule stands. */
  readonly constant: readonly Value[];
  readonly kind: NodeKind;
}

/** A place in the tree; `path` begins after `data`. */
export interface RuleNode {
  readonly id: number;
  readonly path: readonly string[];
  readonly children: Map<string, RuleNode>;
  readonly rules: RuleEntry[];
}

/** The rules of some modules, by path. */
export class RuleTree {
  readonly root: RuleNode;
  readonly nodes: RuleNode[] = [];

  constructor(modules: readonly Module[]) {
    this.root = this.#make([]);
    for (const module of modules) {
      this.#reach(module.package.path);
      for (const rule of module.rules) this.#add(module, rule);
    }
  }

  #make(path: readonly string[]): RuleNode {
    const node: RuleNode = { id: this.nodes.length, path, children: new Map(), rules: [] };
    this.nodes.push(node);
    return node;
  }

  #reach(path: readonly string[]): RuleNode {
    let node = this.root;
    for (const [index, step] of path.entries()) {
      let child = node.children.get(step);
      if (child === undefined) {
        child = this.#make(path.slice(0, index + 1));
        node.children.set(step, child);
      }
      node = child;
    }
    return node;
  }

  #add(module: Module, rule: Rule): void {
    const { prefix, keys } = splitHead(rule);
    const node = this.#reach([...module.package.path, ...prefix]);
    const kind: NodeKind =
      rule.head.args !== undefined
        ? 'function'
        : rule.head.key !== undefined
          ? 'set'
          : keys.length > 0
            ? 'object'
            : 'complete';
    const constant = constantKeys(kind === 'set' ? keys.slice(0, -1) : keys);
    node.rules.push({ rule, module, keys, constant, kind });
  }

  /** The node at a path below `data`, or undefined. */
  find(path: readonly string[]): RuleNode | undefined {
    let node: RuleNode | undefined = this.root;
    for (const step of path) {
      node = node.children.get(step);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** Whether a reference leads to something inside what a rule makes. */
  leadsIntoRule(ref: RefTerm): boolean {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    if (head.kind !== 'var' || head.name !== 'data') return false;
    let node: RuleNode | undefined = this.root;
    for (const [index, step] of steps.entries()) {
      const rest = steps.slice(index);
      if (node.rules.some(({ constant }) => startsWith(rest, constant))) return true;
      node = step.kind === 'scalar' && typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (node === undefined) return false;
    }
    return false;
  }
}

/** Whether the steps go on after the given constants. */
function startsWith(steps: readonly Term[], constants: readonly Value[]): boolean {
  if (steps.length <= constants.length) return false;
  return constants.every((constant, index) => {
    const step = steps[index]!;
    return step.kind === 'scalar' && equal(step.value, constant);
  });
}

/** The constant string steps that begin a rule's head, and the terms after them. */
export function splitHead(rule: Rule): { prefix: string[]; keys: Term[] } {
  const prefix: string[] = [];
  const [head, ...steps] = rule.head.ref.terms as [Term, ...Term[]];
  if (head.kind === 'var') prefix.push(head.name);
  let index = 0;
  for (; index < steps.length; index++) {
    const step = steps[index]!;
    if (step.kind !== 'scalar' || typeof step.value !== 'string') break;
    prefix.push(step.value);
  }
  const keys = steps.slice(index);
  if (rule.head.key !== undefined) keys.push(rule.head.key);
  return { prefix, keys };
}

function constantKeys(keys: readonly Term[]): Value[] {
  const constant: Value[] = [];
  for (const key of keys) {
    if (key.kind !== 'scalar') break;
    constant.push(key.value);
  }
  return constant;
}

/** The path as errors show it: `data.a.b`. */
export function pathText(path: readonly string[]): string {
  return ['data', ...path].reduce((text, step) => {
    if (text === '') return step;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `${text}.${step}` : `${text}[${JSON.stringify(step)}]`;
  }, '');
}

/** Every node at or below this one. */
export function* subtree(node: RuleNode): IterableIterator<RuleNode> {
  yield node;
  for (const child of node.children.values()) yield* subtree(child);
}
