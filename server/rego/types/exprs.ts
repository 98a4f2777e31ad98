/** Checks the expressions of bodies, with what their `with` modifiers say. */
import type { Targets } from '../compile/call-checks.ts';
import { isEquality, isFunctionValue } from '../compile/expand.ts';
import { heldPart } from '../compile/names.ts';
import { ERASED } from '../compile/print-marks.ts';
import type { RuleNode } from '../compile/rule-tree.ts';
import { closures, ownTerms, walkTerm } from '../compile/walk.ts';
import type { Body, CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import { CallChecker } from './calls.ts';
import type { Findings } from './findings.ts';
import type { Known } from './known.ts';
import { constantSteps, documentPath, isInput } from './paths.ts';
import { bindAny, compared, isComparison, type Variables } from './patterns.ts';
import { union } from './relate.ts';
import { type BodyChecker, TermTypes } from './term-types.ts';
import { TypeTree } from './type-tree.ts';
import { ANY, type Type } from './types.ts';

/** Checks bodies, and tells the types of the terms in and around them. */
export class ExprChecker implements BodyChecker {
  readonly terms: TermTypes;
  readonly #targets: Targets;
  readonly #known: Known;
  readonly #findings: Findings;
  readonly #calls: CallChecker;

  constructor(targets: Targets, known: Known, findings: Findings) {
    this.#targets = targets;
    this.#known = known;
    this.#findings = findings;
    this.terms = new TermTypes(known, findings, this);
    this.#calls = new CallChecker(targets, known, this.terms, findings);
  }

  /** Adds the errors of a body to the findings, and the types of what it binds to the variables. */
  body(body: Body, variables: Variables): void {
    for (let index = 0; index < body.length; index++) this.#expr(body[index]!, variables);
  }

  /** What `with` puts below `input` can be anything there. */
  #expr(expr: Expr, variables: Variables): void {
    if (expr.with.length === 0) {
      this.#plain(expr, variables);
      return;
    }
    const replaced = expr.with.filter(({ target }) => isInput(target));
    const declared = this.#known.declared?.with(
      replaced.map(({ target }) => ({ path: constantSteps(target.terms, 'input'), type: ANY })),
    );
    this.#known.under(declared, () => this.#withReplaced(expr, variables));
  }

  /** Checks an expression with what its modifiers say of the documents they replace. */
  #withReplaced(expr: Expr, variables: Variables): void {
    const replaced = new TypeTree();
    const nodes: RuleNode[] = [];
    const functions: (() => void)[] = [];
    for (const { target, value, location } of expr.with) {
      const node = this.#known.ruleNode(target);
      if (node !== undefined) nodes.push(node);
      if (isFunctionValue(value)) functions.push(() => this.#calls.replacement(target, value.operator, location));
      else this.#replace(target, this.terms.made(value, variables), replaced);
    }
    this.#known.replacing(replaced, nodes, () => {
      for (const check of functions) check();
      this.#plain(expr, variables);
    });
  }

  /** Notes that a document can be what a modifier gives it. */
  #replace(target: RefTerm, given: Type, replaced: TypeTree): void {
    const path = documentPath(target);
    const isDeclared = this.#known.declared !== undefined && path?.[0] === 'input';
    if (path === undefined || isDeclared || this.#targets.target(target) !== undefined) return;
    const { type, taken } = this.#known.find(path);
    replaced.replace(path, taken === path.length ? union([type, given])! : ANY);
  }

  /** Checks an expression without its modifiers. */
  #plain(expr: Expr, variables: Variables): void {
    switch (expr.kind) {
      case 'term':
        this.terms.of(expr.term, variables);
        if (expr.term.kind !== 'var') bindAny(expr.term, variables);
        return;
      case 'call':
        if (expr.infix === ERASED) return;
        if (isEquality(expr) || isComparison(expr)) this.#equality(expr, variables);
        else this.#calls.call(expr, variables);
        return;
      case 'every':
        this.terms.of(expr.domain, variables);
        bindAny(expr.domain, variables);
        this.#calls.functionTargets(expr);
        this.#closures(expr, variables);
        return;
      case 'logic':
        this.#calls.functionTargets(expr);
        this.#closures(expr, variables);
        return;
      case 'not':
        this.#closures(expr, variables);
        return;
      default:
    }
  }

  /**
   * Inside closures only comprehensions and then references are checked. The variables in the steps of references count as bound
   * from then on, also for closures after this one; other variables that a closure binds can be anything.
   */
  #closures(expr: Expr, variables: Variables): void {
    this.#inClosures(expr, 'comprehension', variables);
    this.#inClosures(expr, 'ref', variables);
  }

  #inClosures(expr: Expr, kind: 'comprehension' | 'ref', variables: Variables): void {
    for (const body of closures(expr)) {
      for (const inner of body) {
        for (const term of inner.kind === 'call' ? inner.args : ownTerms(inner)) this.#loose(term, kind, variables);
        if (kind === 'ref' && (inner.kind === 'every' || inner.kind === 'logic')) this.#calls.functionTargets(inner);
        this.#inClosures(inner, kind, variables);
      }
    }
  }

  #loose(term: Term, kind: 'comprehension' | 'ref', variables: Variables): void {
    walkTerm(term, (part) => {
      if (part.kind === kind) this.terms.of(part, variables);
      return part.kind !== 'ref' && part.kind !== 'comprehension';
    });
  }

  #equality(expr: CallExpr, variables: Variables): void {
    if (expr.args.some(stepsIntoScalar)) {
      this.#findings.fail('match error', expr.location);
      return;
    }
    const [first, second] = isComparison(expr) ? compared(expr) : (expr.args as readonly [Term, Term]);
    if (!this.terms.unifier.unify(first, second, variables)) {
      const [left, right] = expr.args.map((arg) => this.terms.text(arg, variables));
      this.#findings.fail('match error', expr.location, `left  : ${left}\nright : ${right}`);
    }
    for (const arg of expr.args) bindAny(arg, variables);
  }
}

/** Whether the term is what `some x in 1` makes of its domain. */
function stepsIntoScalar(term: Term): boolean {
  return term.kind === 'ref' && heldPart(term.terms[0]!)?.kind === 'scalar';
}
