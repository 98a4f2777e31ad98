/** Walks the tokens of one source for the parser and makes its errors. */
import { type Location, RegoError } from '../errors.ts';
import { ILLEGAL } from './lexer.ts';
import type { Source } from './source.ts';
import { type Token, tokenName } from './tokens.ts';

/** Terms nested deeper than this are refused rather than risking the call stack. */
const MAX_DEPTH = 1_000;

/** The message for a source that nests deeper than the limit, or than the call stack allows. */
export const NESTED_TOO_DEEP = 'max parsing recursion depth exceeded';

/** How often tokens may be read again, on average, where the grammar needs several tries. */
const MAX_TAKES_PER_TOKEN = 20;

/** A position in a list of tokens; copies share the keyword set and the depth. */
export class Cursor {
  readonly source: Source;
  readonly keywords: Set<string>;
  /** Whether `not` wraps the whole expansion of its expression (`future.keywords.not`). */
  wholeNegation = false;
  readonly #tokens: readonly Token[];
  #index = 0;
  #taken = 0;
  #furthest: RegoError | undefined;
  /** Whether the parse took far more steps than the source has tokens and must not try further readings. */
  exhausted = false;
  /** Errors that did not keep the parser from going on. */
  readonly reported: RegoError[] = [];
  /** What a term is wanted for, while one is parsed. */
  #wanted: string | undefined;
  #wantedDepth = 0;
  /** How many nested parses are open. */
  depth = 0;

  constructor(source: Source, tokens: readonly Token[], keywords: Set<string>) {
    this.source = source;
    this.keywords = keywords;
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#index]!;
  }

  /** The token taken last; the current one at the start. */
  get previous(): Token {
    return this.#tokens[Math.max(0, this.#index - 1)]!;
  }

  /** The token a few steps ahead. */
  peek(steps: number): Token {
    return this.#tokens[Math.min(this.#index + steps, this.#tokens.length - 1)]!;
  }

  /** The brace that closes the one at the current token, and the token after it; the end when none does. */
  tokenAfterBraces(): { close: Token; after: Token } {
    let depth = 0;
    for (let index = this.#index; index < this.#tokens.length; index++) {
      const token = this.#tokens[index]!;
      if (token.kind !== 'punctuation') continue;
      if (token.text === '{') depth++;
      if (token.text === '}' && --depth === 0) return { close: token, after: this.#tokens[index + 1]! };
    }
    return { close: this.#tokens.at(-1)!, after: this.#tokens.at(-1)! };
  }

  /** Remembers the position for {@link restore}. */
  mark(): number {
    return this.#index;
  }

  restore(mark: number): void {
    this.#index = mark;
  }

  /** Whether every token is taken. */
  get ended(): boolean {
    return this.token.kind === 'eof';
  }

  take(): Token {
    const token = this.token;
    if (token.kind !== 'eof') this.#index++;
    if (++this.#taken > MAX_TAKES_PER_TOKEN * this.#tokens.length + 10_000) {
      this.exhausted = true;
      this.fail('the source is too ambiguous to parse', token, 'put terms that contain `|` in parentheses');
    }
    return token;
  }

  /** Whether the current token is this sign. */
  at(sign: string): boolean {
    return this.token.kind === 'punctuation' && this.token.text === sign;
  }

  /** Whether the current token is this keyword; a keyword that begins a reference (`not.x`, `in["x"]`) is a name. */
  atKeyword(word: string): boolean {
    return this.token.text === word && this.#isKeyword();
  }

  /** Whether the current token is a name that is no keyword. */
  atName(): boolean {
    return this.token.kind === 'ident' && !this.#isKeyword();
  }

  #isKeyword(): boolean {
    const { kind, text } = this.token;
    if (kind !== 'ident' || !this.keywords.has(text)) return false;
    const next = this.peek(1);
    if (next.kind !== 'punctuation' || next.spaced) return true;
    return next.text !== '.' && (next.text !== '[' || text === 'if');
  }

  /** Takes the sign when it is there. */
  accept(sign: string): boolean {
    if (!this.at(sign)) return false;
    this.#index++;
    return true;
  }

  acceptKeyword(word: string): boolean {
    if (!this.atKeyword(word)) return false;
    this.#index++;
    return true;
  }

  /** Takes the sign or fails. */
  expect(sign: string, hint?: string): Token {
    if (!this.at(sign)) this.unexpected(`expected ${sign}`, hint);
    return this.take();
  }

  /** The place from a token to the end of the one taken last. */
  locationFrom(start: Token): Location {
    return this.source.location(start.offset, Math.max(start.end, this.previous.end));
  }

  /** The white space after the token taken last: a line break counts to the next row. */
  whiteSpace(): Location {
    const at = this.previous.end;
    return this.source.text[at] === '\n' ? this.source.end(at + 1) : this.source.location(at, at + 1);
  }

  locationOf(token: Token): Location {
    if (token.kind === 'eof') return this.source.end(token.offset);
    return this.source.location(token.offset, token.end);
  }

  /** Fails at the current token, naming it. */
  unexpected(detail?: string, hint?: string): never {
    this.fail(this.#unexpectedText(this.token, detail), this.token, hint);
  }

  #unexpectedText(token: Token, detail?: string): string {
    const name = tokenName(token, this.keywords);
    const kind = token.kind === 'ident' && this.keywords.has(token.text) ? 'keyword' : 'token';
    return `unexpected ${name} ${kind}${detail === undefined ? '' : `: ${detail}`}`;
  }

  /** Reports an error and goes on. */
  report(message: string, token: Token, hint?: string): void {
    this.reported.push(new RegoError('rego_parse_error', message, this.locationOf(token), hint));
  }

  /** Runs a parse of something that is wanted for a purpose: when it fails, the purpose is an error of its own. */
  wanting<Result>(purpose: string, parse: () => Result): Result {
    this.#wanted = purpose;
    this.#wantedDepth = this.depth;
    const result = parse();
    this.#wanted = undefined;
    return result;
  }

  /** An operator was read: what follows it is not what was wanted any more, unless it is inside of that. */
  endWanting(): void {
    if (this.depth <= this.#wantedDepth + 1) this.#wanted = undefined;
  }

  /** The errors of a statement that failed: that of the reading that got furthest, and for what it was wanted. */
  failures(error: RegoError): RegoError[] {
    const best = this.bestError(error);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    const token = this.#tokens.find(({ offset, kind }) => offset === best.location?.offset || kind === 'eof')!;
    if (token.kind === 'illegal') return this.#illegal(token, wanted);
    const isAtToken = token.offset === best.location?.offset || best.location?.text === '';
    const isOfTerm = /^(?:unexpected |found empty body|non-terminated expression|expected } )/.test(best.message);
    if (wanted === undefined || !isAtToken || !isOfTerm) return [best];
    return [best, new RegoError('rego_parse_error', this.#unexpectedText(token, wanted), best.location)];
  }

  #illegal({ error }: Token, wanted: string | undefined): RegoError[] {
    const found = error!;
    if (found.message.includes('non-breaking space')) return [found];
    // Such a number is a number to the lexer of OPA.
    if (/^unexpected number|^number too big/.test(found.message)) {
      const purpose = `unexpected number token: ${wanted}`;
      return wanted === undefined ? [found] : [found, new RegoError('rego_parse_error', purpose, found.location)];
    }
    const plain = found.message === ILLEGAL ? found : new RegoError('rego_parse_error', ILLEGAL, found.location);
    return [...(found === plain ? [] : [found]), plain, ...(wanted === undefined ? [] : [plain])];
  }

  fail(message: string, token: Token, hint?: string): never {
    if (token.kind === 'illegal') throw token.error!;
    throw new RegoError('rego_parse_error', message, this.locationOf(token), hint);
  }

  failAt(message: string, location: Location, hint?: string): never {
    throw new RegoError('rego_parse_error', message, location, hint);
  }

  /** Remembers why a reading that was given up failed. */
  noteFailure(error: RegoError): void {
    const known = this.#furthest?.location?.offset ?? -1;
    if ((error.location?.offset ?? -1) > known) this.#furthest = error;
  }

  /** The error to report: that of the reading that got furthest, when several were tried. */
  bestError(error: RegoError): RegoError {
    const furthest = this.#furthest;
    this.#furthest = undefined;
    return (furthest?.location?.offset ?? -1) > (error.location?.offset ?? -1) ? furthest! : error;
  }

  /** Begins a nested parse, which ends with one less of {@link depth}; fails when the source nests too deep. */
  enter(): void {
    if (++this.depth <= MAX_DEPTH) return;
    this.exhausted = true;
    this.fail(NESTED_TOO_DEEP, this.token);
  }
}
