import type { BuiltinError } from '../../errors.ts';
import { quote } from '../algorithms/quote.ts';
import type { Token } from './lex.ts';
import { characterNumber, literalNumber, unquoted } from './literals.ts';
import type { Argument, Command, Pipeline } from './nodes.ts';
import type { TokenReader } from './token-reader.ts';

const OPERANDS: ReadonlySet<Token['kind']> = new Set([
  'bool',
  'character',
  'dot',
  'field',
  'word',
  'number',
  'nil',
  'string',
  'variable',
]);

/** What may only begin a pipeline. */
const NOT_EXECUTABLE: ReadonlySet<Argument['kind']> = new Set(['literal', 'dot']);

/** Parses what stands within actions, and knows which variables there are. */
export class PipelineParser {
  readonly #reader: TokenReader;
  readonly #functions: ReadonlySet<string>;
  readonly #charge: (length: number) => void;
  #variables: string[] = ['$'];

  constructor(reader: TokenReader, functions: ReadonlySet<string>, charge: (length: number) => void) {
    this.#reader = reader;
    this.#functions = functions;
    this.#charge = charge;
  }

  /** Reads with no variables but `$`. */
  withOwnVariables<Result>(read: () => Result): Result {
    const outer = this.#variables;
    this.#variables = ['$'];
    const result = read();
    this.#variables = outer;
    return result;
  }

  /** Reads with the variables of this place; those declared meanwhile are forgotten. */
  withInnerVariables<Result>(read: () => Result): Result {
    const count = this.#variables.length;
    const result = read();
    this.#variables.length = count;
    return result;
  }

  /** Commands up to the token that closes them. */
  pipeline(context: string, end: 'close' | ')'): Pipeline {
    const { at } = this.#reader.peekSolid();
    const [variables, declares] = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#reader.peekSolid();
      if (end === 'close' ? token.kind === 'close' : isMark(token, ')')) break;
      if (!OPERANDS.has(token.kind) && !isMark(token, '(')) {
        this.#reader.next();
        throw this.#reader.unexpected(token, context);
      }
      commands.push(this.#command());
    }
    this.#reader.next();
    if (commands.length === 0) throw this.#reader.fail(`missing value for ${context}`);
    const idle = commands.findIndex(({ args }, index) => index > 0 && NOT_EXECUTABLE.has(args[0]!.kind));
    if (idle > 0) throw this.#reader.fail(`non executable command in pipeline stage ${idle + 1}`);
    return { kind: 'pipeline', variables, declares, commands, at };
  }

  #declaration(context: string): [readonly string[], boolean] {
    const variables: string[] = [];
    for (;;) {
      const variable = this.#reader.peekSolid();
      if (variable.kind !== 'variable') return [variables, true];
      const begin = this.#reader.position;
      this.#reader.next();
      const next = this.#reader.peekSolid();
      if (isMark(next, ':=') || isMark(next, '=')) {
        this.#reader.next();
        this.#variables.push(variable.text);
        return [[...variables, variable.text], next.text === ':='];
      }
      if (!isMark(next, ',')) {
        this.#reader.position = begin;
        return [variables, true];
      }
      this.#reader.next();
      variables.push(variable.text);
      this.#variables.push(variable.text);
      this.#checkCount(context, variables.length);
    }
  }

  /** Only `range` can declare two variables. */
  #checkCount(context: string, count: number): void {
    if (context !== 'range' || count > 1) throw this.#reader.fail(`too many declarations in ${context}`);
    const next = this.#reader.peekSolid();
    if (next.kind !== 'variable' && next.kind !== 'close' && !isMark(next, ')'))
      throw this.#reader.fail('range can only initialize variables');
  }

  #command(): Command {
    const { at } = this.#reader.peekSolid();
    const args: Argument[] = [];
    for (;;) {
      this.#reader.peekSolid();
      const operand = this.#operand();
      if (operand) args.push(operand);
      const token = this.#reader.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'close' || isMark(token, ')')) this.#reader.position -= 1;
      else if (!isMark(token, '|')) throw this.#reader.unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) throw this.#reader.fail('empty command');
    return { kind: 'command', args, at };
  }

  /** A value with the fields that follow it. The place of fields in a row is that of the second one, as in Go. */
  #operand(): Argument | undefined {
    const begin = this.#reader.position;
    const of = this.#term();
    if (!of) this.#reader.position = begin;
    if (!of || this.#reader.peek().kind !== 'field') return of;
    const { at } = this.#reader.peek();
    const names: string[] = [];
    while (this.#reader.peek().kind === 'field') names.push(this.#reader.next().text.slice(1));
    switch (of.kind) {
      case 'field':
      case 'variable':
        return { kind: of.kind, names: [...of.names, ...names], at };
      case 'literal':
        throw this.#reader.fail(`unexpected . after term ${quote(of.text)}`);
      case 'dot':
        throw this.#reader.fail('unexpected . after term "."');
      default:
        return { kind: 'chain', of, names, at };
    }
  }

  #term(): Argument | undefined {
    const token = this.#reader.nextSolid();
    const { kind, text, at } = token;
    switch (kind) {
      case 'word':
        if (!this.#functions.has(text)) throw this.#reader.fail(`function ${quote(text)} not defined`);
        return { kind: 'function', name: text, at };
      case 'dot':
        return { kind: 'dot', at };
      case 'nil':
        return { kind: 'literal', value: undefined, text, at };
      case 'bool':
        return { kind: 'literal', value: text === 'true', text, at };
      case 'variable':
        this.#charge(4 * this.#variables.length);
        if (!this.#variables.includes(text)) throw this.#reader.fail(`undefined variable ${quote(text)}`);
        return { kind: 'variable', names: [text], at };
      case 'field':
        return { kind: 'field', names: [text.slice(1)], at };
      case 'string':
        return { kind: 'literal', value: this.text(token), text, at };
      case 'character':
      case 'number':
        return this.#number(token);
      default:
        return isMark(token, '(') ? this.#reader.nested(() => this.pipeline('parenthesized pipeline', ')')) : undefined;
    }
  }

  #number({ kind, text, at }: Token): Argument {
    const read = kind === 'number' ? literalNumber(text) : characterNumber(text);
    if ('mistake' in read) throw this.#reader.fail(read.mistake);
    return { kind: 'literal', value: read.value, text, at };
  }

  /** What a string literal stands for. */
  text(token: Token): string {
    const text = unquoted(token.text);
    if (text === undefined) throw this.#invalid();
    return text;
  }

  #invalid(): BuiltinError {
    return this.#reader.fail('invalid syntax');
  }
}

function isMark(token: Token, text: string): boolean {
  return token.kind === 'mark' && token.text === text;
}
