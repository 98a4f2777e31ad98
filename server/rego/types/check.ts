/** Finds type errors: calls whose arguments cannot fit, comparisons that can never hold, steps into nothing. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import type { Targets } from '../compile/call-checks.ts';
import { isEquality, isFunctionValue } from '../compile/expand.ts';
import { ERASED } from '../compile/resolve.ts';
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import { closures, ownTerms, walkTerm } from '../compile/walk.ts';
import { type Location, RegoError } from '../errors.ts';
import type { Target } from '../evaluate/coder.ts';
import type { Body, CallExpr, Expr, Module, RefTerm, Term } from '../syntax/ast.ts';
import { bindAny, isComparison, mergeFunctions, shapeFits, type Variables } from './patterns.ts';
import { refText } from './ref-text.ts';
import { keysOf, partsOf, scalarType, select, typeText, unifies, union } from './relate.ts';
import { type DeclaredTypes, Schemas } from './schemas.ts';
import {
  ANY,
  arrayType,
  type FunctionType,
  functionType,
  objectType,
  type StaticProperty,
  setType,
  type Type,
} from './types.ts';

/** Checks rules, each after those it depends on; there must be no recursion. */
export class TypeChecker {
  readonly errors: RegoError[] = [];
  readonly #tree: RuleTree;
  readonly #targets: Targets;
  readonly #rules = new Map<RuleNode, AnalysedRule[]>();
  readonly #types = new Map<RuleNode, Type>();
  readonly #schemas: Schemas;
  /** What schemas declare for the rule at hand. */
  #declared: DeclaredTypes | undefined;

  constructor(tree: RuleTree, rules: readonly AnalysedRule[], targets: Targets, modules: readonly Module[]) {
    this.#schemas = new Schemas(modules);
    this.#tree = tree;
    this.#targets = targets;
    for (const rule of rules) {
      const known = this.#rules.get(rule.node);
      if (known === undefined) this.#rules.set(rule.node, [rule]);
      else known.push(rule);
    }
  }

  /** Checks every rule, those that others need first, so that long chains do not nest. */
  checkAll(order: Iterable<RuleNode>): void {
    for (const node of order) this.#nodeType(node);
  }

  /** The errors of a query's body. */
  checkQuery(body: Body): RegoError[] {
    const before = this.errors.length;
    this.#body(body, new Map());
    return this.errors.splice(before);
  }

  #fail(message: string, location: Location, details?: string): void {
    this.errors.push(new RegoError('rego_type_error', message, location, undefined, details));
  }

  #nodeType(node: RuleNode): Type {
    const known = this.#types.get(node);
    if (known !== undefined) return known;
    this.#types.set(node, ANY);
    const rules = this.#rules.get(node) ?? [];
    const types = rules.map((rule) => this.#ruleType(rule));
    const isFunction = rules[0]?.entry.kind === 'function';
    const type = isFunction
      ? mergeFunctions(types as FunctionType[])
      : node.children.size > 0
        ? ANY
        : (union(types) ?? ANY);
    this.#types.set(node, type);
    return type;
  }

  #ruleType(rule: AnalysedRule): Type {
    const results: Type[] = [];
    let keys: Type[] = [];
    let args: Type[] | undefined;
    const { entry, node } = rule;
    const declared = this.#schemas.of(entry.rule, entry.module, node.path);
    for (const [index, branch] of rule.branches.entries()) {
      const variables: Variables = new Map();
      // As in OPA, the annotations of a rule are not those of its `else` branches.
      const made = this.#under(index === 0 ? declared : undefined, () => this.#branch(branch, variables));
      args ??= made.args;
      results.push(made.value);
      if (index === 0) {
        keys = this.#under(declared, () => rule.keys.map((key) => this.#type(key, variables) ?? ANY));
      }
    }
    const value = union(results) ?? ANY;
    if (args !== undefined) return functionType(args, value);
    // Constant keys make places of their own; what a variable step finds there is left open.
    if (rule.entry.kind === 'object' && rule.keys.every((key) => key.kind === 'scalar')) return ANY;
    const leaf = rule.entry.kind === 'set' ? setType(keys.pop() ?? ANY) : value;
    return keys.reduceRight((inner, key) => objectType([], { key, value: inner }), leaf);
  }

  #branch(branch: AnalysedBranch, variables: Variables): { args: Type[] | undefined; value: Type } {
    this.#body(branch.body, variables);
    // What the body does with an argument tells its type; arguments that it does not look at can be anything.
    for (const arg of branch.args ?? []) bindAny(arg, variables);
    const args = branch.args?.map((arg) => this.#type(arg, variables) ?? ANY);
    return { args, value: this.#type(branch.value, variables) ?? ANY };
  }

  #under<Result>(declared: DeclaredTypes | undefined, run: () => Result): Result {
    const before = this.#declared;
    this.#declared = declared;
    const result = run();
    this.#declared = before;
    return result;
  }

  #body(body: Body, variables: Variables): void {
    for (const expr of body) this.#expr(expr, variables);
  }

  /** What `with` puts below `input` can be anything there. */
  #expr(expr: Expr, variables: Variables): void {
    const declared = expr.with.reduce(
      (types, { target }) => (isInput(target) ? types?.with(constantSteps(target.terms, 'input'), ANY) : types),
      this.#declared,
    );
    this.#under(declared, () => this.#plainExpr(expr, variables));
  }

  #plainExpr(expr: Expr, variables: Variables): void {
    for (const modifier of expr.with) {
      if (isFunctionValue(modifier.value))
        this.#replacement(modifier.target, modifier.value.operator, modifier.location);
      else this.#type(modifier.value, variables);
    }
    switch (expr.kind) {
      case 'term':
        this.#type(expr.term, variables);
        bindAny(expr.term, variables);
        return;
      case 'call':
        if (expr.infix === ERASED) return;
        if (isEquality(expr) || isComparison(expr)) this.#equality(expr, variables);
        else this.#call(expr, variables);
        return;
      case 'every':
        this.#type(expr.domain, variables);
        this.#closures(expr, variables);
        return;
      case 'not':
      case 'logic':
        this.#closures(expr, variables);
        return;
      default:
    }
  }

  /** A function that stands for another must take what the other does. */
  #replacement(replaced: RefTerm, operator: RefTerm, location: Location): void {
    const target = this.#targets.target(replaced);
    const other = this.#targets.target(operator);
    if (target === undefined || other === undefined || target.arity !== other.arity) return;
    const want = this.#signature(target);
    const have = this.#signature(other);
    const pairs = want.args.map((arg, index) => [arg, have.args[index]] as const);
    if (pairs.every(([a, b]) => b === undefined || unifies(a, b))) return;
    const details = `have: ${typeText(have)}\nwant: ${typeText(want)}`;
    this.#fail(`${target.name}: arity mismatch`, location, details);
  }

  /** Inside closures only references and comprehensions are checked; what the closure binds can be anything. */
  #closures(expr: Expr, variables: Variables): void {
    for (const body of closures(expr)) {
      for (const inner of body) {
        for (const term of inner.kind === 'call' ? inner.args : ownTerms(inner)) this.#loose(term, variables);
        this.#closures(inner, variables);
      }
    }
  }

  #loose(term: Term, variables: Variables): void {
    walkTerm(term, (part) => {
      if (part.kind !== 'ref' && part.kind !== 'comprehension') return true;
      const inner = new Map(variables);
      if (part.kind === 'ref') bindAny(part, inner);
      this.#type(part, inner);
      return false;
    });
  }

  #equality(expr: CallExpr, variables: Variables): void {
    if (!this.#unify(expr.args[0]!, expr.args[1]!, variables)) {
      const [left, right] = expr.args.map((arg) => typeText(this.#quietType(arg, variables)));
      this.#fail('match error', expr.location, `left  : ${left}\nright : ${right}`);
    }
    for (const arg of expr.args) bindAny(arg, variables);
  }

  #quietType(term: Term, variables: Variables): Type | undefined {
    const before = this.errors.length;
    const type = this.#type(term, variables);
    this.errors.length = before;
    return type;
  }

  #unify(left: Term, right: Term, variables: Variables): boolean {
    const leftType = this.#type(left, variables);
    const rightType = this.#type(right, variables);
    if (leftType !== undefined && rightType !== undefined) return unifies(leftType, rightType);
    if (rightType !== undefined) return this.#assign(left, rightType, variables);
    if (leftType !== undefined) return this.#assign(right, leftType, variables);
    if (left.kind === 'array' && right.kind === 'array') {
      if (left.items.length !== right.items.length) return false;
      return left.items.every((item, index) => this.#unify(item, right.items[index]!, variables));
    }
    return true;
  }

  /** Binds the variables of a pattern to the parts of a type; false when the type cannot have the shape. */
  #assign(pattern: Term, type: Type, variables: Variables): boolean {
    if (pattern.kind === 'var') {
      const known = variables.get(pattern.name);
      if (known !== undefined) return unifies(known, type);
      variables.set(pattern.name, type);
      return true;
    }
    if (type.kind === 'any') return type.of.length === 0 || type.of.some((part) => shapeFits(pattern, part));
    if (pattern.kind === 'array') {
      if (type.kind !== 'array') return false;
      if (type.rest === undefined && type.items.length !== pattern.items.length) return false;
      return pattern.items.every((item, index) => {
        const part = type.items[index] ?? type.rest;
        return part !== undefined && this.#assign(item, part, variables);
      });
    }
    if (pattern.kind === 'object') {
      if (type.kind !== 'object') return false;
      return pattern.entries.every(([key, value]) => {
        const part = key.kind === 'scalar' ? select(type, key.value) : partsOf(type);
        return part !== undefined && this.#assign(value, part, variables);
      });
    }
    const own = this.#type(pattern, variables);
    return own === undefined || unifies(own, type);
  }

  #call(expr: CallExpr, variables: Variables): void {
    const target = this.#targets.target(expr.operator);
    if (target === undefined) return;
    const signature = this.#signature(target);
    const { args } = expr;
    const count = signature.args.length;
    const name = target.name;
    const tooMany = signature.variadic === undefined && args.length > count + (signature.result === undefined ? 0 : 1);
    if (args.length < count || tooMany) {
      if (target.kind === 'rule') {
        const given = Math.max(args.length - (expr.generated ? 1 : 0), 0);
        this.#fail(
          `function ${name} has arity ${count}, got ${given} argument${given === 1 ? '' : 's'}`,
          expr.location,
        );
      } else {
        this.#fail(`${name}: arity mismatch`, expr.location, this.#argumentText(args, signature, variables));
      }
      for (const arg of args) bindAny(arg, variables);
      return;
    }
    const fits = args.every((arg, index) => {
      const wanted = signature.args[index] ?? (index === count ? signature.result : signature.variadic) ?? ANY;
      const type = this.#type(arg, variables);
      return type === undefined ? this.#assign(arg, wanted, variables) : unifies(type, wanted);
    });
    if (fits) this.#membership(name, expr, variables);
    else this.#fail(`${name}: invalid argument(s)`, expr.location, this.#argumentText(args, signature, variables));
    for (const arg of args) bindAny(arg, variables);
  }

  /** `x in xs` can hold only when some part of `xs` can equal `x`. */
  #membership(name: string, expr: CallExpr, variables: Variables): void {
    if (name !== 'internal.member_2' && name !== 'internal.member_3') return;
    const count = name === 'internal.member_2' ? 2 : 3;
    const [collection, value, key] = expr.args.slice(0, count).reverse() as [Term, Term, Term | undefined];
    const within = this.#quietType(collection, variables) ?? ANY;
    const compare = (term: Term | undefined, parts: Type | undefined): boolean => {
      const type = term === undefined ? undefined : this.#quietType(term, variables);
      if (type === undefined || parts === undefined || unifies(type, parts)) return true;
      this.#fail('match error', expr.location, `left  : ${typeText(type)}\nright : ${typeText(parts)}`);
      return false;
    };
    if (compare(key, keysOf(within))) compare(value, partsOf(within));
  }

  #argumentText(args: readonly Term[], signature: FunctionType, variables: Variables): string {
    const have = args.map((arg) => typeText(this.#quietType(arg, variables))).join(', ');
    const want = [...signature.args, ...(signature.result === undefined ? [] : [signature.result])];
    return `have: (${have})\nwant: (${want.map(typeText).join(', ')})`;
  }

  #signature(target: Target): FunctionType {
    if (target.kind === 'builtin') return target.builtin.signature;
    const type = this.#nodeType(target.node);
    return type.kind === 'function' ? type : functionType(new Array<Type>(target.arity).fill(ANY), ANY);
  }

  /** The type of a term, or undefined while it has unbound variables. */
  #type(term: Term, variables: Variables): Type | undefined {
    switch (term.kind) {
      case 'scalar':
        return scalarType(term.value);
      case 'var':
        return term.name === 'input' || term.name === 'data' ? this.#document([term.name]) : variables.get(term.name);
      case 'ref':
        return this.#ref(term, variables);
      case 'array': {
        const items = term.items.map((item) => this.#type(item, variables));
        return items.includes(undefined) ? undefined : arrayType(items as Type[]);
      }
      case 'set': {
        const items = term.items.map((item) => this.#type(item, variables));
        return items.includes(undefined) ? undefined : setType(union(items));
      }
      case 'object':
        return this.#object(term.entries, variables);
      case 'comprehension': {
        const inner = new Map(variables);
        this.#body(term.body, inner);
        const value = this.#type(term.term, inner) ?? ANY;
        if (term.collect === 'array') return arrayType([], value);
        if (term.collect === 'set') return setType(value);
        return objectType([], { key: this.#type(term.key!, inner) ?? ANY, value });
      }
      default:
        return ANY;
    }
  }

  #object(entries: readonly (readonly [Term, Term])[], variables: Variables): Type | undefined {
    const properties: StaticProperty[] = [];
    const keys: Type[] = [];
    const values: Type[] = [];
    for (const [key, item] of entries) {
      const value = this.#type(item, variables);
      const keyType = this.#type(key, variables);
      if (value === undefined || keyType === undefined) return undefined;
      if (key.kind === 'scalar') properties.push({ key: key.value, value });
      else {
        keys.push(keyType);
        values.push(value);
      }
    }
    if (keys.length === 0) return objectType(properties);
    return objectType(properties, { key: union(keys) ?? ANY, value: union(values) ?? ANY });
  }

  #ref(ref: RefTerm, variables: Variables): Type | undefined {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    if (head.kind === 'var' && head.name === 'data') {
      const path = constantSteps(ref.terms, 'data');
      const depth = this.#declared?.depthOn(path);
      if (depth === undefined) return this.#dataRef(ref, steps, variables);
      return this.#steps(ref, this.#document(path.slice(0, depth)), steps.slice(depth - 1), variables);
    }
    return this.#steps(ref, this.#type(head, variables) ?? ANY, steps, variables);
  }

  #dataRef(ref: RefTerm, steps: readonly Term[], variables: Variables): Type | undefined {
    let node = this.#tree.root;
    let taken = 0;
    while (node.rules.length === 0 && taken < steps.length) {
      const step = steps[taken]!;
      const child =
        step.kind === 'scalar' && typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (child === undefined) break;
      node = child;
      taken++;
    }
    const rest = steps.slice(taken);
    const path = constantSteps(ref.terms.slice(0, taken + 1), 'data');
    if (node.rules.length === 0) {
      // Base data: its type is what schemas say of places below the reference.
      const whole = rest.every(({ kind }) => kind === 'scalar') ? constantSteps(ref.terms, 'data') : path;
      return this.#steps(ref, this.#document(whole), rest.slice(whole.length - path.length), variables);
    }
    const type = this.#declared?.at(path)?.over(this.#nodeType(node)) ?? this.#nodeType(node);
    if (type.kind === 'function') {
      this.#fail(`function ${refText(ref)} used as reference, not called`, ref.location, `have: ${typeText(type)}`);
      return ANY;
    }
    return this.#steps(ref, type, rest, variables);
  }

  /** What schemas say of a document. */
  #document(path: readonly StaticProperty['key'][]): Type {
    return this.#declared?.at(path)?.over(ANY) ?? ANY;
  }

  #steps(ref: RefTerm, start: Type, steps: readonly Term[], variables: Variables): Type | undefined {
    let type = start;
    for (const step of steps) {
      const next = step.kind === 'scalar' ? select(type, step.value) : this.#variableStep(type, step, variables);
      if (next === undefined) {
        this.#fail(`undefined ref: ${refText(ref)}`, ref.location, `have: ${typeText(type)}`);
        for (const other of steps) bindAny(other, variables);
        return ANY;
      }
      type = next;
    }
    return type;
  }

  #variableStep(type: Type, step: Term, variables: Variables): Type | undefined {
    const keys = keysOf(type);
    if (keys === undefined) return undefined;
    const known = this.#type(step, variables);
    if (known === undefined) return this.#assign(step, keys, variables) ? partsOf(type) : undefined;
    return unifies(known, keys) ? partsOf(type) : undefined;
  }
}

function isInput(ref: RefTerm): boolean {
  const [head] = ref.terms;
  return head?.kind === 'var' && head.name === 'input';
}

/** The constants that a reference begins with, after its head's name. */
function constantSteps(terms: readonly Term[], head: string): StaticProperty['key'][] {
  const path: StaticProperty['key'][] = [head];
  for (const term of terms.slice(1)) {
    if (term.kind !== 'scalar') break;
    path.push(term.value);
  }
  return path;
}
