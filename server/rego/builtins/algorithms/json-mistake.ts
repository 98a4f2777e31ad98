/** What is wrong with a JSON text, in the words of Go's `encoding/json`. */
import { toBytes } from './bytes.ts';
import { quote } from './quote.ts';

/** Thrown within this module when the mistake is found, or with no message when it is too deep. */
class Mistake extends Error {
  override readonly name = 'Mistake';
}

const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

/** What is wrong deeper inside is not looked for. */
const MAXIMUM_DEPTH = 500;

/** Steps for each character that is looked at. */
export const STEPS_PER_CHARACTER = 1;

/** The mistake that makes the text no JSON text; undefined when none is found, also because it is nested very deep. */
export function jsonMistake(text: string): string | undefined {
  try {
    new Scanner(toBytes(text)).document();
    return undefined;
  } catch (error) {
    if (error instanceof Mistake) return error.message === '' ? undefined : error.message;
    throw error;
  }
}

/** Reads bytes: a mistake is told of the byte it stands at. */
class Scanner {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  document(): void {
    this.#skipSpace();
    if (this.#at >= this.#bytes.length) throw new Mistake('EOF');
    this.#value();
    this.#skipSpace();
    if (this.#at >= this.#bytes.length) return;
    if ('{["-0123456789tfn'.includes(this.#character()!)) this.#unexpectedAfter();
    this.#unexpected('looking for beginning of value');
  }

  /** A second value after the first one: unless it is broken itself, it is one too many. */
  #unexpectedAfter(): never {
    const character = this.#character()!;
    if (!'{['.includes(character)) this.#value();
    throw new Mistake(`error: invalid character ${quoted(character)} after top-level value`);
  }

  #character(): string | undefined {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }

  #unexpected(context: string): never {
    const character = this.#character();
    throw new Mistake(character === undefined ? 'unexpected EOF' : `invalid character ${quoted(character)} ${context}`);
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#character() ?? 'x')) this.#at++;
  }

  #value(): void {
    this.#skipSpace();
    const character = this.#character() ?? '';
    if (character === '{') this.#nested(() => this.#object());
    else if (character === '[') this.#nested(() => this.#array());
    else if (character === '"') this.#string();
    else if (/^[-0-9]$/.test(character)) this.#number();
    else if (Object.hasOwn(LITERALS, character)) this.#literal(LITERALS[character]!);
    else this.#unexpected('looking for beginning of value');
  }

  #nested(read: () => void): void {
    if (++this.#depth > MAXIMUM_DEPTH) throw new Mistake();
    this.#at++;
    read();
    this.#depth--;
  }

  #object(): void {
    this.#skipSpace();
    for (let isFirst = true; !(isFirst && this.#character() === '}'); isFirst = false) {
      this.#skipSpace();
      if (this.#character() !== '"') this.#unexpected('looking for beginning of object key string');
      this.#string();
      this.#skipSpace();
      if (this.#character() !== ':') this.#unexpected('after object key');
      this.#at++;
      this.#value();
      this.#skipSpace();
      if (this.#character() === '}') break;
      if (this.#character() !== ',') this.#unexpected('after object key:value pair');
      this.#at++;
    }
    this.#at++;
  }

  #array(): void {
    this.#skipSpace();
    for (let isFirst = true; !(isFirst && this.#character() === ']'); isFirst = false) {
      this.#value();
      this.#skipSpace();
      if (this.#character() === ']') break;
      if (this.#character() !== ',') this.#unexpected('after array element');
      this.#at++;
    }
    this.#at++;
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const character = this.#character();
      if (character === undefined || character < ' ') this.#unexpected('in string literal');
      this.#at++;
      if (character === '"') return;
      if (character === '\\') this.#escape();
    }
  }

  #escape(): void {
    const character = this.#character() ?? '';
    if (!/^["\\/bfnrtu]$/.test(character)) this.#unexpected('in string escape code');
    this.#at++;
    for (let digit = 0; character === 'u' && digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#character() ?? '')) this.#unexpected('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #digits(context: string): void {
    if (!this.#isDigit()) this.#unexpected(context);
    while (this.#isDigit()) this.#at++;
  }

  #isDigit(): boolean {
    return /^[0-9]$/.test(this.#character() ?? '');
  }

  #number(): void {
    if (this.#character() === '-') this.#at++;
    if (this.#character() === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#character() === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (!/^[eE]$/.test(this.#character() ?? '')) return;
    this.#at++;
    if (/^[+-]$/.test(this.#character() ?? '')) this.#at++;
    this.#digits('in exponent of numeric literal');
  }

  #literal(word: string): void {
    for (const wanted of word) {
      if (this.#character() !== wanted) this.#unexpected(`in literal ${word} (expecting '${wanted}')`);
      this.#at++;
    }
  }
}

function quoted(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${quote(character).slice(1, -1)}'`;
}
