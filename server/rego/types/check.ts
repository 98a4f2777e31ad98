/** Finds type errors: calls whose arguments cannot fit, comparisons that can never hold, steps into nothing. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import type { Targets } from '../compile/call-checks.ts';
import { constantOf } from '../compile/constants.ts';
import { isEquality, isFunctionValue } from '../compile/expand.ts';
import { ERASED } from '../compile/resolve.ts';
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import { closures, ownTerms, walkTerm } from '../compile/walk.ts';
import { type Location, RegoError } from '../errors.ts';
import type { Target } from '../evaluate/coder.ts';
import type { Body, CallExpr, Expr, Module, RefTerm, Term, VarTerm } from '../syntax/ast.ts';
import { equal, type Value } from '../values.ts';
import { bindAny, isComparison, isVariable, mergeFunctions, sameKey, type Variables } from './patterns.ts';
import { refText } from './ref-text.ts';
import { constantType, hasEmptySet, keysOf, partsOf, select, typeText, unifies, union } from './relate.ts';
import { type DeclaredTypes, Schemas } from './schemas.ts';
import { type Found, TypeTree } from './type-tree.ts';
import {
  ANY,
  arrayType,
  type FunctionType,
  functionType,
  NUMBER,
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
  readonly #functions = new Map<RuleNode, FunctionType[]>();
  readonly #types = new TypeTree();
  /** What `with` says of documents where the check is, the innermost last. */
  readonly #replaced: TypeTree[] = [];
  readonly #schemas: Schemas;
  /** What schemas declare for the rule at hand. */
  #declared: DeclaredTypes | undefined;

  constructor(tree: RuleTree, targets: Targets, modules: readonly Module[]) {
    this.#schemas = new Schemas(modules);
    this.#tree = tree;
    this.#targets = targets;
  }

  /** Checks every rule; each must come after those that it needs. */
  checkAll(order: Iterable<AnalysedRule>): void {
    for (const rule of order) {
      const before = this.errors.length;
      const { path, type } = this.#ruleType(rule);
      // Of a rule that is wrong itself nothing is known, so that it makes no further errors.
      if (this.errors.length > before) continue;
      if (type.kind !== 'function') this.#types.add(path, type);
      else this.#functions.set(rule.node, [...(this.#functions.get(rule.node) ?? []), type]);
    }
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

  /** What a rule makes, and where: the constant steps of its head. */
  #ruleType(rule: AnalysedRule): { path: Value[]; type: Type } {
    const results: Type[] = [];
    let keys: Type[] = [];
    let args: Type[] | undefined;
    const { entry, node } = rule;
    const { constant } = entry;
    const declared = this.#schemas.of(entry.rule, entry.module, node.path);
    for (const [index, branch] of rule.branches.entries()) {
      const variables: Variables = new Map();
      // As in OPA, the annotations of a rule are not those of its `else` branches.
      const made = this.#under(index === 0 ? declared : undefined, () => this.#branch(branch, variables));
      // An `else` may take what the rule itself does not.
      args = made.args?.map((arg, at) => union([args?.[at], arg]) ?? ANY);
      results.push(made.value);
      if (index === 0) {
        const open = rule.keys.slice(constant.length);
        keys = this.#under(declared, () => open.map((key) => this.#type(key, variables) ?? ANY));
      }
    }
    const path = ['data', ...rule.node.path, ...constant];
    const value = union(results) ?? ANY;
    if (args !== undefined) return { path, type: functionType(args, value) };
    const leaf = rule.entry.kind === 'set' ? setType(keys.pop() ?? ANY) : value;
    return { path, type: keys.reduceRight((inner, key) => objectType([], { key, value: inner }), leaf) };
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
    this.#under(declared, () => this.#withReplaced(expr, variables));
  }

  /** Checks an expression with what its modifiers say of the documents they replace. */
  #withReplaced(expr: Expr, variables: Variables): void {
    if (expr.with.length === 0) {
      this.#plain(expr, variables);
      return;
    }
    const replaced = new TypeTree();
    for (const { target, value, location } of expr.with) {
      if (isFunctionValue(value)) {
        this.#replacement(target, value.operator, location);
        continue;
      }
      const given = this.#type(value, variables) ?? ANY;
      const path = documentPath(target);
      const isDeclared = this.#declared !== undefined && path?.[0] === 'input';
      if (path === undefined || isDeclared || this.#targets.target(target) !== undefined) continue;
      const { type, taken } = this.#known(path);
      replaced.replace(path, taken === path.length ? union([type, given])! : ANY);
    }
    this.#replaced.push(replaced);
    this.#plain(expr, variables);
    this.#replaced.pop();
  }

  /** Checks an expression without its modifiers. */
  #plain(expr: Expr, variables: Variables): void {
    switch (expr.kind) {
      case 'term':
        this.#type(expr.term, variables);
        if (expr.term.kind !== 'var') bindAny(expr.term, variables);
        return;
      case 'call':
        if (expr.infix === ERASED) return;
        if (isEquality(expr) || isComparison(expr)) this.#equality(expr, variables);
        else this.#call(expr, variables);
        return;
      case 'every':
        this.#type(expr.domain, variables);
        bindAny(expr.domain, variables);
        this.#functionTargets(expr);
        this.#closures(expr, variables);
        return;
      case 'logic':
        this.#functionTargets(expr);
        this.#closures(expr, variables);
        return;
      case 'not':
        this.#closures(expr, variables);
        return;
      default:
    }
  }

  /** OPA takes the functions that a `with` on `every`, `and` or `or` names for references to documents. */
  #functionTargets(expr: Expr): void {
    for (const { target } of expr.with) {
      const found = this.#targets.target(target);
      if (found === undefined) continue;
      const details = `have: ${typeText(this.#signature(found))}`;
      this.#fail(`function ${found.name} used as reference, not called`, target.location, details);
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
        if (inner.kind === 'every' || inner.kind === 'logic') this.#functionTargets(inner);
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
    const leftKnown = leftType !== undefined && !hasEmptySet(leftType);
    const rightKnown = rightType !== undefined && !hasEmptySet(rightType);
    if (leftKnown && rightKnown) return unifies(leftType, rightType);
    if (rightKnown) return this.#fits(left, rightType, variables);
    if (leftKnown) return this.#fits(right, leftType, variables);
    return this.#unifyParts(left, right, variables);
  }

  /** Unifies terms of which neither has a type that tells enough. */
  #unifyParts(left: Term, right: Term, variables: Variables): boolean {
    if (left.kind === 'array' && right.kind === 'array') {
      if (left.items.length !== right.items.length) return false;
      return left.items.every((item, index) => this.#unify(item, right.items[index]!, variables));
    }
    if (left.kind === 'object' && right.kind === 'object') {
      if (left.entries.length !== right.entries.length) return false;
      return left.entries.every(([key, value]) => {
        const other = right.entries.find(([otherKey]) => sameKey(key, otherKey));
        return other !== undefined && this.#unify(value, other[1], variables);
      });
    }
    if (right.kind === 'var' && !variables.has(right.name)) return this.#bind(right, left, variables);
    if (left.kind === 'var' && !variables.has(left.name)) return this.#bind(left, right, variables);
    if (isVariable(right) && !isVariable(left)) return this.#unifyParts(right, left, variables);
    if (isVariable(left)) {
      if (isVariable(right) || right.kind === 'array' || right.kind === 'object') return true;
    }
    const leftType = this.#type(left, variables);
    const rightType = this.#type(right, variables);
    if (leftType !== undefined && rightType !== undefined) return unifies(leftType, rightType);
    if (rightType !== undefined && left.kind !== 'var') return this.#assign(left, rightType, variables);
    return leftType === undefined || right.kind === 'var' || this.#assign(right, leftType, variables);
  }

  /** Gives a variable without a type that of another term; what nothing is known of in that can be anything. */
  #bind(variable: VarTerm, term: Term, variables: Variables): boolean {
    if (term.kind !== 'set') bindAny(term, variables);
    variables.set(variable.name, (isVariable(term) ? undefined : this.#type(term, variables)) ?? ANY);
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
    if (type.kind === 'any') return type.of.length === 0 || this.#assignAny(pattern, type.of, variables);
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
      if (type.dynamic === undefined && type.properties.length !== pattern.entries.length) return false;
      return pattern.entries.every(([key, value]) => {
        const part = key.kind === 'scalar' ? select(type, key.value) : partsOf(type);
        return part !== undefined && this.#assign(value, part, variables);
      });
    }
    const own = this.#type(pattern, variables);
    return own === undefined || unifies(own, type);
  }

  /** Binds the variables of a pattern to what they are in any of the types that the pattern can have. */
  #assignAny(pattern: Term, types: readonly Type[], variables: Variables): boolean {
    const fitting = types
      .map((type) => ({ type, bound: new Map(variables) }))
      .filter(({ type, bound }) => this.#assign(pattern, type, bound));
    for (const { bound } of fitting) {
      for (const [name, type] of bound) {
        const known = variables.get(name);
        variables.set(name, known === undefined ? type : union([known, type])!);
      }
    }
    return fitting.length > 0;
  }

  /** Whether a term can be of a type, part by part; a term of no known type yet is bound to the parts. */
  #fits(term: Term, type: Type, variables: Variables): boolean {
    const own = this.#type(term, variables);
    if (own === undefined) return this.#assign(term, type, variables);
    const shows = term.kind === 'array' || term.kind === 'set' || term.kind === 'object';
    const fits = shows && hasEmptySet(own) ? type.kind === 'any' || own.kind === type.kind : unifies(own, type);
    return fits && this.#partsFit(term, type, variables);
  }

  #partsFit(term: Term, type: Type, variables: Variables): boolean {
    const matches = (part: Term, wanted: Type | undefined): boolean =>
      wanted === undefined || this.#fits(part, wanted, variables);
    if (type.kind === 'any') {
      const fitting = type.of.filter((part) => matches(term, part));
      if (type.of.length > 0 && fitting.length === 0) return false;
      // What a collection in such a place holds counts as any of these from then on, as in OPA.
      for (const part of type.of.length === 0 ? [ANY] : fitting) this.#widen(term, part, variables);
      return true;
    }
    if (term.kind === 'array' && type.kind === 'array') {
      if (type.rest === undefined && term.items.length !== type.items.length) return false;
      return term.items.every((item, index) => matches(item, type.items[index] ?? type.rest));
    }
    if (term.kind === 'set' && type.kind === 'set') {
      return term.items.every((item) => type.of !== undefined && this.#fits(item, type.of, variables));
    }
    if (term.kind !== 'object' || type.kind !== 'object') return true;
    const isClosed = type.dynamic === undefined;
    if (isClosed && type.properties.length !== term.entries.length) return false;
    return term.entries.every(([key, value]) => {
      const constant = constantOf(key);
      if (isClosed && constant !== undefined && select(type, constant.value) === undefined) return false;
      const wanted = constant === undefined ? partsOf(type) : select(type, constant.value);
      return matches(key, keysOf(type)) && matches(value, wanted);
    });
  }

  /** Adds a type to those of the variables in a collection. */
  #widen(term: Term, type: Type, variables: Variables): void {
    const parts = partsOf(type);
    const keys = keysOf(type);
    const add = (part: Term, more: Type | undefined): void => {
      if (more === undefined) return;
      const known = part.kind === 'var' ? variables.get(part.name) : undefined;
      if (known !== undefined) variables.set((part as VarTerm).name, union([known, more])!);
      else this.#widen(part, more, variables);
    };
    if (term.kind === 'array' || term.kind === 'set') for (const item of term.items) add(item, parts);
    if (term.kind !== 'object') return;
    for (const [key, value] of term.entries) {
      add(key, keys);
      add(value, parts);
    }
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
    if (!this.#membership(name, expr, variables)) {
      for (const arg of args) bindAny(arg, variables);
      return;
    }
    const fits = args.every((arg, index) => {
      const wanted = signature.args[index] ?? (index === count ? signature.result : signature.variadic) ?? ANY;
      return this.#fits(arg, wanted, variables);
    });
    if (!fits)
      this.#fail(`${name}: invalid argument(s)`, expr.location, this.#argumentText(args, signature, variables));
    for (const arg of args) bindAny(arg, variables);
    if (name === 'internal.template_string') for (const shown of shownVariables(args[0]!)) variables.set(shown, ANY);
  }

  /** `x in xs` can hold only when some part of `xs` can equal `x`. */
  #membership(name: string, expr: CallExpr, variables: Variables): boolean {
    if (name !== 'internal.member_2' && name !== 'internal.member_3') return true;
    const count = name === 'internal.member_2' ? 2 : 3;
    const [collection, value, key] = expr.args.slice(0, count).reverse() as [Term, Term, Term | undefined];
    const { keys, parts } = this.#within(collection, variables);
    const compare = (term: Term | undefined, wanted: Type | undefined): boolean => {
      if (term === undefined || wanted === undefined || hasEmptySet(wanted)) return true;
      if (this.#fits(term, wanted, variables)) return true;
      const type = this.#quietType(term, variables);
      this.#fail('match error', expr.location, `left  : ${typeText(type)}\nright : ${typeText(wanted)}`);
      return false;
    };
    return compare(key, keys) && compare(value, parts);
  }

  /** What the keys and parts of a collection can be, as far as something is known of them. */
  #within(collection: Term, variables: Variables): { keys: Type | undefined; parts: Type | undefined } {
    const types = (terms: readonly Term[]) => union(terms.map((term) => this.#quietType(term, variables)));
    const type = this.#quietType(collection, variables);
    if (type !== undefined) return { keys: keysOf(type), parts: partsOf(type) };
    if (collection.kind === 'array') return { keys: NUMBER, parts: types(collection.items) };
    if (collection.kind !== 'object') return { keys: undefined, parts: undefined };
    return {
      keys: types(collection.entries.map(([key]) => key)),
      parts: types(collection.entries.map(([, item]) => item)),
    };
  }

  #argumentText(args: readonly Term[], signature: FunctionType, variables: Variables): string {
    const have = args.map((arg) => typeText(this.#quietType(arg, variables))).join(', ');
    const want = [...signature.args, ...(signature.result === undefined ? [] : [signature.result])];
    return `have: (${have})\nwant: (${want.map(typeText).join(', ')})`;
  }

  #signature(target: Target): FunctionType {
    if (target.kind === 'builtin') return target.builtin.signature;
    return this.#functionType(target.node) ?? functionType(new Array<Type>(target.arity).fill(ANY), ANY);
  }

  /** The type of a term, or undefined while it has unbound variables. */
  #type(term: Term, variables: Variables): Type | undefined {
    switch (term.kind) {
      case 'scalar':
        return constantType(term.value);
      case 'var':
        return term.name === 'input' || term.name === 'data'
          ? this.#describe([term.name], ANY)
          : variables.get(term.name);
      case 'ref':
        return this.#ref(term, variables);
      case 'array': {
        const items = term.items.map((item) => this.#type(item, variables));
        return items.includes(undefined) ? undefined : arrayType(items as Type[]);
      }
      case 'set': {
        const items = term.items.map((item) => this.#type(item, variables));
        // Of members that nothing is known of yet OPA knows no type either: the set is taken for empty.
        return setType(union(items));
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
      const constant = constantOf(key);
      if (constant !== undefined) {
        const known = properties.findIndex((property) => equal(property.key, constant.value));
        // Of equal keys the last counts.
        properties.splice(known < 0 ? properties.length : known, 1, { key: constant.value, value });
      } else {
        keys.push(keyType);
        values.push(value);
      }
    }
    if (keys.length === 0) return objectType(properties);
    return objectType(properties, { key: union(keys) ?? ANY, value: union(values) ?? ANY });
  }

  #ref(ref: RefTerm, variables: Variables): Type | undefined {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    if (head.kind === 'var' && (head.name === 'data' || head.name === 'input')) return this.#document(ref, variables);
    return this.#steps(ref, this.#type(head, variables) ?? ANY, steps, variables);
  }

  #document(ref: RefTerm, variables: Variables): Type | undefined {
    const [head, ...steps] = ref.terms as [VarTerm, ...Term[]];
    const constants = constantSteps(ref.terms, head.name);
    const depth = this.#declared?.depthOn(constants);
    if (depth !== undefined) {
      return this.#steps(ref, this.#describe(constants.slice(0, depth), ANY), steps.slice(depth - 1), variables);
    }
    const node = head.name === 'data' ? this.#functionAt(steps) : undefined;
    if (node !== undefined) {
      const type = this.#functionType(node);
      const details = type === undefined ? undefined : `have: ${typeText(type)}`;
      this.#fail(`function ${refText(ref)} used as reference, not called`, ref.location, details);
      return ANY;
    }
    const path = [head.name, ...steps.map(constantStep)];
    const { type, taken, known } = this.#known(path);
    if (!known && constants.length === path.length) return this.#describe(constants, ANY);
    return this.#steps(ref, this.#describe(path.slice(0, taken) as Value[], type), steps.slice(taken - 1), variables);
  }

  /** What is known of a path; what nothing is known of can be anything. */
  #known(path: readonly (Value | undefined)[]): Found {
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

  /** The node of the function that the steps lead to or through. */
  #functionAt(steps: readonly Term[]): RuleNode | undefined {
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

  #functionType(node: RuleNode): FunctionType | undefined {
    const types = this.#functions.get(node);
    return types === undefined ? undefined : mergeFunctions(types);
  }

  /** The type of a document with what schemas say of it and of places below it. */
  #describe(path: readonly Value[], usual: Type): Type {
    return this.#declared?.at(path)?.over(usual) ?? usual;
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
    return this.#fits(step, keys, variables) ? partsOf(type) : undefined;
  }
}

/** The variables that a template string shows by themselves; from then on they can be anything, as in OPA. */
function shownVariables(list: Term): string[] {
  if (list.kind !== 'array') return [];
  return list.items.flatMap((item) => {
    const [expr, ...others] = item.kind === 'comprehension' && item.shows ? item.body : [];
    const shown = expr?.kind === 'call' && others.length === 0 ? expr.args[1] : undefined;
    return shown?.kind === 'var' ? [shown.name] : [];
  });
}

/** The path of a `with` target, when it names a document. */
function documentPath(target: RefTerm): Value[] | undefined {
  const [head, ...steps] = target.terms as [Term, ...Term[]];
  if (head.kind !== 'var' || (head.name !== 'data' && head.name !== 'input')) return undefined;
  const path = steps.map(constantStep);
  return path.includes(undefined) ? undefined : [head.name, ...(path as Value[])];
}

function constantStep(step: Term): Value | undefined {
  const isCollection = step.kind === 'array' || step.kind === 'set' || step.kind === 'object';
  // No rule stands at a collection, whatever is in it.
  const constant = constantOf(step);
  return constant === undefined && isCollection ? [] : constant?.value;
}

function isInput(ref: RefTerm): boolean {
  const [head] = ref.terms;
  return head?.kind === 'var' && head.name === 'input';
}

/** The constants that a reference begins with, after its head's name. */
function constantSteps(terms: readonly Term[], head: string): Value[] {
  const path: Value[] = [head];
  for (const term of terms.slice(1)) {
    if (term.kind !== 'scalar') break;
    path.push(term.value);
  }
  return path;
}
