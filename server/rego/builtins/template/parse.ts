import { BuiltinError } from '../../errors.ts';
import { quote } from '../algorithms/quote.ts';
import { FUNCTION_NAMES } from './functions.ts';
import type { Command, Operand, Pipeline, Template, TemplateNode } from './nodes.ts';

/** Parses a template in the syntax of Go's `text/template`. Throws a BuiltinError with the line of the mistake. */
export function parseTemplate(text: string): Template {
  return new TemplateParser(text).parse();
}

const TOKEN =
  /\s*(?:("(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+')|(:=|[|(),=])|((?:\$\w*|\.\w+|\.)(?:\.\w+)*)|([A-Za-z_]\w*)|([+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+(?![\d.])|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)))/y;
const MAXIMUM_DEPTH = 100;

interface Token {
  readonly kind: 'quoted' | 'mark' | 'chain' | 'word' | 'number' | 'fields';
  readonly text: string;
}

/** A piece of the template: text, or the inside of `{{ }}`. */
interface Piece {
  readonly kind: 'text' | 'action';
  readonly text: string;
  readonly line: number;
}

function splitPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const addText = (raw: string, trimEnd: boolean) => {
    const start = trimNext ? raw.replace(/^[ \t\r\n]+/, '') : raw;
    const shown = trimEnd ? start.replace(/[ \t\r\n]+$/, '') : start;
    if (shown !== '') pieces.push({ kind: 'text', text: shown, line: 0 });
  };
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) {
      addText(text.slice(at), false);
      return pieces;
    }
    const trimsBefore = /^\{\{-[ \t\r\n]/.test(text.slice(open, open + 4));
    addText(text.slice(at, open), trimsBefore);
    const inside = open + (trimsBefore ? 3 : 2);
    const close = endOfAction(text, inside);
    if (close < 0) throw new BuiltinError(`template: template:${lineOf(open)}: unclosed action`);
    const raw = text.slice(inside, close);
    trimNext = /[ \t\r\n]-$/.test(raw);
    const content = trimNext ? raw.slice(0, -2) : raw;
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(content)) pieces.push({ kind: 'action', text: content, line: lineOf(open) });
    at = close + 2;
  }
}

const ACTION_PART = /\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}|[\s\S]/y;

function endOfAction(text: string, from: number): number {
  ACTION_PART.lastIndex = from;
  for (let match = ACTION_PART.exec(text); match; match = ACTION_PART.exec(text)) {
    if (match[0] === '}}') return match.index;
  }
  return -1;
}

class TemplateParser {
  readonly #pieces: readonly Piece[];
  readonly #defined = new Map<string, readonly TemplateNode[]>();
  #at = 0;
  #depth = 0;
  #tokens: Token[] = [];
  #line = 1;
  #scopes: Set<string>[] = [new Set(['$'])];

  constructor(text: string) {
    this.#pieces = splitPieces(text);
  }

  parse(): Template {
    const { nodes, end } = this.#list();
    if (end !== undefined) throw this.#fail(`unexpected {{${end}}}`);
    return { body: nodes, defined: this.#defined };
  }

  #fail(reason: string): BuiltinError {
    return new BuiltinError(`template: template:${this.#line}: ${reason}`);
  }

  #tokenize(text: string): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (!match) throw this.#fail(`unexpected ${quote(text.slice(from).trim().slice(0, 20))} in action`);
      const [, quoted, mark, chain, word, number] = match;
      if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
      else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
      else if (chain !== undefined) {
        const follows = tokens.at(-1)?.text === ')' && !/^\s/.test(match[0]);
        tokens.push({ kind: follows ? 'fields' : 'chain', text: chain });
      } else if (word !== undefined) tokens.push({ kind: 'word', text: word });
      else tokens.push({ kind: 'number', text: number! });
    }
    return tokens;
  }

  /** Nodes up to an `end`, `else` or the end of the template. */
  #list(): { nodes: readonly TemplateNode[]; end: 'end' | 'else' | undefined } {
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at]!;
      this.#at += 1;
      if (piece.kind === 'text') {
        nodes.push({ kind: 'text', text: piece.text });
        continue;
      }
      this.#line = piece.line;
      this.#tokens = this.#tokenize(piece.text);
      const keyword = this.#tokens[0]?.kind === 'word' ? this.#tokens[0].text : '';
      if (keyword === 'end' || keyword === 'else') {
        this.#tokens.shift();
        return { nodes, end: keyword };
      }
      const node = this.#node(keyword);
      if (node) nodes.push(node);
    }
    return { nodes, end: undefined };
  }

  #node(keyword: string): TemplateNode | undefined {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.#tokens.shift();
        return this.#scoped(() => this.#control(keyword));
      case 'define':
        this.#tokens.shift();
        this.#define(this.#name());
        return undefined;
      case 'block': {
        this.#tokens.shift();
        const name = this.#name();
        const pipeline = this.#pipeline();
        this.#define(name);
        return { kind: 'template', name, pipeline };
      }
      case 'template': {
        this.#tokens.shift();
        const name = this.#name();
        return { kind: 'template', name, pipeline: this.#tokens.length > 0 ? this.#pipeline() : undefined };
      }
      case 'break':
      case 'continue':
        return { kind: keyword };
      default:
        return { kind: 'action', pipeline: this.#pipeline() };
    }
  }

  #scoped<Result>(parse: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw this.#fail(`nested deeper than ${MAXIMUM_DEPTH}`);
    this.#scopes.push(new Set());
    const result = parse();
    this.#scopes.pop();
    this.#depth -= 1;
    return result;
  }

  #control(kind: 'if' | 'with' | 'range'): TemplateNode {
    const pipeline = this.#pipeline(kind === 'range');
    const { nodes: body, end } = this.#list();
    if (end === 'end') return { kind, pipeline, body, otherwise: [] };
    if (end === undefined) throw this.#fail('unexpected EOF');
    const next = this.#tokens[0]?.text;
    if ((next === 'if' && kind !== 'range') || (next === 'with' && kind === 'with')) {
      this.#tokens.shift();
      return { kind, pipeline, body, otherwise: [this.#scoped(() => this.#control(next))] };
    }
    const otherwise = this.#list();
    if (otherwise.end !== 'end') throw this.#fail(otherwise.end === 'else' ? 'unexpected {{else}}' : 'unexpected EOF');
    return { kind, pipeline, body, otherwise: otherwise.nodes };
  }

  #define(name: string): void {
    const { nodes, end } = this.#scoped(() => this.#list());
    if (end !== 'end') throw this.#fail('unexpected EOF');
    this.#defined.set(name, nodes);
  }

  #name(): string {
    const token = this.#tokens.shift();
    if (token?.kind !== 'quoted') throw this.#fail('a template is named by a string');
    return unquote(token.text);
  }

  #pipeline(inRange = false): Pipeline {
    const [variables, declares] = this.#declaration(inRange);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command());
      if (this.#tokens[0]?.text !== '|') break;
      this.#tokens.shift();
    }
    const extra = this.#tokens[0];
    if (extra && extra.text !== ')') throw this.#fail(`unexpected ${quote(extra.text)} in operand`);
    for (const name of declares ? variables : []) this.#scopes.at(-1)!.add(name);
    return { variables, declares, commands };
  }

  #declaration(inRange: boolean): [readonly string[], boolean] {
    const isVariable = (token: Token | undefined) => token?.kind === 'chain' && /^\$\w+$/.test(token.text);
    const isAssignment = (token: Token | undefined) => token?.text === ':=' || token?.text === '=';
    const [first, second, third, fourth] = this.#tokens;
    let count = 0;
    if (isVariable(first) && isAssignment(second)) count = 1;
    else if (inRange && isVariable(first) && second?.text === ',' && isVariable(third) && isAssignment(fourth))
      count = 2;
    if (count === 0) return [[], false];
    const taken = this.#tokens.splice(0, count === 1 ? 2 : 4);
    const names = taken.filter(isVariable).map(({ text }) => text);
    const declares = taken.at(-1)!.text === ':=';
    if (!declares) for (const name of names) this.#checkVariable(name);
    return [names, declares];
  }

  #checkVariable(name: string): void {
    if (!this.#scopes.some((scope) => scope.has(name))) throw this.#fail(`undefined variable ${quote(name)}`);
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (let token = this.#tokens[0]; token && token.text !== '|' && token.text !== ')'; token = this.#tokens[0]) {
      operands.push(this.#operand());
    }
    const [first] = operands;
    if (!first) throw this.#fail('missing value for command');
    if (first.base.kind === 'nil') throw this.#fail('nil is not a command');
    return operands;
  }

  #operand(): Operand {
    const token = this.#tokens.shift()!;
    switch (token.kind) {
      case 'quoted':
        if (token.text.startsWith("'")) {
          return { base: { kind: 'literal', value: BigInt(unquote(token.text).codePointAt(0) ?? 0) }, fields: [] };
        }
        return { base: { kind: 'literal', value: unquote(token.text) }, fields: [] };
      case 'number':
        return { base: { kind: 'literal', value: numberOf(token.text) }, fields: [] };
      case 'chain': {
        const [head = '', ...fields] = token.text.split('.');
        if (head === '') return { base: { kind: 'dot' }, fields: fields.filter((field) => field !== '') };
        this.#checkVariable(head);
        return { base: { kind: 'variable', name: head }, fields };
      }
      case 'word':
        return { base: this.#word(token.text), fields: [] };
      default:
        return this.#parenthesized(token);
    }
  }

  #word(word: string): Operand['base'] {
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    if (word === 'nil') return { kind: 'nil' };
    if (!FUNCTION_NAMES.has(word)) throw this.#fail(`function ${quote(word)} not defined`);
    return { kind: 'function', name: word };
  }

  #parenthesized(token: Token): Operand {
    if (token.text !== '(') throw this.#fail(`unexpected ${quote(token.text)} in operand`);
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw this.#fail(`nested deeper than ${MAXIMUM_DEPTH}`);
    const pipeline = this.#pipeline();
    this.#depth -= 1;
    if (this.#tokens.shift()?.text !== ')') throw this.#fail('unclosed left paren');
    const follows = this.#tokens[0]?.kind === 'fields' ? this.#tokens.shift()!.text.slice(1).split('.') : [];
    return { base: { kind: 'pipeline', pipeline }, fields: follows };
  }
}

function numberOf(text: string): bigint | number {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = plain.replace(/^[+-]/, '').replace(/^0(?=[0-7]+$)/, '0o');
  if (/^(?:\d+|0[xob].*)$/i.test(digits)) return negative ? -BigInt(digits) : BigInt(digits);
  const value = Number(plain);
  return Number.isInteger(value) ? BigInt(value) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/g,
      (_, x, u, long, octal, single) => {
        const hex = (x ?? u ?? long) as string | undefined;
        if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
        if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal as string, 8));
        return ESCAPES[single as string] ?? (single as string);
      },
    );
}
