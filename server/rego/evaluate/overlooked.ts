/**
 * Rules that OPA does not even look at, because its index tells that they cannot hold. An error in such a rule is none: where
 * `input.user` is undefined, a rule that needs it is undefined too, whatever else stands before it in its body.
 *
 * Our own index is smaller, as looking is mostly not quicker than trying; so what OPA overlooks is found out after an error.
 */
import type { AnalysedBranch } from '../compile/analyse.ts';
import { isEquality } from '../compile/expand.ts';
import { isGenerated } from '../compile/shown-names.ts';
import { RegoError } from '../errors.ts';
import type { Expr, Term } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import type { ProgramCode } from './coder.ts';
import { branchDemands, type Demand } from './demands.ts';
import type { Machine } from './machine.ts';
import { KnownVariables, type Place, visitPlace } from './places.ts';
import { isCollection, scalarKey } from './scalar-key.ts';

const EXCUSED: ReadonlySet<string> = new Set(['eval_conflict_error', 'eval_builtin_error']);

/** What a rule, or one of its `else` branches, needs of the documents and arguments. */
export class Overlooked {
  readonly #program: ProgramCode;
  readonly #branch: AnalysedBranch;
  readonly #heads: readonly Term[];
  #demands: readonly Demand[] | undefined;
  #present: readonly Place[] = [];

  /** `heads` are the terms that the arguments, or the keys asked for, are matched with. */
  constructor(program: ProgramCode, branch: AnalysedBranch, heads: readonly Term[]) {
    this.#program = program;
    this.#branch = branch;
    this.#heads = heads;
  }

  /** Throws the error again, unless the branch is one that OPA does not look at. */
  excuse(error: unknown, machine: Machine, args: readonly Value[]): void {
    const isExcused = error instanceof RegoError && EXCUSED.has(error.code);
    // The demands were read off calls as they stand.
    if (!isExcused || machine.replacements !== undefined) throw error;
    if (this.#demands === undefined) {
      const known = new KnownVariables(this.#program, { readsRules: false });
      this.#demands = branchDemands(this.#program, this.#branch, this.#heads, known);
      this.#present = presentPlaces(this.#branch.body, known);
    }
    machine.budget.charge(this.#demands.length + this.#present.length);
    const holds =
      this.#demands.every((demand) => visitPlace(demand.place, machine, args, (value) => fits(value, demand))) &&
      this.#present.every((place) => visitPlace(place, machine, args, () => true));
    if (holds) throw error;
  }
}

function fits(value: Value, { values, prefixes }: Demand): boolean {
  if (prefixes.length > 0) return typeof value === 'string' && prefixes.some((prefix) => value.startsWith(prefix));
  const key = scalarKey(value);
  return key === undefined ? !isCollection(value) : values.includes(key);
}

/** The places where something must be: paths that stand by themselves, or that a variable is made equal to. */
function presentPlaces(body: readonly Expr[], known: KnownVariables): Place[] {
  const plain = body.filter(isPlain);
  const compared = comparedPaths(plain);
  const places: Place[] = [];
  for (const expr of plain) {
    const path = pathOf(expr, compared);
    const place = path && known.place(path);
    if (place !== undefined && !place.several) places.push(place);
  }
  return places;
}

function isPlain(expr: Expr): boolean {
  return (expr.kind === 'term' || expr.kind === 'call') && !expr.negated && expr.with.length === 0;
}

/** The variables that hold the sides of a comparison of two paths, of which OPA's index knows nothing. */
function comparedPaths(body: readonly Expr[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const expr of body) {
    if (expr.kind !== 'call' || expr.infix !== '==') continue;
    const held = expr.args.filter((arg) => arg.kind === 'var' && isGenerated(arg.name));
    if (held.length === expr.args.length) for (const arg of held) if (arg.kind === 'var') names.add(arg.name);
  }
  return names;
}

function pathOf(expr: Expr, compared: ReadonlySet<string>): Term | undefined {
  if (expr.kind === 'term') return expr.term.kind === 'ref' ? expr.term : undefined;
  if (expr.kind !== 'call' || !isEquality(expr)) return undefined;
  const [left, right] = expr.args as [Term, Term];
  if (left.kind === 'var' && right.kind === 'ref') return compared.has(left.name) ? undefined : right;
  return left.kind === 'ref' && right.kind === 'var' ? left : undefined;
}
