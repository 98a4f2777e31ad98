/** Calls with too few or too many arguments, which are told before anything else of them is looked at. */
import { RegoError } from '../errors.ts';
import type { CallExpr, Term } from '../syntax/ast.ts';
import { constantType, typeText } from '../types/relate.ts';
import { ANY, arrayType, objectType, setType, type Type, UNKNOWN } from '../types/types.ts';
import { constantOf } from './constants.ts';
import { heldPart } from './names.ts';
import type { Target } from './target.ts';

/** The error of an expanded call that gives its function more or fewer arguments than it takes; undefined when it fits. */
export function arityError(expr: CallExpr, target: Target): RegoError | undefined {
  const { arity, name } = target;
  // A call inside a term has a variable for its value as its last argument; others may name one for it.
  const given = expr.args.length - (expr.generated ? 1 : 0);
  if (target.kind === 'rule') {
    if (given === arity || (given === arity + 1 && !expr.generated)) return undefined;
    const message = `function ${name} has arity ${arity}, got ${given} argument${given === 1 ? '' : 's'}`;
    return new RegoError('rego_type_error', message, expr.location);
  }
  const { args, result, variadic } = target.builtin.signature;
  const most = variadic === undefined ? arity + (expr.generated || result === undefined ? 0 : 1) : given;
  if (given >= arity && given <= most) {
    if (result !== undefined || !expr.generated) return undefined;
    return new RegoError('rego_type_error', `${expr.location.text} used as value`, expr.location);
  }
  // An equality with something beside its two sides makes no value, and one of them with its value compares both.
  if (name === 'eq' && expr.generated) return undefined;
  const what = name === 'eq' && given > arity ? 'too many arguments' : 'arity mismatch';
  const have = expr.args.map((arg) => typeText(typeAlone(arg))).join(', ');
  const want = args.map(typeText).join(', ');
  const details = `have: (${have})\nwant: (${want})`;
  return new RegoError('rego_type_error', `${name}: ${what}`, expr.location, undefined, details);
}

/** What a term says of its type by itself, without the expressions beside it; undefined when that is nothing. */
function typeAlone(term: Term): Type | undefined {
  switch (term.kind) {
    case 'scalar':
      return constantType(term.value);
    case 'var':
      return heldPart(term) === undefined ? undefined : ANY;
    case 'array':
      return arrayType(term.items.map((item) => typeAlone(item) ?? UNKNOWN));
    case 'set':
      return setType(term.items.map(typeAlone).find((type) => type !== undefined));
    case 'object': {
      const properties = term.entries.flatMap(([key, value]) => {
        const constant = constantOf(key);
        return constant === undefined ? [] : [{ key: constant.value, value: typeAlone(value) ?? UNKNOWN }];
      });
      return objectType(properties);
    }
    default:
      return ANY;
  }
}
