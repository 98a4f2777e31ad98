/** Splits a policy source into tokens and comments. */
import { type Location, RegoError } from '../errors.ts';
import { SIGNS } from '../hints/words.ts';
import type { Comment } from './ast.ts';
import type { Source } from './source.ts';
import type { TemplatePart, Token, TokenKind } from './tokens.ts';

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const TWO_CHARACTERS: ReadonlySet<string> = new Set([':=', '==', '!=', '>=', '<=']);
const ONE_CHARACTER: ReadonlySet<string> = new Set('+-*/%&|=<>{}[]()<>,;:.'.split(''));

/** The message for a character that nothing else can be said of. */
export const ILLEGAL = 'illegal token';

const CHARACTER_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'illegal null character'],
  [0xfeff, 'illegal byte-order mark'],
]);

/** Template strings inside template strings deeper than this are refused. */
const MAX_TEMPLATE_DEPTH = 50;

/** What a quoted text cannot hold as it stands: escapes and control characters. */
const NEEDS_READING = /[\\\u0000-\u001f]/;

function beginsName(character: string): boolean {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character === '_';
}

/** The tokens of a source, ended by one of kind `eof`, and its comments in order. */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

/** Reads the whole source, or up to the first character that starts no token, which becomes an illegal one. Never throws. */
export function lex(source: Source): Lexed {
  const lexer = new Lexer(source);
  const tokens: Token[] = [];
  try {
    lexer.until(undefined, tokens);
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    tokens.push(...lexer.illegal(error));
  }
  return { tokens, comments: lexer.comments };
}

class Lexer {
  readonly comments: Comment[] = [];
  readonly #source: Source;
  readonly #text: string;
  #at = 0;
  #row = 1;
  #templateDepth = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  /** Reads tokens up to the end of the source, or up to the brace that closes a template expression. */
  until(closing: '}' | undefined, tokens: Token[] = []): Token[] {
    let depth = 0;
    for (;;) {
      const before = this.#at;
      this.#skipSpace();
      const spaced = this.#at > before || this.#at === 0;
      if (this.#at >= this.#text.length) {
        if (closing !== undefined) this.#fail('unterminated template expression', this.#at);
        tokens.push(this.#token('eof', this.#at, this.#row, spaced));
        return tokens;
      }
      const character = this.#text[this.#at]!;
      if (closing !== undefined && depth === 0 && character === closing) {
        tokens.push(this.#token('eof', this.#at, this.#row, spaced));
        return tokens;
      }
      if (character === '{') depth++;
      if (character === '}') depth--;
      tokens.push(this.#next(character, spaced));
    }
  }

  /** The token at which reading failed, and the end. */
  illegal(error: RegoError): Token[] {
    const start = error.location?.offset ?? this.#at;
    const row = error.location?.row ?? this.#row;
    const end = this.#text.length;
    const token = { text: '', row, endRow: row, spaced: true };
    return [
      { ...token, kind: 'illegal', offset: start, end: Math.max(start, this.#at), error },
      { ...token, kind: 'eof', offset: end, end },
    ];
  }

  #token(kind: TokenKind, start: number, row: number, spaced: boolean, value?: string, parts?: Token['parts']): Token {
    const text = this.#text.slice(start, this.#at);
    return { kind, text, value, parts, offset: start, end: this.#at, row, endRow: this.#row, spaced };
  }

  #location(start: number): Location {
    return this.#source.location(start, Math.min(this.#at + 1, this.#text.length));
  }

  #fail(message: string, start: number, hint?: string): never {
    throw new RegoError('rego_parse_error', message, this.#location(start), hint);
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '\n') this.#row++;
      else if (character === '#') {
        this.#comment();
        continue;
      } else if (character !== ' ' && character !== '\t' && character !== '\r') return;
      this.#at++;
    }
  }

  #comment(): void {
    const start = this.#at;
    const lineEnd = this.#text.indexOf('\n', start);
    this.#at = lineEnd < 0 ? this.#text.length : lineEnd;
    const text = this.#text.slice(start + 1, this.#at).replace(/\r$/, '');
    this.comments.push({ text, location: this.#source.location(start, this.#at) });
  }

  #next(character: string, spaced: boolean): Token {
    const start = this.#at;
    const row = this.#row;
    if (beginsName(character)) {
      IDENTIFIER.lastIndex = start;
      IDENTIFIER.test(this.#text);
      this.#at = IDENTIFIER.lastIndex;
      return this.#token('ident', start, row, spaced);
    }
    if (character >= '0' && character <= '9') return this.#number(start, row, spaced);
    if (character === '"') {
      const value = this.#quoted(start);
      return this.#token('string', start, row, spaced, value);
    }
    if (character === '`') {
      const value = this.#raw(start);
      return this.#token('raw-string', start, row, spaced, value);
    }
    const two = this.#text.slice(start, start + 2);
    if (two === '$"' || two === '$`') return this.#template(start, row, spaced, two === '$`');
    if (TWO_CHARACTERS.has(two)) this.#at += 2;
    else if (ONE_CHARACTER.has(character)) this.#at += 1;
    else this.#illegal(start);
    return this.#token('punctuation', start, row, spaced);
  }

  #illegal(start: number): never {
    const code = this.#text.codePointAt(start) as number;
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    if (code === 0xa0) {
      this.#fail('illegal non-breaking space character, use a regular space instead', start);
    }
    const known = SIGNS.find(([sign]) => this.#text.startsWith(sign, start))?.[1];
    const unknown = `${JSON.stringify(String.fromCodePoint(code))} (U+${hex}) begins no token`;
    const named = CHARACTER_NAMES.get(code);
    const message =
      named ??
      ('!$'.includes(String.fromCodePoint(code)) ? `illegal ${String.fromCodePoint(code)} character` : ILLEGAL);
    this.#fail(message, start, known ?? unknown);
  }

  #number(start: number, row: number, spaced: boolean): Token {
    NUMBER.lastIndex = start;
    NUMBER.test(this.#text);
    this.#at = NUMBER.lastIndex;
    const next = this.#text[this.#at] ?? '';
    if (/[eE]/.test(next)) this.#fail('expected exponent', start);
    if (/[0-9A-Za-z_]/.test(next)) {
      this.#fail(
        /[0-9]/.test(next) ? 'unexpected number token: expected number without leading zero' : 'illegal number format',
        start,
      );
    }
    if (next === '.' && !/[A-Za-z_]/.test(this.#text[this.#at + 1] ?? '')) {
      this.#fail('expected fraction', start);
    }
    const exponent = /[eE]([+-]?\d+)$/.exec(this.#text.slice(start, this.#at))?.[1];
    if (exponent !== undefined && Math.abs(Number(exponent)) > 100_000) {
      this.#fail('number too big', start, 'exponents reach up to 100000');
    }
    return this.#token('number', start, row, spaced);
  }

  #quoted(start: number): string {
    this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n') this.#fail('non-terminated string', start);
      this.#at++;
      if (character === '"') break;
      if (character === '\\') this.#at++;
      if (CHARACTER_NAMES.has(character.charCodeAt(0)))
        this.#fail(CHARACTER_NAMES.get(character.charCodeAt(0))!, start);
    }
    return this.#unescape(this.#text.slice(start, this.#at), start);
  }

  #unescape(quoted: string, start: number): string {
    if (!NEEDS_READING.test(quoted)) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted.replaceAll('\t', '\\t').replaceAll('\r', '\\r')) as string;
    } catch {
      this.#fail('illegal escape sequence', start);
    }
  }

  #raw(start: number): string {
    const close = this.#text.indexOf('`', start + 1);
    if (close < 0) this.#fail('non-terminated string', start);
    const value = this.#text.slice(start + 1, close);
    this.#countRows(value);
    this.#at = close + 1;
    return value;
  }

  #countRows(text: string): void {
    for (const character of text) if (character === '\n') this.#row++;
  }

  #template(start: number, row: number, spaced: boolean, raw: boolean): Token {
    if (++this.#templateDepth > MAX_TEMPLATE_DEPTH) this.#fail('template strings nested too deep', start);
    const close = raw ? '`' : '"';
    const parts: TemplatePart[] = [];
    this.#at += 2;
    let chunk = '';
    const flush = (): void => {
      if (chunk !== '') parts.push(raw ? chunk : this.#unescape(`"${chunk}"`, start));
      chunk = '';
    };
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || (character === '\n' && !raw)) this.#fail('non-terminated template string', start);
      this.#at++;
      if (character === close) break;
      if (character === '\n') this.#row++;
      if (character === '\\' && this.#text[this.#at] === '{') {
        chunk += '{';
        this.#at++;
      } else if (character === '\\' && !raw) {
        chunk += `\\${this.#text[this.#at] ?? ''}`;
        this.#at++;
      } else if (character === '{') {
        flush();
        parts.push(this.until('}'));
        this.#at++;
      } else chunk += character;
    }
    flush();
    this.#templateDepth--;
    return this.#token('template', start, row, spaced, undefined, parts);
  }
}
