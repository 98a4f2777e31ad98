/**
 * Takes expressions apart, so that every call and every reference inside another term is computed by an expression
 * of its own before the one that needs it: `f(g(x).y) > 1` becomes `$0 = g(x)`, `$1 = $0.y`, `$2 = f($1)`, `$2 > 1`.
 *
 * The order of these expressions is part of the language: an undefined part makes the whole expression undefined
 * even below a `not` (unless `future.keywords.not` wraps the whole).
 */
import type { Body, CallExpr, Expr, LogicOperand, RefTerm, Term, TermExpr, With } from '../syntax/ast.ts';
import { dottedRef, isNamed } from '../syntax/build.ts';
import type { CompileBudget } from './budget.ts';
import type { Names } from './names.ts';
import { ERASED, PRINTED } from './print-marks.ts';
import { mapAll, mapTerm } from './walk.ts';

/** What the names in `with` modifiers mean. */
export interface Meanings {
  /** Whether the term names a function. */
  isFunction(term: Term): boolean;
  /** Whether the term names a rule without arguments, which as a replacement is evaluated when it is called. */
  isRule(term: Term): boolean;
}

/** Where the parts of an expression go. */
interface Parts {
  /** The calls inside it, each with what it needs, in order. */
  readonly before: Expr[];
  /** The references and comprehensions inside it, in order; they come right before it. */
  readonly held: Expr[];
  /** The modifiers under which they are computed. */
  readonly with: readonly With[];
}

/** Work for a modifier of each expression that is taken out of one that has it: every later stage looks at it. */
const MODIFIER_COST = 20;

/** Expands bodies of one rule or query. */
export class Expander {
  readonly #names: Names;
  readonly #meanings: Meanings;
  readonly #inRule: boolean;
  readonly #budget: CompileBudget;

  /** With `inRule` false, `==` under `not` keeps no reference inside: OPA has that for rules only. */
  constructor(names: Names, meanings: Meanings, inRule: boolean, budget: CompileBudget) {
    this.#budget = budget;
    this.#names = names;
    this.#meanings = meanings;
    this.#inRule = inRule;
  }

  body(body: Body): Body {
    const expanded: Expr[] = [];
    for (let index = 0; index < body.length; index++) this.#expr(body[index]!, expanded);
    return expanded;
  }

  /** Expands a term of a rule's head: its parts become expressions at the end of the body. */
  head(term: Term, body: Expr[]): Term {
    const parts: Parts = { before: body, held: [], with: [] };
    const operand = this.#operand(term, parts);
    pushAll(parts.held, body);
    return operand;
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
        return this.#argumentHeld(arg, body);
      default:
        return arg;
    }
  }

  #argumentHeld(arg: Term, body: Expr[]): Term {
    const parts: Parts = { before: body, held: [], with: [] };
    const held = this.#held(arg, parts);
    pushAll(parts.held, body);
    return held;
  }

  /** Adds an expression after what is taken out of it. */
  #expr(expr: Expr, into: Expr[]): void {
    const first = into.length;
    const modifiers = this.#modifiers(expr.with, into);
    if (expr.kind === 'call' && expr.infix === ERASED) {
      into.push(expr);
      return;
    }
    const parts: Parts = { before: into, held: [], with: modifiers };
    switch (expr.kind) {
      case 'term':
        into.push(this.#termExpr(expr, parts));
        return;
      case 'call':
        if (isNamed(expr.operator, 'internal', 'print')) this.#print(expr, into, first, parts);
        else into.push(this.#callExpr(expr, parts));
        return;
      case 'every': {
        const domain = this.#operand(expr.domain, parts);
        pushAll(parts.held, into);
        into.push({ ...expr, domain, body: this.body(expr.body), with: modifiers });
        return;
      }
      case 'not':
        into.push({ ...expr, body: this.body(expr.body), with: modifiers });
        return;
      case 'logic': {
        const left = this.#logicOperand(expr.left);
        into.push({ ...expr, left, right: this.#logicOperand(expr.right), with: modifiers });
        return;
      }
      default:
        throw new Error(`unexpected ${expr.kind} expression after resolution`);
    }
  }

  #termExpr(expr: TermExpr, parts: Parts): TermExpr {
    const term = this.#top(expr.term, parts);
    pushAll(parts.held, parts.before);
    if (term === expr.term && parts.with === expr.with) return expr;
    return { kind: 'term', negated: expr.negated, term, with: parts.with, location: expr.location };
  }

  #callExpr(expr: CallExpr, parts: Parts): CallExpr {
    const call = expr.negated && this.#inRule ? asUnification(expr) : expr;
    const args = mapAll(
      call.args,
      isEquality(call) ? (arg) => this.#top(arg, parts) : (arg) => this.#operand(arg, parts),
    );
    pushAll(parts.held, parts.before);
    return args === call.args && parts.with === call.with ? call : { ...call, args, with: parts.with };
  }

  /** Marks what is taken out of a `print`, so that unbound variables in it are reported as those of a `print`. */
  #print(expr: CallExpr, into: Expr[], first: number, parts: Parts): void {
    const args = expr.args.map((arg) => this.#operand(arg, parts));
    pushAll(parts.held, into);
    for (let index = first; index < into.length; index++) {
      const part = into[index]!;
      if (part.kind === 'call') into[index] = { ...part, infix: PRINTED };
    }
    into.push({ ...expr, args, with: parts.with });
  }

  #logicOperand(operand: LogicOperand): LogicOperand {
    return { ...operand, body: this.body(operand.body) };
  }

  /**
   * The modifiers with the parts of their values taken out: the calls of all of them come before what is held for any. Each
   * part stands by itself: it is computed without the modifiers.
   */
  #modifiers(given: readonly With[], into: Expr[]): readonly With[] {
    if (given.length === 0) return given;
    const own: Parts = { before: [], held: [], with: [] };
    const modifiers = given.map((modifier) => this.#modifier(modifier, own));
    for (const part of [...own.before, ...own.held]) {
      into.push(part.kind === 'call' ? { ...part, held: undefined } : part);
    }
    return modifiers;
  }

  #modifier(modifier: With, parts: Parts): With {
    const { target, value: given } = modifier;
    const { isFunction, isRule } = this.#meanings;
    const isName = given.kind === 'ref' || given.kind === 'var';
    if (isName && isFunction(target) && (isFunction(given) || isRule(given))) {
      const operator: RefTerm =
        given.kind === 'ref' ? given : { kind: 'ref', terms: [given], location: given.location };
      return { ...modifier, value: { kind: 'call', operator, args: [], location: given.location } };
    }
    return { ...modifier, value: this.#operand(given, parts) };
  }

  /** A term that may stay a reference or comprehension because an expression of its own holds it. */
  #top(term: Term, parts: Parts): Term {
    if (term.kind === 'ref') return this.#ref(term, parts);
    if (term.kind === 'comprehension') return this.#comprehension(term);
    return this.#operand(term, parts);
  }

  /** A term inside another: only constants, variables and collections of these stay. */
  #operand(term: Term, parts: Parts): Term {
    switch (term.kind) {
      case 'ref':
      case 'comprehension':
        return this.#held(term, parts);
      case 'call': {
        const own: Parts = { before: parts.before, held: [], with: parts.with };
        const args: Term[] = [];
        for (let index = 0; index < term.args.length; index++) args.push(this.#operand(term.args[index]!, own));
        const output = this.#names.fresh(term.location);
        this.#budget.spend(MODIFIER_COST * parts.with.length);
        args.push(output);
        pushAll(own.held, parts.before);
        parts.before.push({
          kind: 'call',
          negated: false,
          operator: term.operator,
          args,
          infix: term.infix,
          generated: true,
          with: parts.with,
          location: term.location,
        });
        return output;
      }
      case 'array':
      case 'set':
      case 'object':
        return mapTerm(term, (part) => this.#operand(part, parts));
      default:
        return term;
    }
  }

  /** A variable that an expression of its own makes equal to the term. */
  #held(term: Term, parts: Parts): Term {
    const part = this.#top(term, parts);
    const { location } = term;
    const held = this.#names.holding(part, location);
    this.#budget.spend(MODIFIER_COST * parts.with.length);
    parts.held.push({
      kind: 'call',
      negated: false,
      operator: dottedRef('eq', location),
      args: [held, part],
      infix: '=',
      generated: true,
      held: true,
      with: parts.with,
      location,
    });
    return held;
  }

  #ref(ref: RefTerm, parts: Parts): RefTerm {
    let isHead = true;
    const terms = mapAll(ref.terms, (term) => {
      if (!isHead) return this.#operand(term, parts);
      isHead = false;
      return term.kind === 'var' ? term : this.#headOf(term, parts);
    });
    return terms === ref.terms ? ref : { kind: 'ref', terms, location: ref.location };
  }

  #headOf(head: Term, parts: Parts): Term {
    const operand = this.#operand(head, parts);
    return operand.kind === 'var' ? operand : this.#held(operand, parts);
  }

  #comprehension(term: Term & { kind: 'comprehension' }): Term {
    const body: Expr[] = [...this.body(term.body)];
    const key = term.key === undefined ? undefined : this.head(term.key, body);
    const value = this.head(term.term, body);
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

function pushAll(exprs: readonly Expr[], into: Expr[]): void {
  for (let index = 0; index < exprs.length; index++) into.push(exprs[index]!);
}
