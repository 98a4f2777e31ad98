/** Checks calls of functions, and functions in `with`. */
import type { Targets } from '../compile/call-checks.ts';
import type { Location } from '../errors.ts';
import type { CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import type { Findings } from './findings.ts';
import type { Known } from './known.ts';
import { bindAny, type Variables } from './patterns.ts';
import { isVague, keysOf, partsOf, typeText, unifies, union } from './relate.ts';
import type { TermTypes } from './term-types.ts';
import { ANY, type FunctionType, NUMBER, type Type } from './types.ts';

/** Checks uses of functions against what they take and give. */
export class CallChecker {
  readonly #targets: Targets;
  readonly #known: Known;
  readonly #terms: TermTypes;
  readonly #findings: Findings;

  constructor(targets: Targets, known: Known, terms: TermTypes, findings: Findings) {
    this.#targets = targets;
    this.#known = known;
    this.#terms = terms;
    this.#findings = findings;
  }

  /** Checks whether the arguments of a call can be what the function takes. */
  call(expr: CallExpr, variables: Variables): void {
    const target = this.#targets.target(expr.operator);
    if (target === undefined) return;
    const signature = this.#known.signature(target);
    const { args } = expr;
    const count = signature.args.length;
    const name = target.name;
    if (!this.#membership(name, expr, variables)) {
      for (const arg of args) bindAny(arg, variables);
      return;
    }
    const fits = args.every((arg, index) => {
      const wanted = signature.args[index] ?? (index === count ? signature.result : signature.variadic) ?? ANY;
      return this.#terms.unifier.takes(arg, wanted, variables);
    });
    if (!fits)
      this.#findings.fail(
        `${name}: invalid argument(s)`,
        expr.location,
        this.#argumentText(args, signature, variables),
      );
    for (const arg of args) bindAny(arg, variables);
  }

  /** `x in xs` can hold only when some part of `xs` can equal `x`. */
  #membership(name: string, expr: CallExpr, variables: Variables): boolean {
    if (name !== 'internal.member_2' && name !== 'internal.member_3') return true;
    const count = name === 'internal.member_2' ? 2 : 3;
    const [collection, value, key] = expr.args.slice(0, count).reverse() as [Term, Term, Term | undefined];
    const { keys, parts } = this.#within(collection, variables);
    const compare = (term: Term | undefined, wanted: Type | undefined): boolean => {
      if (term === undefined || wanted === undefined || isVague(wanted)) return true;
      if (this.#terms.unifier.takes(term, wanted, variables)) return true;
      const left = this.#terms.text(term, variables);
      this.#findings.fail('match error', expr.location, `left  : ${left}\nright : ${typeText(wanted)}`);
      return false;
    };
    return parts === undefined || (compare(key, keys) && compare(value, parts));
  }

  /** What the keys and parts of a collection can be, as far as something is known of them. */
  #within(collection: Term, variables: Variables): { keys: Type | undefined; parts: Type | undefined } {
    const types = (terms: readonly Term[]) => union(terms.map((term) => this.#terms.quietly(term, variables)));
    const type = this.#terms.quietly(collection, variables);
    if (type !== undefined) return { keys: keysOf(type), parts: partsOf(type) };
    if (collection.kind === 'array') return { keys: NUMBER, parts: types(collection.items) };
    if (collection.kind !== 'object') return { keys: undefined, parts: undefined };
    return {
      keys: types(collection.entries.map(([key]) => key)),
      parts: types(collection.entries.map(([, item]) => item)),
    };
  }

  #argumentText(args: readonly Term[], signature: FunctionType, variables: Variables): string {
    const have = args.map((arg) => this.#terms.text(arg, variables)).join(', ');
    const want = [...signature.args, ...(signature.result === undefined ? [] : [signature.result])];
    return `have: (${have})\nwant: (${want.map(typeText).join(', ')})`;
  }

  /** A function that stands for another must take what the other does. */
  replacement(replaced: RefTerm, operator: RefTerm, location: Location): void {
    const target = this.#targets.target(replaced);
    const other = this.#targets.target(operator);
    if (target === undefined || other === undefined || target.arity !== other.arity) return;
    const want = this.#known.signature(target);
    const have = this.#known.signature(other);
    const pairs = want.args.map((arg, index) => [arg, have.args[index]] as const);
    if (pairs.every(([a, b]) => b === undefined || unifies(a, b))) return;
    const details = `have: ${typeText(have)}\nwant: ${typeText(want)}`;
    this.#findings.fail(`${target.name}: arity mismatch`, location, details);
  }

  /** OPA takes the functions that a `with` on `every`, `and` or `or` names for references to documents. */
  functionTargets(expr: Expr): void {
    for (const { target } of expr.with) {
      const found = this.#targets.target(target);
      if (found === undefined) continue;
      const details = `have: ${typeText(this.#known.signature(found))}`;
      this.#findings.fail(`function ${found.name} used as reference, not called`, target.location, details);
    }
  }
}
