/** Splits templates into tokens. A mistake is a token of its own, the last one: it counts only if the parser gets there. */
import { quote, quoteCharacter } from '../algorithms/quote.ts';

export interface Token {
  readonly kind:
    | 'text'
    | 'open'
    | 'close'
    | 'space'
    | 'keyword'
    | 'dot'
    | 'nil'
    | 'word'
    | 'bool'
    | 'field'
    | 'variable'
    | 'string'
    | 'character'
    | 'number'
    | 'mark'
    | 'mistake'
    | 'end';
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set('block break continue define else end if range template with'.split(' '));
const SPACES = ' \t\r\n';

/** A number: its digits belong to its base, only some bases have exponents. What follows must be no letter or digit. */
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;

function isWordCharacter(character: string): boolean {
  return /^[_\p{L}\p{Nd}]$/u.test(character);
}

function unicodeNotation(character: string): string {
  const point = character.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = quoteCharacter(BigInt(point));
  return /^'\\[^'\\]/.test(shown) ? code : `${code} ${shown}`;
}

/** All tokens of a template, up to its end or its first mistake. */
export function templateTokens(text: string): readonly Token[] {
  return new Lexer(text).tokens();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  /** The line of a place, which only moves on. */
  #line = { number: 1, at: 0 };
  #parentheses = 0;

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): readonly Token[] {
    while (this.#outside()) while (this.#inside());
    return this.#tokens;
  }

  #add(kind: Token['kind'], end: number): true {
    this.#push(kind, this.#text.slice(this.#at, end));
    this.#at = end;
    return true;
  }

  #mistake(message: string): false {
    this.#push('mistake', message);
    return false;
  }

  #push(kind: Token['kind'], text: string): void {
    let { number, at } = this.#line;
    for (let next = this.#text.indexOf('\n', at); next >= 0 && next < this.#at; next = this.#text.indexOf('\n', at)) {
      number += 1;
      at = next + 1;
    }
    this.#line = { number, at };
    this.#tokens.push({ kind, text, at: this.#at, line: number });
  }

  #peek(offset = 0): string {
    const point = this.#text.codePointAt(this.#at + offset);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  #isLast(): boolean {
    const { kind } = this.#tokens.at(-1) ?? {};
    return kind === 'mistake' || kind === 'end';
  }

  /** Text up to the next action, or the end. Returns whether an action follows. */
  #outside(): boolean {
    if (this.#isLast()) return false;
    const open = this.#text.indexOf('{{', this.#at);
    const end = open < 0 ? this.#text.length : open;
    const trims = open >= 0 && this.#text[open + 2] === '-' && this.#isSpaceAt(open + 3);
    let shown = end;
    while (trims && shown > this.#at && this.#isSpaceAt(shown - 1)) shown -= 1;
    if (shown > this.#at) this.#add('text', shown);
    this.#at = end;
    if (open < 0) {
      this.#add('end', end);
      return false;
    }
    const begin = open + (trims ? 4 : 2);
    if (this.#text.startsWith('/*', begin)) {
      this.#at = begin;
      return this.#comment() && this.#outside();
    }
    this.#add('open', open + 2);
    this.#at = begin;
    this.#parentheses = 0;
    return true;
  }

  #isSpaceAt(at: number): boolean {
    const character = this.#text[at];
    return character !== undefined && SPACES.includes(character);
  }

  #comment(): boolean {
    const close = this.#text.indexOf('*/', this.#at + 2);
    if (close < 0) return this.#mistake('unclosed comment');
    const marker = this.#closesAt(close + 2);
    if (marker < 0) {
      this.#at = close + 2;
      return this.#mistake('comment ends before closing delimiter');
    }
    this.#at = close + 2 + marker + 2;
    this.#trim(marker);
    return true;
  }

  #trim(marker: number): void {
    while (marker > 0 && this.#isSpaceAt(this.#at)) this.#at += 1;
  }

  /** The length of the trim marker before the `}}` that stands there; -1 when none stands there. */
  #closesAt(at: number): number {
    if (this.#isSpaceAt(at) && this.#text.startsWith('-}}', at + 1)) return 2;
    return this.#text.startsWith('}}', at) ? 0 : -1;
  }

  /** Adds a token of an action; false once it is closed or broken. */
  #inside(): boolean {
    const marker = this.#closesAt(this.#at);
    if (marker >= 0) {
      if (this.#parentheses > 0) return this.#mistake('unclosed left paren');
      this.#at += marker;
      this.#add('close', this.#at + 2);
      this.#trim(marker);
      return false;
    }
    const character = this.#peek();
    if (character === '') return this.#mistake('unclosed action');
    if (SPACES.includes(character)) return this.#spaces();
    switch (character) {
      case '"':
      case "'":
        return this.#quoted(character);
      case '`': {
        const close = this.#text.indexOf('`', this.#at + 1);
        return close < 0 ? this.#mistake('unterminated raw quoted string') : this.#add('string', close + 1);
      }
      case '$':
        return this.#name('variable');
      case '.':
        return /\d/.test(this.#peek(1)) ? this.#number() : this.#name('field');
      case '(':
        this.#parentheses += 1;
        return this.#add('mark', this.#at + 1);
      case ')':
        this.#parentheses -= 1;
        return this.#parentheses < 0 ? this.#mistake('unexpected right paren') : this.#add('mark', this.#at + 1);
      case ':':
        return this.#peek(1) === '=' ? this.#add('mark', this.#at + 2) : this.#mistake('expected :=');
      default:
        return this.#other(character);
    }
  }

  #other(character: string): boolean {
    if (/[+\-\d]/.test(character)) return this.#number();
    if (isWordCharacter(character)) return this.#word();
    if (/[!-~]/.test(character)) return this.#add('mark', this.#at + 1);
    return this.#mistake(`unrecognized character in action: ${unicodeNotation(character)}`);
  }

  #spaces(): boolean {
    let end = this.#at;
    while (this.#isSpaceAt(end) && this.#closesAt(end) < 0) end += 1;
    return this.#add('space', end);
  }

  #quoted(mark: string): boolean {
    const pattern = mark === '"' ? /"(?:[^"\\\n]|\\[^\n])*"/y : /'(?:[^'\\\n]|\\[^\n])*'/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) return this.#add(mark === '"' ? 'string' : 'character', this.#at + match[0].length);
    return this.#mistake(mark === '"' ? 'unterminated quoted string' : 'unterminated character constant');
  }

  #wordEnd(from: number): number {
    let end = from;
    for (;;) {
      const point = this.#text.codePointAt(end);
      if (point === undefined || !isWordCharacter(String.fromCodePoint(point))) return end;
      end += point > 0xffff ? 2 : 1;
    }
  }

  /** What may not follow a name, if that follows. */
  #badAfter(end: number): string | undefined {
    const point = this.#text.codePointAt(end);
    if (point === undefined || this.#text.startsWith('}}', end)) return undefined;
    const character = String.fromCodePoint(point);
    return ` \t\r\n.,|:()`.includes(character) ? undefined : character;
  }

  #name(kind: 'field' | 'variable'): boolean {
    const end = this.#wordEnd(this.#at + 1);
    const bad = this.#badAfter(end);
    if (bad !== undefined) return this.#mistake(`bad character ${unicodeNotation(bad)}`);
    return this.#add(kind === 'field' && end === this.#at + 1 ? 'dot' : kind, end);
  }

  #word(): boolean {
    const end = this.#wordEnd(this.#at);
    const bad = this.#badAfter(end);
    if (bad !== undefined) return this.#mistake(`bad character ${unicodeNotation(bad)}`);
    const word = this.#text.slice(this.#at, end);
    if (KEYWORDS.has(word)) return this.#add('keyword', end);
    if (word === 'nil') return this.#add('nil', end);
    return this.#add(word === 'true' || word === 'false' ? 'bool' : 'word', end);
  }

  /** The end of the number that begins there; negative when a letter or digit follows it. */
  #numberEnd(from: number): number {
    NUMBER.lastIndex = from;
    const end = from + (NUMBER.exec(this.#text)?.[0].length ?? 0);
    const next = this.#text.codePointAt(end);
    const follows = next === undefined ? '' : String.fromCodePoint(next);
    return follows !== '' && isWordCharacter(follows) ? -(end + follows.length) : end;
  }

  #number(): boolean {
    let end = this.#numberEnd(this.#at);
    if (end > 0 && /[+-]/.test(this.#text[end] ?? '')) {
      end = this.#numberEnd(end);
      if (end > 0 && this.#text[end - 1] !== 'i') end = -end;
    }
    if (end > 0) return this.#add('number', end);
    return this.#mistake(`bad number syntax: ${quote(this.#text.slice(this.#at, -end))}`);
  }
}
