/** What is known where a check is: of documents, of functions, and of what schemas and `with` say. */
import type { RuleGraph } from '../compile/rule-graph.ts';
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import type { Target } from '../compile/target.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { Dependents } from './dependents.ts';
import { documentPath } from './paths.ts';
import { mergeFunctions } from './patterns.ts';
import type { DeclaredTypes } from './schemas.ts';
import { TypeTree } from './type-tree.ts';
import { ANY, type FunctionType, functionType, type Type } from './types.ts';

/** What is known of a path: the type after some of its steps, and whether that says what comes after them. */
interface Found {
  readonly type: Type;
  readonly taken: number;
  readonly known: boolean;
}

/** The types of documents and functions, as far as the rules checked so far tell them. */
export class Known {
  readonly #tree: RuleTree;
  readonly #functions = new Map<RuleNode, FunctionType[]>();
  /** Functions over all their definitions, as far as these are known. */
  readonly #merged = new Map<RuleNode, FunctionType>();
  readonly #types = new TypeTree();
  /** What `with` says of documents where the check is, the innermost last. */
  readonly #replaced: TypeTree[] = [];
  /** Rules that can give anything where the check is, because they need something that `with` replaces. */
  readonly #unsure: ReadonlySet<RuleNode>[] = [];
  #dependents: Dependents | undefined;
  #declared: DeclaredTypes | undefined;

  constructor(tree: RuleTree) {
    this.#tree = tree;
  }

  /** Says which rules need which others. */
  connect(graph: RuleGraph): void {
    this.#dependents = new Dependents(graph);
  }

  /** Adds what a rule makes at a path. */
  addDocument(path: readonly Value[], type: Type): void {
    this.#types.add(path, type);
  }

  /** Adds one definition of a function. */
  addFunction(node: RuleNode, type: FunctionType): void {
    const known = this.#functions.get(node);
    if (known === undefined) this.#functions.set(node, [type]);
    else known.push(type);
    this.#merged.delete(node);
  }

  /** What schemas declare where the check is. */
  get declared(): DeclaredTypes | undefined {
    return this.#declared;
  }

  /** Runs with what schemas declare for the rule or expression at hand. */
  under<Result>(declared: DeclaredTypes | undefined, run: () => Result): Result {
    const before = this.#declared;
    this.#declared = declared;
    try {
      return run();
    } finally {
      this.#declared = before;
    }
  }

  /**
   * Runs with what the modifiers of an expression say of the documents they replace; `nodes` are those of replaced rules.
   * Of what needs such a rule nothing is known.
   */
  replacing(documents: TypeTree, nodes: readonly RuleNode[], run: () => void): void {
    const before = this.#unsure.length;
    this.#replaced.push(documents);
    for (const node of nodes) if (this.#dependents !== undefined) this.#unsure.push(this.#dependents.of(node));
    try {
      run();
    } finally {
      this.#replaced.pop();
      this.#unsure.length = before;
    }
  }

  /** What is known of a path; what nothing is known of can be anything. */
  find(path: readonly (Value | undefined)[]): Found {
    for (let index = this.#replaced.length - 1; index >= 0; index--) {
      const found = this.#replaced[index]!.find(path);
      if (found.taken > 0 && found.known) return found;
      // OPA says this of replaced documents near the roots only.
      const hasNamesOnly = found.taken > 0 && (path[0] === 'input' || found.taken <= 2);
      if (hasNamesOnly && typeof path[found.taken] !== 'string')
        return { type: found.type, taken: found.taken, known: true };
    }
    const unsure = this.#unsure.length === 0 ? 0 : this.#stepsToUnsure(path);
    if (unsure > 0) return { type: ANY, taken: unsure, known: true };
    const found = this.#types.find(path);
    return found.taken > 0 && found.known ? found : { type: ANY, taken: Math.max(found.taken, 1), known: found.known };
  }

  /** How many steps of a path lead to a rule that can give anything; 0 when none does. */
  #stepsToUnsure(path: readonly (Value | undefined)[]): number {
    let node: RuleNode | undefined = path[0] === 'data' ? this.#tree.root : undefined;
    for (let at = 1; node !== undefined; at++) {
      if (this.#isUnsure(node)) return at;
      const step = path[at];
      node = typeof step === 'string' ? node.children.get(step) : undefined;
    }
    return 0;
  }

  #isUnsure(node: RuleNode): boolean {
    return this.#unsure.some((nodes) => nodes.has(node));
  }

  /** The type of a document with what schemas say of it and of places below it. */
  describe(path: readonly Value[], usual: Type): Type {
    return this.#declared?.at(path)?.over(usual) ?? usual;
  }

  /** What a function takes and gives; of one whose rules are wrong or unsure, that it takes and gives anything. */
  signature(target: Target): FunctionType {
    if (target.kind === 'builtin') return target.builtin.signature;
    return this.functionType(target.node) ?? functionType(new Array<Type>(target.arity).fill(ANY), ANY);
  }

  /** The type of a function over all its definitions; undefined while none is known or it can be anything. */
  functionType(node: RuleNode): FunctionType | undefined {
    if (this.#isUnsure(node)) return undefined;
    let merged = this.#merged.get(node);
    const types = this.#functions.get(node);
    if (merged !== undefined || types === undefined) return merged;
    merged = mergeFunctions(types);
    this.#merged.set(node, merged);
    return merged;
  }

  /** The node that a `with` target names, where rules are at or below it. */
  ruleNode(target: RefTerm): RuleNode | undefined {
    const [root, ...steps] = documentPath(target) ?? [];
    let node: RuleNode | undefined = root === 'data' ? this.#tree.root : undefined;
    for (const step of steps) node = typeof step === 'string' ? node?.children.get(step) : undefined;
    return node;
  }

  /** The node of the function that the steps lead to or through. */
  functionAt(steps: readonly Term[]): RuleNode | undefined {
    let node = this.#tree.root;
    for (const step of steps) {
      const child =
        step.kind === 'scalar' && typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (child === undefined) return undefined;
      if (child.rules[0]?.kind === 'function') return this.#isUnsure(child) ? undefined : child;
      node = child;
    }
    return undefined;
  }
}
