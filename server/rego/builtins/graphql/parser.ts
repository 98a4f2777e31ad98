/** What the parsers of queries and of schemas share. */
import type { Argument, ChildValue, CommentGroup, Directive, Position, TypeReference, ValueNode } from './ast.ts';
import { VALUE_KIND } from './ast.ts';
import { GraphqlError } from './error.ts';
import { Lexer, type Token, type TokenKind, tokenText } from './lexer.ts';

const LITERAL_KINDS: Readonly<Record<string, number>> = {
  Int: VALUE_KIND.int,
  Float: VALUE_KIND.float,
  String: VALUE_KIND.string,
  BlockString: VALUE_KIND.block,
};
const MAXIMUM_DEPTH = 200;

/** Reads tokens, values, directives and types. Throws a GraphqlError at the first mistake. */
export class Parser {
  readonly #lexer: Lexer;
  #token: Token | undefined;
  #previous: Token | undefined;
  #depth = 0;
  /** Comments right before the token that was looked at last. */
  comment: CommentGroup | undefined;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  peek(): Token {
    if (this.#token) return this.#token;
    const comments: { Value: string }[] = [];
    let token = this.#lexer.next();
    for (; token.kind === 'Comment'; token = this.#lexer.next()) comments.push({ Value: token.value });
    if (comments.length > 0) this.comment = { List: comments };
    this.#token = token;
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#previous = token;
    this.#token = undefined;
    this.comment = undefined;
    return token;
  }

  get previous(): Token | undefined {
    return this.#previous;
  }

  position(): Position {
    return this.peek().position;
  }

  unexpected(token = this.peek()): GraphqlError {
    return new GraphqlError(`Unexpected ${tokenText(token)}`, token.position);
  }

  isAt(kind: TokenKind, value?: string): boolean {
    const token = this.peek();
    return token.kind === kind && (value === undefined || token.value === value);
  }

  /** Takes a token of the kind when it is next. */
  skip(kind: TokenKind, value?: string): boolean {
    if (!this.isAt(kind, value)) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind): Token {
    const token = this.peek();
    if (token.kind === kind) return this.next();
    throw new GraphqlError(`Expected ${kind}, found ${token.kind}`, token.position);
  }

  /** Takes a keyword; the comments before it. */
  expectKeyword(keyword: string): CommentGroup | undefined {
    const token = this.peek();
    const comment = this.comment;
    if (!this.isAt('Name', keyword)) {
      throw new GraphqlError(`Expected "${keyword}", found ${tokenText(token)}`, token.position);
    }
    this.next();
    return comment;
  }

  name(): string {
    return this.expect('Name').value;
  }

  /** Elements between two punctuators, at least one where these are there; the comments before the closing one. */
  some(open: TokenKind, close: TokenKind, read: () => void): CommentGroup | undefined {
    if (!this.skip(open)) return undefined;
    if (this.isAt(close)) {
      const token = this.peek();
      throw new GraphqlError(`expected at least one definition, found ${token.kind}`, token.position);
    }
    this.#nested(() => {
      while (!this.isAt(close)) read();
    });
    const comment = this.comment;
    this.next();
    return comment;
  }

  #many(open: TokenKind, close: TokenKind, read: () => void): void {
    this.skip(open);
    this.#nested(() => {
      while (!this.isAt(close)) read();
    });
    this.next();
  }

  #nested(read: () => void): void {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) {
      throw new GraphqlError(`Nested deeper than ${MAXIMUM_DEPTH} levels`, this.position());
    }
    read();
    this.#depth -= 1;
  }

  value(isConstant: boolean): ValueNode {
    const token = this.peek();
    const node = { position: token.position, Comment: this.comment, Raw: '', ExpectedTypeHasDefault: false };
    switch (token.kind) {
      case '[': {
        const Children: ChildValue[] = [];
        this.#many('[', ']', () => Children.push({ Name: '', Value: this.value(isConstant) }));
        return { ...node, Kind: VALUE_KIND.list, Children };
      }
      case '{': {
        const Children: ChildValue[] = [];
        this.#many('{', '}', () => Children.push(this.#objectField(isConstant)));
        return { ...node, Kind: VALUE_KIND.object, Children };
      }
      case '$':
        if (isConstant) throw this.unexpected();
        return { ...node, Kind: VALUE_KIND.variable, Raw: this.variable() };
      case 'Name':
        this.next();
        return { ...node, Kind: nameKind(token.value), Raw: token.value };
      default: {
        const kind = LITERAL_KINDS[token.kind];
        if (kind === undefined) throw this.unexpected();
        this.next();
        return { ...node, Kind: kind, Raw: token.value };
      }
    }
  }

  #objectField(isConstant: boolean): ChildValue {
    const position = this.position();
    const Comment = this.comment;
    const Name = this.name();
    this.expect(':');
    return { position, Comment, Name, Value: this.value(isConstant) };
  }

  variable(): string {
    this.expect('$');
    return this.name();
  }

  arguments(isConstant: boolean): Argument[] {
    const found: Argument[] = [];
    this.some('(', ')', () => {
      const position = this.position();
      const Comment = this.comment;
      const Name = this.name();
      this.expect(':');
      found.push({ position, Comment, Name, Value: this.value(isConstant) });
    });
    return found;
  }

  directives(isConstant: boolean): Directive[] {
    const found: Directive[] = [];
    while (this.skip('@')) {
      const position = this.position();
      const Name = this.name();
      found.push({ position, Name, Arguments: this.arguments(isConstant), Location: '' });
    }
    return found;
  }

  typeReference(): TypeReference {
    let type: TypeReference;
    if (this.skip('[')) {
      const position = this.position();
      let Elem: TypeReference | undefined;
      this.#nested(() => {
        Elem = this.typeReference();
      });
      this.expect(']');
      type = { position, NamedType: '', Elem: Elem!, NonNull: false };
    } else {
      type = { position: this.position(), NamedType: this.name(), NonNull: false };
    }
    return this.skip('!') ? { ...type, NonNull: true } : type;
  }
}

function nameKind(name: string): number {
  if (name === 'true' || name === 'false') return VALUE_KIND.boolean;
  return name === 'null' ? VALUE_KIND.null : VALUE_KIND.enum;
}
