/** The types of terms: constants, collections, comprehensions and references. */
import { constantOf } from '../compile/constants.ts';
import { refText } from '../compile/ref-text.ts';
import { isGenerated } from '../compile/shown-names.ts';
import { walkTerm } from '../compile/walk.ts';
import type { Body, RefTerm, Term, VarTerm } from '../syntax/ast.ts';
import { keyOf, type Value, type ValueKey } from '../values.ts';
import type { Findings } from './findings.ts';
import { innerVariables } from './inner-variables.ts';
import type { Known } from './known.ts';
import { constantStep, constantSteps } from './paths.ts';
import { bindAny, keyOrder, type Variables } from './patterns.ts';
import { constantType, isVague, keysOf, partsOf, select, typeText, union } from './relate.ts';
import { ANY, arrayType, objectType, type StaticProperty, setType, sizeOf, type Type, UNKNOWN } from './types.ts';
import { type TermTyper, Unifier } from './unify.ts';

/** Checks the bodies of comprehensions. */
export interface BodyChecker {
  /** Adds the errors of a body to the findings, and the types of what it binds to the variables. */
  body(body: Body, variables: Variables): void;
}

/** Going over the parts of a type takes little beside comparing them: an eighth; as a shift, so that work stays whole. */
const LOOKS_PER_PART = 3;

/** Tells the types of terms; references that lead nowhere are errors. */
export class TermTypes implements TermTyper {
  readonly unifier: Unifier;
  readonly #known: Known;
  readonly #findings: Findings;
  readonly #bodies: BodyChecker;

  constructor(known: Known, findings: Findings, bodies: BodyChecker) {
    this.#known = known;
    this.#findings = findings;
    this.unifier = new Unifier(this, findings);
    this.#bodies = bodies;
  }

  /** The type of a term, or undefined while it has unbound variables. */
  of(term: Term, variables: Variables): Type | undefined {
    this.#findings.charge(1);
    switch (term.kind) {
      case 'scalar':
        return constantType(term.value);
      case 'var':
        return term.name === 'input' || term.name === 'data'
          ? this.#known.describe([term.name], ANY)
          : this.#charged(variables.get(term.name));
      case 'ref':
        return this.#charged(this.#ref(term, variables));
      case 'array': {
        return arrayType(term.items.map((item) => this.of(item, variables) ?? UNKNOWN));
      }
      case 'set': {
        const items = term.items.map((item) => this.of(item, variables));
        // Of members that nothing is known of yet OPA knows no type either: the set is taken for empty.
        return setType(union(items));
      }
      case 'object':
        return this.#object(term.entries, variables);
      case 'comprehension': {
        const inner = innerVariables(variables);
        this.#bodies.body(term.body, inner);
        // OPA takes the results for empty whose members it knows nothing of yet.
        const isUnknown = term.term.kind === 'var' && !inner.has(term.term.name);
        if (isUnknown && term.collect === 'array') return arrayType([]);
        if (isUnknown && term.collect === 'set') return setType();
        const value = isUnknown ? UNKNOWN : this.made(term.term, inner);
        if (term.collect === 'array') return arrayType([], value);
        if (term.collect === 'set') return setType(value);
        return objectType([], { key: this.made(term.key!, inner), value });
      }
      default:
        return ANY;
    }
  }

  /** The type of what a head gives: as in OPA, a variable is made equal to what must be computed. */
  made(term: Term, variables: Variables): Type {
    return mentionsParts(term) ? this.unifier.given(term, variables) : (this.of(term, variables) ?? ANY);
  }

  /** The type, which somebody will look at. */
  #charged(type: Type | undefined): Type | undefined {
    this.#findings.charge(sizeOf(type) >> LOOKS_PER_PART);
    return type;
  }

  /** The type of a term whose errors have been told already. */
  quietly(term: Term, variables: Variables): Type | undefined {
    return this.#findings.quietly(() => this.of(term, variables));
  }

  /** The type of a term as an error shows it. */
  text(term: Term, variables: Variables): string {
    return typeText(this.quietly(term, variables));
  }

  #object(entries: readonly (readonly [Term, Term])[], variables: Variables): Type {
    const properties = new Map<ValueKey, StaticProperty>();
    let last: readonly [Term, Term] | undefined;
    for (const entry of entries) {
      const [key, item] = entry;
      const constant = constantOf(key);
      if (constant === undefined) {
        // As in OPA, only the last of the keys that are no constants counts.
        if (last === undefined || keyOrder(last[0], key) <= 0) last = entry;
        continue;
      }
      const value = this.of(item, variables) ?? UNKNOWN;
      // Of equal keys the last counts.
      properties.set(keyOf(constant.value), { key: constant.value, value });
    }
    const known = [...properties.values()];
    if (last === undefined) return objectType(known);
    const [key, value] = last.map((term) => this.of(term, variables) ?? UNKNOWN) as [Type, Type];
    return objectType(known, { key, value });
  }

  #ref(ref: RefTerm, variables: Variables): Type | undefined {
    const head = ref.terms[0]!;
    if (head.kind === 'var' && (head.name === 'data' || head.name === 'input')) return this.#document(ref, variables);
    return this.#steps(ref, this.of(head, variables) ?? ANY, ref.terms.slice(1), variables);
  }

  /** The type of a reference into `data` or `input`: of what schemas declare first, then of what rules make. */
  #document(ref: RefTerm, variables: Variables): Type | undefined {
    const head = ref.terms[0] as VarTerm;
    const steps = ref.terms.slice(1);
    const constants = constantSteps(ref.terms, head.name);
    const depth = this.#known.declared?.depthOn(constants);
    if (depth !== undefined) {
      return this.#steps(ref, this.#known.describe(constants.slice(0, depth), ANY), steps.slice(depth - 1), variables);
    }
    const node = head.name === 'data' ? this.#known.functionAt(steps) : undefined;
    if (node !== undefined) {
      const type = this.#known.functionType(node);
      const details = type === undefined ? undefined : `have: ${typeText(type)}`;
      this.#findings.fail(`function ${refText(ref)} used as reference, not called`, ref.location, details);
      return ANY;
    }
    const path = [head.name, ...steps.map(constantStep)];
    const { type, taken, known } = this.#known.find(path);
    if (!known && constants.length === path.length) return this.#known.describe(constants, ANY);
    return this.#steps(
      ref,
      this.#known.describe(path.slice(0, taken) as Value[], type),
      steps.slice(taken - 1),
      variables,
    );
  }

  /** The type after the steps of a reference; an error when one of them leads nowhere. */
  #steps(ref: RefTerm, start: Type, steps: readonly Term[], variables: Variables): Type | undefined {
    let type = start;
    for (const step of steps) {
      this.#findings.charge(sizeOf(type) >> LOOKS_PER_PART);
      const next = step.kind === 'scalar' ? select(type, step.value) : this.#variableStep(type, step, variables);
      if (next === undefined) {
        this.#findings.fail(`undefined ref: ${refText(ref)}`, ref.location, `have: ${typeText(type)}`);
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
    // What such a step was said to be by this very reference says nothing against it.
    const own = step.kind === 'var' ? variables.get(step.name) : undefined;
    if (own !== undefined && isVague(own) && typeText(own) === typeText(keys)) return partsOf(type);
    return this.unifier.fits(step, keys, variables) ? partsOf(type) : undefined;
  }
}

/** Whether something was taken out of the term to be computed before it. */
function mentionsParts(term: Term): boolean {
  let found = false;
  walkTerm(term, (part) => {
    found ||= part.kind === 'var' && isGenerated(part.name);
    return !found;
  });
  return found;
}
