/** What is known where a check is: of documents, of functions, and of what schemas and `with` say. */
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import type { Target } from '../evaluate/coder.ts';
import type { Term } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { mergeFunctions } from './patterns.ts';
import type { DeclaredTypes } from './schemas.ts';
import { type Found, TypeTree } from './type-tree.ts';
import { ANY, type FunctionType, functionType, type Type } from './types.ts';

/** The types of documents and functions, as far as the rules checked so far tell them. */
export class Known {
  readonly #tree: RuleTree;
  readonly #functions = new Map<RuleNode, FunctionType[]>();
  readonly #types = new TypeTree();
  /** What `with` says of documents where the check is, the innermost last. */
  readonly #replaced: TypeTree[] = [];
  #declared: DeclaredTypes | undefined;

  constructor(tree: RuleTree) {
    this.#tree = tree;
  }

  /** Adds what a rule makes at a path. */
  addDocument(path: readonly Value[], type: Type): void {
    this.#types.add(path, type);
  }

  /** Adds one definition of a function. */
  addFunction(node: RuleNode, type: FunctionType): void {
    this.#functions.set(node, [...(this.#functions.get(node) ?? []), type]);
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

  /** Runs with what the modifiers of an expression say of the documents they replace. */
  replacing(documents: TypeTree, run: () => void): void {
    this.#replaced.push(documents);
    try {
      run();
    } finally {
      this.#replaced.pop();
    }
  }

  /** What is known of a path; what nothing is known of can be anything. */
  find(path: readonly (Value | undefined)[]): Found {
    for (const tree of [...this.#replaced].reverse()) {
      const found = tree.find(path);
      if (found.taken > 0 && found.known) return found;
      // OPA says this of replaced documents near the roots only.
      const hasNamesOnly = found.taken > 0 && (path[0] === 'input' || found.taken <= 2);
      if (hasNamesOnly && typeof path[found.taken] !== 'string') return { ...found, known: true };
    }
    const found = this.#types.find(path);
    return found.taken > 0 && found.known ? found : { ...found, type: ANY, taken: Math.max(found.taken, 1) };
  }

  /** The type of a document with what schemas say of it and of places below it. */
  describe(path: readonly Value[], usual: Type): Type {
    return this.#declared?.at(path)?.over(usual) ?? usual;
  }

  /** What a function takes and gives; of one whose rules are wrong, that it takes and gives anything. */
  signature(target: Target): FunctionType {
    if (target.kind === 'builtin') return target.builtin.signature;
    return this.functionType(target.node) ?? functionType(new Array<Type>(target.arity).fill(ANY), ANY);
  }

  /** The type of a function over all its definitions; undefined while none is known. */
  functionType(node: RuleNode): FunctionType | undefined {
    const types = this.#functions.get(node);
    return types === undefined ? undefined : mergeFunctions(types);
  }

  /** The node of the function that the steps lead to or through. */
  functionAt(steps: readonly Term[]): RuleNode | undefined {
    let node = this.#tree.root;
    for (const step of steps) {
      const child =
        step.kind === 'scalar' && typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (child === undefined) return undefined;
      if (child.rules[0]?.kind === 'function') return child;
      node = child;
    }
    return undefined;
  }
}
