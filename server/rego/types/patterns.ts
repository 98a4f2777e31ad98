/** What the type checker knows about expressions, patterns and variables without looking at rules. */
import { constantOf } from '../compile/constants.ts';
import { isGenerated } from '../compile/shown-names.ts';
import type { CallExpr, Term } from '../syntax/ast.ts';
import { keyOf } from '../values.ts';
import { union } from './relate.ts';
import { ANY, type FunctionType, functionType, type Type } from './types.ts';

/** The types of the variables bound so far. */
export type Variables = Map<string, Type>;

/** Whether the expression is `==`, which is checked like `=`. */
export function isComparison(expr: CallExpr): boolean {
  return expr.infix === '==' && expr.args.length === 2;
}

/**
 * The operands of a comparison, as references where one was taken out: OPA compares what was written, and takes a
 * reference for less than a variable of the same type.
 */
export function compared(expr: CallExpr): [left: Term, right: Term] {
  const written = (arg: Term): Term =>
    arg.kind === 'var' && isGenerated(arg.name) && 'shown' in arg
      ? { kind: 'ref', terms: [arg], location: arg.location }
      : arg;
  return [written(expr.args[0]!), written(expr.args[1]!)];
}

/** A name that two keys share when they are the same constant or the same variable; undefined for other keys. */
export function keyName(key: Term): string | undefined {
  if (key.kind === 'var') return `variable ${key.name}`;
  const constant = constantOf(key);
  return constant === undefined ? undefined : `constant ${typeof constant.value} ${String(keyOf(constant.value))}`;
}

/** How OPA sorts keys that are no constants: variables first, by the names that it gives them. */
export function keyOrder(a: Term, b: Term): number {
  if (a.kind !== 'var' || b.kind !== 'var') return Number(a.kind !== 'var') - Number(b.kind !== 'var');
  const left = orderOfName(a.name);
  const right = orderOfName(b.name);
  return left[0] - right[0] || left[1] - right[1] || (a.name < b.name ? -1 : 1);
}

/** Variables that a body declares and those of the engine are numbered by OPA; others keep their names. */
function orderOfName(name: string): [rank: number, number: number] {
  const mark = name.indexOf('$');
  if (mark < 0) return [/^[A-Z]/.test(name) ? 1 : 3, 0];
  return [name.startsWith('_$') ? 0 : 2, Number(name.slice(mark + 1))];
}

/** Lets every variable of the term that has no type yet be anything. */
export function bindAny(term: Term, variables: Variables): void {
  switch (term.kind) {
    case 'var':
      if (!variables.has(term.name) && term.name !== 'data' && term.name !== 'input') variables.set(term.name, ANY);
      return;
    case 'ref':
      for (const step of term.terms) bindAny(step, variables);
      return;
    case 'array':
    case 'set':
      for (const item of term.items) bindAny(item, variables);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        bindAny(key, variables);
        bindAny(value, variables);
      }
      return;
    default:
  }
}

/** The type of a function with several definitions. */
export function mergeFunctions(types: readonly FunctionType[]): FunctionType {
  const count = types[0]!.args.length;
  const args: Type[] = [];
  for (let index = 0; index < count; index++) args.push(union(types.map((type) => type.args[index])) ?? ANY);
  return functionType(args, union(types.map((type) => type.result)) ?? ANY);
}
