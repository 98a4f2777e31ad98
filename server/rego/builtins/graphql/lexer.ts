/** Splits GraphQL text into tokens (GraphQL specification, October 2021, section 2.1). */
import type { Position } from './ast.ts';
import { GraphqlError } from './error.ts';

/** Punctuators are their own kinds. */
export type TokenKind = string;

/** A token; `value` is the text of names and numbers and the contents of strings. */
export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  readonly position: Position;
}

const PUNCTUATION = new Set(['!', '$', '&', '(', ')', ':', '=', '@', '[', ']', '{', '}', '|']);
const NAME = /[_A-Za-z][_0-9A-Za-z]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const COMMENT = /#[^\n\r\u0000-\u0008\u000b-\u001f]*/y;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** How messages show a token. */
export function tokenText({ kind, value }: Token): string {
  return value === '' ? kind : `${kind} ${JSON.stringify(value)}`;
}

/** Reads tokens one after the other; text that is no token gives one of the kind `<Invalid>`. */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #countedTo = 0;
  #column = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Columns count characters, so a pair of surrogates counts once; counting goes on where it ended the last time. */
  #position(at = this.#at): Position {
    if (this.#countedTo < this.#lineStart || this.#countedTo > at) {
      this.#countedTo = this.#lineStart;
      this.#column = 1;
    }
    while (this.#countedTo < at) {
      this.#countedTo += this.#text.codePointAt(this.#countedTo)! > 0xffff ? 2 : 1;
      this.#column += 1;
    }
    return { line: this.#line, column: this.#column };
  }

  #fail(message: string): GraphqlError {
    return new GraphqlError(message, this.#position());
  }

  #skipIgnored(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '\n' || character === '\r') {
        this.#at += character === '\r' && this.#text[this.#at + 1] === '\n' ? 2 : 1;
        this.#line += 1;
        this.#lineStart = this.#at;
      } else if (character === ' ' || character === '\t' || character === ',' || character === '\ufeff') {
        this.#at += 1;
      } else {
        return;
      }
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  next(): Token {
    try {
      return this.#read();
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error;
      return { kind: '<Invalid>', value: '', position: error.position! };
    }
  }

  #read(): Token {
    this.#skipIgnored();
    const position = this.#position();
    const character = this.#text[this.#at];
    if (character === undefined) return { kind: '<EOF>', value: '', position };
    if (PUNCTUATION.has(character)) {
      this.#at += 1;
      return { kind: character, value: '', position };
    }
    if (this.#text.startsWith('...', this.#at)) {
      this.#at += 3;
      return { kind: '...', value: '', position };
    }
    if (character === '#') return { kind: 'Comment', value: this.#match(COMMENT)!, position };
    if (/[_A-Za-z]/.test(character)) return { kind: 'Name', value: this.#match(NAME)!, position };
    if (/[-0-9]/.test(character)) return this.#number(position);
    if (this.#text.startsWith('"""', this.#at)) return this.#blockString(position);
    if (character === '"') return this.#string(position);
    throw this.#unexpected(character);
  }

  #unexpected(character: string): GraphqlError {
    if (character < ' ') return this.#fail(`Cannot contain the invalid character "${escapeText(character)}"`);
    if (character === "'") {
      return this.#fail(`Unexpected single quote character ('), did you mean to use a double quote (")?`);
    }
    return this.#fail(`Cannot parse the unexpected character "${character}".`);
  }

  #number(position: Position): Token {
    const value = this.#match(NUMBER);
    const following = this.#text[this.#at];
    const described = following === undefined ? '<EOF>' : `"${following}"`;
    if (value === undefined) {
      this.#at += 1;
      const next = this.#text[this.#at];
      throw this.#fail(`Invalid number, expected digit but got: ${next === undefined ? '<EOF>' : `"${next}"`}.`);
    }
    if (/^-?0$/.test(value) && /\d/.test(following ?? '')) {
      throw this.#fail(`Invalid number, unexpected digit after 0: ${described}.`);
    }
    if (following === '.' || (/[eE]/.test(following ?? '') && !/[eE]/.test(value))) {
      this.#at += /^[eE][+-]/.test(this.#text.slice(this.#at)) ? 2 : 1;
      const next = this.#text[this.#at];
      throw this.#fail(`Invalid number, expected digit but got: ${next === undefined ? '<EOF>' : `"${next}"`}.`);
    }
    return { kind: /[.eE]/.test(value) ? 'Float' : 'Int', value, position };
  }

  #string(start: Position): Token {
    const position = { ...start, column: start.column + 1 };
    this.#at += 1;
    let value = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n' || character === '\r') throw this.#fail('Unterminated string.');
      if (character === '"') {
        this.#at += 1;
        return { kind: 'String', value, position };
      }
      if (character < ' ' && character !== '\t') {
        throw this.#fail(`Invalid character within String: "${escapeText(character)}".`);
      }
      if (character === '\\') {
        value += this.#escape();
      } else {
        value += character;
        this.#at += 1;
      }
    }
  }

  #escape(): string {
    const escaped = this.#text[this.#at + 1] ?? '';
    const code = /^[0-9a-fA-F]{4}/.exec(this.#text.slice(this.#at + 2, this.#at + 6))?.[0];
    if (escaped === 'u' && code !== undefined) {
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const simple = SIMPLE_ESCAPES[escaped];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    this.#at += 1;
    const shown = escaped === 'u' ? this.#text.slice(this.#at, this.#at + 5) : escaped;
    throw this.#fail(
      shown === '' ? 'Invalid character escape sequence.' : `Invalid character escape sequence: \\${shown}.`,
    );
  }

  #blockString(start: Position): Token {
    const position = { ...start, column: start.column + 3 };
    this.#at += 3;
    let raw = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#fail('Unterminated string.');
      if (this.#text.startsWith('"""', this.#at)) {
        const quotes = /^"+/.exec(this.#text.slice(this.#at))![0].length;
        raw += '"'.repeat(quotes - 3);
        this.#at += quotes;
        return { kind: 'BlockString', value: blockStringValue(raw), position };
      }
      if (this.#text.startsWith('\\"""', this.#at)) {
        raw += '"""';
        this.#at += 4;
      } else if (character === '\n' || character === '\r') {
        raw += '\n';
        this.#at += character === '\r' && this.#text[this.#at + 1] === '\n' ? 2 : 1;
        this.#line += 1;
        this.#lineStart = this.#at;
      } else if (character < ' ' && character !== '\t') {
        throw this.#fail(`Invalid character within String: "${escapeText(character)}".`);
      } else {
        raw += character;
        this.#at += 1;
      }
    }
  }
}

function escapeText(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Removes the common indentation and empty lines at both ends (section 2.9.4). */
function blockStringValue(raw: string): string {
  const lines = raw.split('\n');
  const indents = lines.filter((line) => /[^ \t]/.test(line)).map((line) => /^[ \t]*/.exec(line)![0].length);
  const common = indents.length > 0 ? Math.min(...indents) : 0;
  const unindented = lines.map((line, index) => (index === 0 ? line : line.slice(common)));
  const isBlank = (line: string | undefined) => line !== undefined && !/[^ \t]/.test(line);
  while (isBlank(unindented[0])) unindented.shift();
  while (isBlank(unindented.at(-1))) unindented.pop();
  return unindented.join('\n');
}
