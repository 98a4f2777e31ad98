/**
 * Takes expressions apart, so that every call and every reference inside another term is computed by an expression
 * of its own before the one that needs it: `f(g(x).y) > 1` becomes `$0 = g(x)`, `$1 = $0.y`, `$2 = f($1)`, `$2 > 1`.
 *
 * The order of these expressions is part of the language: an undefined part makes the whole expression undefined
 * even below a `not` (unless `future.keywords.not` wraps the whole).
 */
import type { Location } from '../errors.ts';
import type { Body, CallExpr, Expr, LogicOperand, RefTerm, Term, With } from '../syntax/ast.ts';
import { callExpr, dottedName } from '../syntax/build.ts';
import { termText } from '../types/ref-text.ts';
import type { Names } from './names.ts';
import { ERASED } from './resolve.ts';

/** Marks the expressions that compute what a `print` call shows. */
export const PRINTED = 'print';

/** Tells whether a `with` value names a function rather than a value. */
export type IsFunction = (ref: Term) => boolean;

/** Expands bodies of one rule or query. */
export class Expander {
  readonly #names: Names;
  readonly #isFunction: IsFunction;
  readonly #inRule: boolean;

  /** With `inRule` false, `==` under `not` keeps no reference inside: OPA has that for rules only. */
  constructor(names: Names, isFunction: IsFunction, inRule: boolean) {
    this.#names = names;
    this.#isFunction = isFunction;
    this.#inRule = inRule;
  }

  body(body: Body): Body {
    return body.flatMap((expr) => this.#expr(expr));
  }

  /** Expands a term of a rule's head: its parts become expressions at the end of the body. */
  head(term: Term, body: Expr[]): Term {
    return this.#operand(term, body, []);
  }

  /** Expands a function's argument: what is no pattern becomes a variable that an expression of the body compares. */
  argument(arg: Term, body: Expr[]): Term {
    switch (arg.kind) {
      case 'array':
        return { ...arg, items: arg.items.map((item) => this.argument(item, body)) };
      case 'object':
        return { ...arg, entries: arg.entries.map(([key, value]) => [key, this.argument(value, body)] as const) };
      case 'ref':
      case 'call':
      case 'comprehension':
        return this.#hold(this.#top(arg, body, []), body, [], arg.location);
      default:
        return arg;
    }
  }

  #expr(expr: Expr): Expr[] {
    const before: Expr[] = [];
    const modifiers = expr.with.map((modifier) => this.#modifier(modifier, before));
    if (expr.kind === 'call' && expr.infix === ERASED) return [expr];
    if (expr.kind === 'call' && dottedName(expr.operator) === 'internal.print') {
      const args = expr.args.map((arg) => this.#operand(arg, before, modifiers));
      // Marks what was taken out, so that unbound variables in it are reported as those of a `print`.
      const held = before.map((part) => (part.kind === 'call' ? { ...part, infix: PRINTED } : part));
      return [...held, { ...expr, args, with: modifiers }];
    }
    switch (expr.kind) {
      case 'term': {
        const term = this.#top(expr.term, before, modifiers);
        return [...before, { ...expr, term, with: modifiers }];
      }
      case 'call': {
        const call = expr.negated && this.#inRule ? asUnification(expr) : expr;
        const top = isEquality(call);
        const args = call.args.map((arg) =>
          top ? this.#top(arg, before, modifiers) : this.#operand(arg, before, modifiers),
        );
        return [...before, { ...call, args, with: modifiers }];
      }
      case 'every': {
        const domain = this.#operand(expr.domain, before, modifiers);
        return [...before, { ...expr, domain, body: this.body(expr.body), with: modifiers }];
      }
      case 'not':
        return [...before, { ...expr, body: this.body(expr.body), with: modifiers }];
      case 'logic':
        return [
          ...before,
          { ...expr, left: this.#logicOperand(expr.left), right: this.#logicOperand(expr.right), with: modifiers },
        ];
      default:
        throw new Error(`unexpected ${expr.kind} expression after resolution`);
    }
  }

  #logicOperand(operand: LogicOperand): LogicOperand {
    return { ...operand, body: this.body(operand.body) };
  }

  #modifier(modifier: With, before: Expr[]): With {
    const { target, value: given } = modifier;
    if (this.#isFunction(target) && this.#isFunction(given) && (given.kind === 'ref' || given.kind === 'var')) {
      const operator: RefTerm =
        given.kind === 'ref' ? given : { kind: 'ref', terms: [given], location: given.location };
      return { ...modifier, value: { kind: 'call', operator, args: [], location: given.location } };
    }
    const value = this.#operand(modifier.value, before, []);
    return { ...modifier, value };
  }

  /** A term that may stay a reference or comprehension because an expression of its own holds it. */
  #top(term: Term, before: Expr[], modifiers: readonly With[]): Term {
    if (term.kind === 'ref') return this.#ref(term, before, modifiers);
    if (term.kind === 'comprehension') return this.#comprehension(term);
    return this.#operand(term, before, modifiers);
  }

  /** A term inside another: only constants, variables and collections of these stay. */
  #operand(term: Term, before: Expr[], modifiers: readonly With[]): Term {
    switch (term.kind) {
      case 'ref':
        return this.#hold(this.#ref(term, before, modifiers), before, modifiers, term.location);
      case 'comprehension':
        return this.#hold(this.#comprehension(term), before, modifiers, term.location);
      case 'call': {
        const args = term.args.map((arg) => this.#operand(arg, before, modifiers));
        const output = this.#names.fresh(term.location);
        const call: CallExpr = {
          kind: 'call',
          negated: false,
          operator: term.operator,
          args: [...args, output],
          infix: term.infix,
          generated: true,
          with: modifiers,
          location: term.location,
        };
        before.push(call);
        return output;
      }
      case 'array':
      case 'set':
        return { ...term, items: term.items.map((item) => this.#operand(item, before, modifiers)) };
      case 'object': {
        const entries = term.entries.map(
          ([key, value]) => [this.#operand(key, before, modifiers), this.#operand(value, before, modifiers)] as const,
        );
        return { ...term, entries };
      }
      default:
        return term;
    }
  }

  #hold(term: Term, before: Expr[], modifiers: readonly With[], location: Location): Term {
    const held = this.#names.fresh(location, termText(term));
    before.push({ ...callExpr('eq', [held, term], location, '='), generated: true, with: modifiers });
    return held;
  }

  #ref(ref: RefTerm, before: Expr[], modifiers: readonly With[]): RefTerm {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    const plainHead = head.kind === 'var' ? head : this.#operandHeld(head, before, modifiers);
    return { ...ref, terms: [plainHead, ...steps.map((step) => this.#operand(step, before, modifiers))] };
  }

  #operandHeld(head: Term, before: Expr[], modifiers: readonly With[]): Term {
    const operand = this.#operand(head, before, modifiers);
    return operand.kind === 'var' ? operand : this.#hold(operand, before, modifiers, head.location);
  }

  #comprehension(term: Term & { kind: 'comprehension' }): Term {
    const body: Expr[] = [...this.body(term.body)];
    const key = term.key === undefined ? undefined : this.#operand(term.key, body, []);
    const value = this.#operand(term.term, body, []);
    return { ...term, key, term: value, body };
  }
}

/** Whether the `with` value is a function's name: the expansion leaves it as a call without arguments. */
export function isFunctionValue(value: Term): value is Term & { kind: 'call' } {
  return value.kind === 'call';
}

/**
 * A comparison with `==` as unification, which keeps references inside the expression: `not input.a == 1` holds when
 * `input.a` is undefined. Under `not` nothing is bound, so both mean the same otherwise.
 */
function asUnification(expr: CallExpr): CallExpr {
  const head = expr.operator.terms[0]!;
  if (expr.operator.terms.length > 1 || expr.args.length !== 2 || head.kind !== 'var' || head.name !== 'equal')
    return expr;
  return { ...expr, operator: { ...expr.operator, terms: [{ ...head, name: 'eq' }] } };
}

/** Whether the expression unifies two terms. */
export function isEquality(expr: Expr): boolean {
  if (expr.kind !== 'call' || expr.args.length !== 2 || expr.operator.terms.length !== 1) return false;
  const head = expr.operator.terms[0]!;
  return head.kind === 'var' && head.name === 'eq';
}
