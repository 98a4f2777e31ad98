/** How the functions of templates compare values. */
import { BuiltinError } from '../../errors.ts';
import { compareStrings } from '../../values.ts';
import { Byte, Complex, Digits, type Plain, type Reflected, released, typeNameOf, valueText } from './values.ts';

type Kind = 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'string';

/** Undefined for nil, lists and maps. */
function kindOf(value: Plain | undefined): Kind | undefined {
  if (value instanceof Digits || typeof value === 'string') return 'string';
  if (value instanceof Byte) return 'uint';
  if (value instanceof Complex) return 'complex';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return typeof value === 'boolean' ? 'bool' : undefined;
}

/** What is compared of values of one kind; whole numbers with and without sign are of one. */
function comparable(value: Plain): Plain {
  if (value instanceof Digits) return value.text;
  if (value instanceof Byte) return value.value;
  return value instanceof Complex ? `${value.real} ${value.imaginary}` : value;
}

function haveOneKind(left: Kind | undefined, right: Kind | undefined): boolean {
  const isWhole = (kind: Kind | undefined) => kind === 'int' || kind === 'uint';
  return left === right || (isWhole(left) && isWhole(right));
}

function incompatible(left: Plain, right: Plain): BuiltinError {
  return new BuiltinError(`incompatible types for comparison: ${typeNameOf(left)} and ${typeNameOf(right)}`);
}

/** Whether two values are equal; nil is equal to nil only. Throws for kinds that differ and for lists and maps. */
export function areEqual(first: Reflected, second: Reflected): boolean {
  const [left, right] = [released(first), released(second)];
  if (left === undefined || right === undefined) return left === right;
  const kind = kindOf(left);
  if (!haveOneKind(kind, kindOf(right))) throw incompatible(left, right);
  if (kind === undefined) throw new BuiltinError(`non-comparable type ${valueText(right)}: ${typeNameOf(right)}`);
  return comparable(left) === comparable(right);
}

/** Whether the first argument is equal to one of the others. */
export function equalsAny(args: readonly Reflected[]): boolean {
  if (args.length < 2) throw new BuiltinError('missing argument for comparison');
  return args.slice(1).some((arg) => areEqual(args[0], arg));
}

/** Whether a value comes before another one. Throws for kinds that differ or have no order. */
export function isLess(first: Reflected, second: Reflected): boolean {
  const [left, right] = [released(first), released(second)];
  const [kind, other] = [kindOf(left), kindOf(right)];
  if (kind === undefined || other === undefined) throw new BuiltinError('invalid type for comparison');
  if (!haveOneKind(kind, other)) throw incompatible(left!, right!);
  if (kind === 'bool' || kind === 'complex') throw new BuiltinError('invalid type for comparison');
  const [a, b] = [comparable(left!), comparable(right!)];
  return kind === 'string' ? compareStrings(a as string, b as string) < 0 : (a as number) < (b as number);
}
