/** Arguments of `printf`: what they are in the format texts of Go. */
import { type Directive, type FormatArgument, formatArgument, pad } from '../algorithms/sprintf.ts';
import { Byte, Complex, Digits, List, type Plain, sortedEntries, typeNameOf, valueText } from './values.ts';

type Charge = (length: number) => void;

/** A value as an argument of `sprintf`. `charge` is told of the lengths of its members. */
export function printfArgument(value: Plain | undefined, charge: Charge): FormatArgument {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'bigint') return { kind: 'int64', value, type: 'int' };
  if (typeof value === 'number') return { kind: 'float64', value };
  if (value instanceof Digits) return { kind: 'string', value: value.text, type: 'json.Number' };
  if (value instanceof Byte) return byteArgument(value);
  const type = value === undefined ? '<nil>' : typeNameOf(value);
  const format = (verb: string, directive: Directive) => formatted(value, verb, directive, charge);
  const plainText = () => valueText(value);
  return { kind: 'other', type, plainText, isNil: value === undefined, format };
}

/** Numbers without sign are hexadecimal in the syntax of Go. */
function byteArgument({ value }: Byte): FormatArgument {
  const number = { kind: 'int64', value, type: 'uint8' } as const;
  const format = (verb: string, directive: Directive) =>
    formatArgument(number, verb === 'v' && directive.sharp ? 'x' : verb, directive);
  return { kind: 'other', type: number.type, plainText: () => String(value), isNil: false, format };
}

/** Undefined when the verb is none for the value. */
function formatted(
  value: Exclude<Plain, string | bigint | number | Digits | Byte> | undefined,
  verb: string,
  directive: Directive,
  charge: Charge,
): string | undefined {
  if (value === undefined) return verb === 'v' ? pad('<nil>', directive) : undefined;
  if (typeof value === 'boolean') return 'tv'.includes(verb) ? pad(String(value), directive) : undefined;
  if (value instanceof Complex) return complexText(value, verb, directive);
  const member = (item: Plain | undefined) => memberText(item, verb, directive, charge);
  const isSyntax = verb === 'v' && directive.sharp;
  const [separator, type] = isSyntax ? [', ', typeNameOf(value)] : [' ', value instanceof List ? '' : 'map'];
  const members =
    value instanceof List
      ? value.items().map(member)
      : sortedEntries(value).map(([key, item]) => `${member(key)}:${member(item)}`);
  const inside = members.join(separator);
  return isSyntax ? `${type}{${inside}}` : `${type}[${inside}]`;
}

function memberText(item: Plain | undefined, verb: string, directive: Directive, charge: Charge): string {
  if (item === undefined) return verb === 'v' && directive.sharp ? 'interface {}(nil)' : '<nil>';
  charge(Math.max(directive.width ?? 0, 3 * (directive.precision ?? 0)));
  const text = formatArgument(printfArgument(item, charge), verb, directive);
  charge(text.length);
  return text;
}

function complexText({ real, imaginary }: Complex, verb: string, directive: Directive): string | undefined {
  if (!'vbgGxXfFeE'.includes(verb)) return undefined;
  const left = formatArgument({ kind: 'float64', value: real }, verb, directive);
  const right = formatArgument({ kind: 'float64', value: imaginary }, verb, { ...directive, plus: true });
  return `(${left}${right}i)`;
}
