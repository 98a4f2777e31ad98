/** What is known about the variables of one rule before it is evaluated: their constants, and where they come from. */
import { lookup as lookupBuiltin } from '../builtins/registry.ts';
import type { Expr, RefTerm, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import type { Type } from '../types/types.ts';
import { equal, RegoObject, RegoSet, toText, type Value } from '../values.ts';
import type { AnalysedBranch } from './analyse.ts';
import { constantOf } from './constants.ts';
import { refText, termText } from './ref-text.ts';
import { isGenerated } from './shown-names.ts';
import { closures, walkTerm } from './walk.ts';

/** A variable may be traced through this many others. */
const MOST_ALIASES = 100;

/** What an expression makes a variable equal to. */
type Origin = { readonly kind: 'term'; readonly term: Term } | { readonly kind: 'call'; readonly name: string };

/** Where the value of a term comes from. */
export interface Source {
  /** In words for errors, as far as they can tell. */
  readonly text: string | undefined;
  /** Whether the value can be no string. */
  readonly isNoString: boolean;
}

/** The variables of one branch of a rule. */
export class KnownValues {
  readonly #origins = new Map<string, Origin[]>();
  /** References and comprehensions that the expander took out of terms, by the variable that stands for them. */
  readonly #held = new Map<string, Term>();
  readonly #everyVars = new Set<string>();
  readonly #headVars = new Set<string>();
  readonly #function: string | undefined;
  readonly #args: ReadonlySet<string>;
  readonly #candidates = new Map<string, readonly Value[] | undefined>();

  /** `name` is the rule as errors show it. */
  constructor(branch: AnalysedBranch, name: string) {
    this.#function = branch.args === undefined ? undefined : name;
    this.#args = new Set((branch.args ?? []).flatMap((arg) => (arg.kind === 'var' ? [arg.name] : [])));
    walkTerm(branch.value, (term) => term.kind !== 'var' || this.#headVars.add(term.name) !== undefined);
    for (const expr of branch.body) {
      this.#note(expr);
      this.#noteInner(expr);
    }
  }

  #note(expr: Expr): void {
    if (expr.kind !== 'call' || expr.negated || expr.with.length > 0) return;
    const name = dottedName(expr.operator);
    const [left, right] = expr.args as [Term, Term];
    if (name === 'eq') {
      if (expr.held && left.kind === 'var') this.#held.set(left.name, right);
      if (left.kind === 'var') this.#add(left.name, { kind: 'term', term: right });
      if (right.kind === 'var') this.#add(right.name, { kind: 'term', term: left });
      return;
    }
    const builtin = name === undefined ? undefined : lookupBuiltin(name);
    const output = expr.args.at(-1);
    if (builtin === undefined || output?.kind !== 'var') return;
    if (expr.args.length > builtin.signature.args.length) this.#add(output.name, { kind: 'call', name: builtin.name });
  }

  /** What closures hold and declare. */
  #noteInner(expr: Expr): void {
    if (expr.kind === 'every') {
      for (const variable of [expr.key, expr.value]) if (variable !== undefined) this.#everyVars.add(variable.name);
    }
    for (const body of closures(expr)) {
      for (const inner of body) {
        const [name, term] = inner.kind === 'call' && inner.held ? inner.args : [];
        if (name?.kind === 'var') {
          this.#held.set(name.name, term!);
        }
        this.#noteInner(inner);
      }
    }
  }

  #add(name: string, origin: Origin): void {
    const known = this.#origins.get(name);
    if (known === undefined) this.#origins.set(name, [origin]);
    else known.push(origin);
  }

  /** Whether `every` gives the term its values, of which nothing is told. */
  isOfEvery(term: Term): boolean {
    return term.kind === 'var' && this.#everyVars.has(term.name);
  }

  /** Whether the expression gives a part of the head its value. */
  isOfHead(expr: Expr): boolean {
    const [first] = expr.kind === 'call' && expr.held ? expr.args : [];
    return first?.kind === 'var' && this.#headVars.has(first.name);
  }

  /** The term as it was before the expander took parts of it out. */
  #asWritten(term: Term): Term {
    const held = term.kind === 'var' ? this.#held.get(term.name) : undefined;
    if (held?.kind === 'ref') return held;
    if (term.kind !== 'ref') return term;
    const head = this.#asWritten(term.terms[0]!);
    return head.kind === 'ref' ? { ...term, terms: [...head.terms, ...term.terms.slice(1)] } : term;
  }

  /** A term as errors show it. */
  text(term: Term): string {
    const written = this.#asWritten(term);
    switch (written.kind) {
      case 'var':
        return headText(written);
      case 'ref':
        return pathWithSteps(this.text(written.terms[0]!), written.terms.slice(1), (step) => {
          const isInner = term.kind === 'var' && step.kind === 'var' && isGenerated(step.name);
          return isInner ? '__local1__' : this.text(step);
        });
      case 'array':
        return `[${written.items.map((item) => this.text(item)).join(', ')}]`;
      default:
        return termText(written);
    }
  }

  /** Every value that the term can have, when constants tell them. */
  candidates(term: Term, depth = 0): readonly Value[] | undefined {
    const constant = constantOf(term);
    if (constant !== undefined) return [constant.value];
    if (depth > MOST_ALIASES) return undefined;
    if (term.kind === 'var') return this.#candidatesOfVariable(term.name, depth);
    if (term.kind !== 'ref' || term.terms[0]!.kind !== 'var') return undefined;
    const [head, ...steps] = term.terms as [Term, ...Term[]];
    return steps.reduce<readonly Value[] | undefined>(
      (values, step) => values?.flatMap((value) => below(value, step)),
      this.candidates(head, depth + 1),
    );
  }

  #candidatesOfVariable(name: string, depth: number): readonly Value[] | undefined {
    if (this.#candidates.has(name)) return this.#candidates.get(name);
    // What is found on the way back to this variable tells nothing about it.
    this.#candidates.set(name, undefined);
    for (const origin of this.#origins.get(name) ?? []) {
      const found = origin.kind === 'term' ? this.candidates(origin.term, depth + 1) : undefined;
      if (found === undefined) continue;
      this.#candidates.set(name, found);
      return found;
    }
    return undefined;
  }

  /** Where a term that stands as a step comes from. */
  source(step: Term): Source {
    const term = this.#asWritten(step);
    if (term.kind === 'ref') {
      const isOfData = headName(term) === 'data';
      return { text: isOfData ? "rule values aren't known at compile time" : undefined, isNoString: false };
    }
    if (term.kind !== 'var') return { text: undefined, isNoString: false };
    if (this.#args.has(term.name)) {
      return { text: `${this.text(term)} is an argument of ${this.#function}`, isNoString: false };
    }
    return this.#sourceOfVariable(term, term.name, new Set());
  }

  #sourceOfVariable(shown: Term, name: string, seen: Set<string>): Source {
    seen.add(name);
    const text = this.text(shown);
    for (const origin of this.#origins.get(name) ?? []) {
      if (origin.kind === 'call') {
        const { result } = lookupBuiltin(origin.name)!.signature;
        if (result !== undefined && !canBeString(result)) return { text: undefined, isNoString: true };
        return { text: `${text} is computed by ${origin.name}`, isNoString: false };
      }
      const term = this.#asWritten(origin.term);
      const found =
        term.kind === 'var' && !seen.has(term.name) ? this.#sourceOfVariable(shown, term.name, seen) : undefined;
      if (found !== undefined && (found.text !== undefined || found.isNoString)) return found;
      const words = term.kind === 'ref' ? this.#refSource(term) : undefined;
      if (words !== undefined) return { text: `${text} ${words}`, isNoString: false };
    }
    return { text: undefined, isNoString: false };
  }

  #refSource(ref: RefTerm): string | undefined {
    const head = headName(ref);
    if (head === 'input') return `comes from ${constantPart(ref)}`;
    if (head === 'data') return `comes from rule ${constantPart(ref)}, whose value isn't known at compile time`;
    const [first, step] = ref.terms as [Term, Term];
    const collections = ref.terms.length === 2 && step.kind !== 'scalar' ? this.candidates(first) : undefined;
    return collections?.length === 1 ? `is one of ${toText(collections[0]!)}` : undefined;
  }
}

/** The members of a value that a step can lead to. */
function below(value: Value, step: Term): readonly Value[] {
  const key = constantOf(step)?.value;
  if (value instanceof RegoObject) {
    if (key === undefined) return [...value.values()];
    const member = value.get(key);
    return member === undefined ? [] : [member];
  }
  const members = value instanceof RegoSet ? value.items() : Array.isArray(value) ? (value as readonly Value[]) : [];
  if (key === undefined) return members;
  if (value instanceof RegoSet) return members.filter((member) => equal(member, key));
  return typeof key === 'number' && members[key] !== undefined ? [members[key]] : [];
}

function headName(ref: RefTerm): string | undefined {
  const head = ref.terms[0]!;
  return head.kind === 'var' ? head.name : undefined;
}

/** A reference up to its first step that is no constant. */
function constantPart(ref: RefTerm): string {
  const end = ref.terms.findIndex((step, index) => index > 0 && step.kind !== 'scalar');
  return refText(end < 0 ? ref : { ...ref, terms: ref.terms.slice(0, end) });
}

function canBeString(type: Type): boolean {
  if (type.kind === 'any') return type.of.length === 0 || type.of.some(canBeString);
  return type.kind === 'string';
}

/** A head with steps after it: `data.a["b c"][x]`. */
export function pathWithSteps(head: string, steps: readonly Term[], text: (step: Term) => string): string {
  return steps.reduce((path, step) => {
    if (step.kind !== 'scalar') return `${path}[${text(step)}]`;
    const isName = typeof step.value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.value);
    return isName ? `${path}.${String(step.value)}` : `${path}[${toText(step.value)}]`;
  }, head);
}

/** A step of a rule's head as errors show it; what the expander took out of it is a local. */
export function headText(term: Term): string {
  return term.kind === 'var' && isGenerated(term.name) ? '__local0__' : termText(term);
}
