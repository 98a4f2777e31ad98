import { BuiltinError } from '../../errors.ts';
import { quote } from '../algorithms/quote.ts';
import type { Token } from './lex.ts';

/** How deep actions and parentheses may nest. */
const MAXIMUM_DEPTH = 100;

/** Reads the tokens of a template. Mistakes are told of the line of the furthest token that was looked at, as Go does. */
export class TokenReader {
  /** The number of the next token; may be set back. */
  position = 0;
  readonly #tokens: readonly Token[];
  #furthest = 0;
  #depth = 0;
  /** The line of the action that is read; 0 outside of actions and behind an action that stands in another one. */
  #actionLine = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    const position = Math.min(this.position, this.#tokens.length - 1);
    this.#furthest = Math.max(this.#furthest, position);
    return this.#tokens[position]!;
  }

  next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  /** The next token that is no space. */
  nextSolid(): Token {
    const token = this.next();
    return token.kind === 'space' ? this.next() : token;
  }

  /** Skips spaces, and shows the token behind them. */
  peekSolid(): Token {
    if (this.peek().kind === 'space') this.position += 1;
    return this.peek();
  }

  fail(reason: string): BuiltinError {
    return new BuiltinError(`template: template:${this.#tokens[this.#furthest]!.line}: ${reason}`);
  }

  unexpected(token: Token, context: string): BuiltinError {
    if (token.kind !== 'mistake') return this.fail(`unexpected ${tokenText(token)} in ${context}`);
    if (this.#actionLine === 0 || this.#actionLine === token.line) return this.fail(token.text);
    const action = token.text.endsWith(' action') ? '' : ' in action';
    return this.fail(`${token.text}${action} started at template:${this.#actionLine}`);
  }

  /** Reads an action that begins with a token. */
  inAction<Result>(token: Token, read: () => Result): Result {
    this.#actionLine = token.line;
    const result = read();
    this.#actionLine = 0;
    return result;
  }

  /** Reads something that may contain others of its kind. */
  nested<Result>(read: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw this.fail(`nested deeper than ${MAXIMUM_DEPTH}`);
    const result = read();
    this.#depth -= 1;
    return result;
  }
}

function tokenText({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF';
  if (kind === 'keyword' || kind === 'dot' || kind === 'nil') return `<${text}>`;
  const characters = [...text];
  return characters.length > 10 ? `${quote(characters.slice(0, 10).join(''))}...` : quote(text);
}
