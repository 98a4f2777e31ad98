import { binaryNotation, fixed, general, scientific } from './float-format.ts';
import { quote, quoteCharacter } from './quote.ts';

/** An argument of a format text, with the type name that mismatches show. */
export type FormatArgument =
  | { readonly kind: 'int64' | 'big.Int'; readonly value: bigint; readonly type?: string }
  | { readonly kind: 'float64'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string; readonly type?: string }
  | {
      /** Formats itself, with undefined for verbs that are none for it. */
      readonly kind: 'other';
      readonly type: string;
      readonly plainText: () => string;
      readonly isNil: boolean;
      readonly format: (verb: string, directive: Directive) => string | undefined;
    };

/** The flags and sizes between the percent sign and the verb. */
export interface Directive {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** The largest width and precision; larger ones are marked as bad in the output (as in Go). */
const MAXIMUM_SIZE = 1_000_000;

/**
 * Formats like Go's `fmt.Sprintf`: all verbs, flags, widths, precisions, `*` and argument indexes. Never fails: mistakes are
 * marked in the text (`%!d(string=hi)`, `%!d(MISSING)`, `%!(EXTRA int64=2)`). `charge` is told of every produced length.
 */
export function sprintf(format: string, args: readonly FormatArgument[], charge: (length: number) => void): string {
  return new Formatter(format, args, charge).run();
}

class Formatter {
  readonly #format: string;
  readonly #args: readonly FormatArgument[];
  readonly #charge: (length: number) => void;
  #position = 0;
  #argument = 0;
  #reordered = false;
  #afterIndex = false;
  #goodIndex = true;
  #out = '';

  constructor(format: string, args: readonly FormatArgument[], charge: (length: number) => void) {
    this.#format = format;
    this.#args = args;
    this.#charge = charge;
  }

  run(): string {
    while (this.#position < this.#format.length) {
      const next = this.#format.indexOf('%', this.#position);
      const end = next < 0 ? this.#format.length : next;
      this.#out += this.#format.slice(this.#position, end);
      this.#position = end + 1;
      if (next >= 0) this.#directive();
    }
    if (!this.#reordered && this.#argument < this.#args.length) {
      const extra = this.#args.slice(this.#argument).map(described);
      this.#out += `%!(EXTRA ${extra.join(', ')})`;
    }
    return this.#out;
  }

  #directive(): void {
    this.#afterIndex = false;
    this.#goodIndex = true;
    const flags = this.#flags();
    this.#index();
    const [width, widthMinus] = this.#width();
    const precision = this.#precision();
    if (!this.#afterIndex) this.#index();
    const verb = this.#nextCharacter();
    if (verb === undefined) {
      this.#out += '%!(NOVERB)';
      return;
    }
    const minus = flags.minus || widthMinus;
    const directive = { ...flags, minus, zero: flags.zero && !minus, width, precision };
    this.#emit(verb, directive);
  }

  #emit(verb: string, directive: Directive): void {
    if (verb === '%') {
      this.#out += '%';
    } else if (!this.#goodIndex) {
      this.#out += `%!${verb}(BADINDEX)`;
    } else if (this.#argument >= this.#args.length) {
      this.#out += `%!${verb}(MISSING)`;
    } else {
      const arg = this.#args[this.#argument]!;
      this.#argument += 1;
      this.#charge(Math.max(directive.width ?? 0, 3 * (directive.precision ?? 0)));
      // With `v` the plus asks for more detail, which only big numbers take for their sign.
      const plain = verb === 'v' && arg.kind !== 'big.Int';
      const text = formatArgument(arg, verb, plain ? { ...directive, plus: false } : directive);
      this.#charge(text.length);
      this.#out += text;
    }
  }

  #nextCharacter(): string | undefined {
    const point = this.#format.codePointAt(this.#position);
    if (point === undefined) return undefined;
    const character = String.fromCodePoint(point);
    this.#position += character.length;
    return character;
  }

  #flags() {
    const flags = { minus: false, plus: false, sharp: false, space: false, zero: false };
    const names = { '-': 'minus', '+': 'plus', '#': 'sharp', ' ': 'space', '0': 'zero' } as const;
    for (;;) {
      const name = names[this.#format[this.#position] as keyof typeof names];
      if (!name) return flags;
      flags[name] = true;
      this.#position += 1;
    }
  }

  #index(): void {
    if (this.#format[this.#position] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#position);
    const text = close < 0 ? '' : this.#format.slice(this.#position + 1, close);
    const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
    this.#position = close < 0 ? this.#position + 1 : close + 1;
    if (number >= 1 && number <= this.#args.length) {
      this.#argument = number - 1;
      this.#afterIndex = true;
    } else {
      this.#goodIndex = false;
    }
  }

  #number(): number | undefined {
    const match = /^\d+/.exec(this.#format.slice(this.#position, this.#position + 8));
    if (!match) return undefined;
    this.#position += match[0].length;
    return Number(match[0]);
  }

  #star(): number | undefined {
    this.#position += 1;
    this.#afterIndex = false;
    const arg = this.#args[this.#argument];
    if (arg) this.#argument += 1;
    if (arg?.kind !== 'int64' || arg.value > BigInt(MAXIMUM_SIZE) || arg.value < BigInt(-MAXIMUM_SIZE))
      return undefined;
    return Number(arg.value);
  }

  #width(): [number | undefined, boolean] {
    if (this.#format[this.#position] === '*') {
      const width = this.#star();
      if (width === undefined) this.#out += '%!(BADWIDTH)';
      return width !== undefined && width < 0 ? [-width, true] : [width, false];
    }
    const width = this.#number();
    if (this.#afterIndex && width !== undefined) this.#goodIndex = false;
    if (width !== undefined && width > MAXIMUM_SIZE) {
      this.#out += '%!(BADWIDTH)';
      return [undefined, false];
    }
    return [width, false];
  }

  #precision(): number | undefined {
    if (this.#format[this.#position] !== '.') return undefined;
    this.#position += 1;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format[this.#position] === '*') {
      const precision = this.#star();
      if (precision !== undefined && precision >= 0) return precision;
      this.#out += '%!(BADPREC)';
      return undefined;
    }
    const precision = this.#number() ?? 0;
    if (precision <= MAXIMUM_SIZE) return precision;
    this.#out += '%!(BADPREC)';
    return undefined;
  }
}

function typeName(arg: FormatArgument): string {
  if (arg.kind === 'big.Int') return '*big.Int';
  return 'type' in arg && arg.type !== undefined ? arg.type : arg.kind;
}

/** An argument that no verb takes, with its type; nil has none. */
function described(arg: FormatArgument): string {
  return arg.kind === 'other' && arg.isNil ? plainText(arg) : `${typeName(arg)}=${plainText(arg)}`;
}

const SHORTEST = { marker: 'e', shortestLimit: 6, keepZeros: false } as const;

function plainText(arg: FormatArgument): string {
  if (arg.kind === 'float64') return general(arg.value, undefined, SHORTEST);
  return arg.kind === 'other' ? arg.plainText() : String(arg.value);
}

function bad(arg: FormatArgument, verb: string, directive: Directive): string {
  if (arg.kind === 'other' && arg.isNil) return `%!${verb}(${arg.plainText()})`;
  const name = arg.kind === 'big.Int' ? 'big.Int' : typeName(arg);
  // The value stands there plain: `#` does not ask for quotes here, and keeps what it means for floats.
  const plainDirective = arg.kind === 'string' ? { ...directive, sharp: false } : directive;
  const shownVerb = arg.kind === 'float64' && directive.sharp ? 'g' : 'v';
  const shown = arg.kind === 'big.Int' ? String(arg.value) : formatArgument(arg, shownVerb, plainDirective);
  return `%!${verb}(${name}=${shown})`;
}

/** An argument as a directive asks for it. Verbs that do not fit are marked in the text. */
export function formatArgument(arg: FormatArgument, verb: string, directive: Directive): string {
  if (verb === 'T') return pad(cutTo(typeName(arg), directive), directive);
  if (verb === 'p') return bad(arg, verb, directive);
  if (arg.kind === 'other') return arg.format(verb, directive) ?? bad(arg, verb, directive);
  if (arg.kind === 'string') return formatString(arg, verb, directive);
  if (arg.kind === 'float64') return formatFloat(arg, arg.value, verb, directive);
  return formatInteger(arg, arg.value, verb, directive);
}

/** Fills a text up to the width. */
export function pad(text: string, directive: Directive): string {
  const missing = (directive.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (directive.minus) return text + ' '.repeat(missing);
  return (directive.zero ? '0' : ' ').repeat(missing) + text;
}

function padNumber(sign: string, body: string, directive: Directive): string {
  const missing = (directive.width ?? 0) - sign.length - [...body].length;
  if (missing <= 0) return sign + body;
  if (directive.minus) return sign + body + ' '.repeat(missing);
  return directive.zero ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body;
}

function cutTo(text: string, { precision }: Directive): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function formatString(arg: FormatArgument & { kind: 'string' }, verb: string, directive: Directive): string {
  const cut = cutTo(arg.value, directive);
  switch (verb) {
    case 'v':
      return pad(directive.sharp ? quote(cut) : cut, directive);
    case 's':
      return pad(cut, directive);
    case 'q':
      if (directive.sharp && !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(cut))
        return pad(`\`${cut}\``, directive);
      return pad(quote(cut, directive.plus), directive);
    case 'x':
    case 'X':
      return pad(hexBytes(arg.value, verb, directive), directive);
    default:
      return bad(arg, verb, directive);
  }
}

function hexBytes(text: string, verb: 'x' | 'X', directive: Directive): string {
  const bytes = Buffer.from(text, 'utf8');
  const shown = directive.precision === undefined ? bytes : bytes.subarray(0, directive.precision);
  const plain = shown.toString('hex');
  if (!directive.sharp && !directive.space) return verb === 'X' ? plain.toUpperCase() : plain;
  const pairs = plain.match(/../g) ?? [];
  const prefix = directive.sharp && pairs.length > 0 ? '0x' : '';
  const joined = directive.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('');
  return verb === 'X' ? joined.toUpperCase() : joined;
}

const RADIX: Readonly<Record<string, number>> = { d: 10, v: 10, s: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const PREFIX: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

function formatInteger(arg: FormatArgument, value: bigint, verb: string, directive: Directive): string {
  const isBig = arg.kind === 'big.Int';
  if (verb === 'c' && !isBig) return pad(character(value), directive);
  if (verb === 'q' && !isBig) return pad(quoteCharacter(value, directive.plus), directive);
  if (verb === 'U' && !isBig) return pad(unicodeNotation(value, directive), { ...directive, zero: false });
  const radix = verb === 's' && !isBig ? undefined : RADIX[verb];
  if (radix === undefined) return bad(arg, verb, directive);
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(radix);
  if (verb === 'X') digits = digits.toUpperCase();
  const sign = negative ? '-' : directive.plus ? '+' : directive.space ? ' ' : '';
  // Zeros fill the width before a prefix makes the number longer.
  const filled = directive.zero && directive.precision === undefined;
  if (filled && !isBig) digits = digits.padStart((directive.width ?? 0) - sign.length, '0');
  if (directive.precision !== undefined) {
    digits = directive.precision === 0 && value === 0n ? '' : digits.padStart(directive.precision, '0');
  }
  if (verb === 'O') digits = directive.sharp && !isBig && !digits.startsWith('0') ? `0o0${digits}` : `0o${digits}`;
  else if (directive.sharp && PREFIX[verb] && !(verb === 'o' && digits.startsWith('0'))) digits = PREFIX[verb] + digits;
  return padNumber(sign, digits, { ...directive, zero: filled });
}

function character(value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return String.fromCodePoint(valid ? Number(value) : 0xfffd);
}

function unicodeNotation(value: bigint, directive: Directive): string {
  const code = `U+${BigInt.asUintN(64, value)
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, directive.precision ?? 0), '0')}`;
  const shown = directive.sharp && value >= 0n && value <= 0x10ffffn ? quoteCharacter(value) : '';
  return shown === '' || /^'\\[^'\\]/.test(shown) ? code : `${code} ${shown}`;
}

function formatFloat(arg: FormatArgument, value: number, verb: string, directive: Directive): string {
  const text = floatText(value, verb, directive);
  if (text === undefined) return bad(arg, verb, directive);
  const negative = text.startsWith('-');
  const sign = negative ? '-' : directive.plus ? '+' : directive.space ? ' ' : '';
  return padNumber(sign, negative ? text.slice(1) : text, directive);
}

/** `#` keeps the point where no digits follow it. */
function withPoint(text: string, sharp: boolean): string {
  return sharp && !text.includes('.') ? text.replace(/(?=[eE])|$/, '.') : text;
}

/** With `#` the digits of `x`, its letter among them, are filled up to six or the precision; `X` only keeps the point. */
function withHexDigits(text: string, verb: 'b' | 'x' | 'X', { sharp, precision }: Directive): string {
  if (!sharp || verb === 'b') return text;
  const [mantissa = '', exponent = ''] = text.split(/(?=[pP])/);
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  if (verb === 'X') return pointed + exponent;
  const digits = /x.*$/.exec(mantissa)![0].replace('.', '').length;
  return pointed + '0'.repeat(Math.max(0, (precision ?? 6) - digits)) + exponent;
}

function floatText(value: number, verb: string, directive: Directive): string | undefined {
  const { precision, sharp } = directive;
  switch (verb) {
    case 'v':
      return general(value, precision, { marker: 'e', shortestLimit: 6, keepZeros: false });
    case 'g':
    case 'G':
      return general(value, precision, { marker: verb === 'g' ? 'e' : 'E', shortestLimit: 6, keepZeros: sharp });
    case 'e':
    case 'E':
      return withPoint(scientific(value, precision ?? 6, verb), sharp);
    case 'f':
    case 'F':
      return withPoint(fixed(value, precision ?? 6), sharp);
    case 'b':
    case 'x':
    case 'X':
      return withHexDigits(binaryNotation(value, verb, precision), verb, directive);
    default:
      return undefined;
  }
}
