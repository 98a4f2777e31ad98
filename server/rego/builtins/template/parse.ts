import { quote } from '../algorithms/quote.ts';
import { FUNCTION_NAMES } from './functions.ts';
import { type Token, templateTokens } from './lex.ts';
import { MAIN, type Template, type TemplateNode } from './nodes.ts';
import { PipelineParser } from './parse-pipeline.ts';
import { TokenReader } from './token-reader.ts';

/** Parses a template in the syntax of Go's `text/template`. Throws a BuiltinError with the line of the mistake. `charge` is told of its parts. */
export function parseTemplate(text: string, charge: (length: number) => void): Template {
  return new TemplateParser(text, charge).parse();
}

/** What a token costs, in characters written. */
const TOKEN_COST = 320;

type Ending = 'end' | 'else';

class TemplateParser {
  readonly #text: string;
  readonly #reader: TokenReader;
  readonly #pipelines: PipelineParser;
  readonly #bodies = new Map<string, readonly TemplateNode[]>();
  /** How many loops are around; `break` and `continue` need one. */
  #loops = 0;

  constructor(text: string, charge: (length: number) => void) {
    this.#text = text;
    const tokens = templateTokens(text);
    charge(TOKEN_COST * tokens.length);
    this.#reader = new TokenReader(tokens);
    this.#pipelines = new PipelineParser(this.#reader, FUNCTION_NAMES, charge);
  }

  parse(): Template {
    const nodes: TemplateNode[] = [];
    while (this.#reader.peek().kind !== 'end') {
      if (this.#definition()) continue;
      const { node, ending } = this.#textOrAction();
      if (ending) throw this.#reader.fail(`unexpected {{${ending}}}`);
      if (node) nodes.push(node);
    }
    this.#keep(MAIN, nodes);
    return { text: this.#text, bodies: this.#bodies };
  }

  /** `{{define}}` stands outside of all other actions only. */
  #definition(): boolean {
    if (this.#reader.peek().kind !== 'open') return false;
    const open = this.#reader.position;
    this.#reader.next();
    const { kind, text } = this.#reader.nextSolid();
    if (kind === 'keyword' && text === 'define') {
      const name = this.#name(this.#reader.nextSolid(), 'define clause');
      this.#expectClose('define clause');
      this.#body(name, 'define clause');
      return true;
    }
    this.#reader.position = open;
    return false;
  }

  /** The body of a template up to its end: it has its own variables. */
  #body(name: string, context: string): void {
    const loops = this.#loops;
    this.#loops = 0;
    const { nodes, ending } = this.#pipelines.withOwnVariables(() => this.#list());
    if (ending !== 'end') throw this.#reader.fail(`unexpected {{${ending}}} in ${context}`);
    this.#loops = loops;
    this.#keep(name, nodes);
  }

  /** Of two bodies with one name, one has to be empty. */
  #keep(name: string, nodes: readonly TemplateNode[]): void {
    const isEmpty = (body: readonly TemplateNode[]) =>
      body.every((node) => node.kind === 'text' && /^\s*$/.test(node.text));
    const known = this.#bodies.get(name);
    if (!known || isEmpty(known)) this.#bodies.set(name, nodes);
    else if (!isEmpty(nodes)) throw this.#reader.fail(`template: multiple definition of template ${quote(name)}`);
  }

  /** Nodes up to an `end` or `else`. */
  #list(): { nodes: readonly TemplateNode[]; ending: Ending } {
    const nodes: TemplateNode[] = [];
    while (this.#reader.peekSolid().kind !== 'end') {
      const { node, ending } = this.#textOrAction();
      if (ending) return { nodes, ending };
      if (node) nodes.push(node);
    }
    throw this.#reader.fail('unexpected EOF');
  }

  #textOrAction(): { node?: TemplateNode; ending?: Ending } {
    const token = this.#reader.nextSolid();
    if (token.kind === 'text') return { node: { kind: 'text', text: token.text } };
    if (token.kind !== 'open') throw this.#reader.unexpected(token, 'input');
    return this.#reader.inAction(token, () => this.#action());
  }

  #action(): { node?: TemplateNode; ending?: Ending } {
    const begin = this.#reader.position;
    const token = this.#reader.nextSolid();
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'if':
      case 'with':
      case 'range':
        return { node: this.#control(token.text as 'if' | 'with' | 'range') };
      case 'block':
      case 'template':
        return { node: this.#call(token.text as 'block' | 'template') };
      case 'break':
      case 'continue':
        return { node: this.#jump(token.text as 'break' | 'continue') };
      case 'end':
        this.#expectClose('end');
        return { ending: 'end' };
      case 'else':
        // What follows in `{{else if}}` and `{{else with}}` is read as an action of its own.
        if (!['if', 'with'].includes(this.#keyword())) this.#expectClose('else');
        return { ending: 'else' };
      default:
        this.#reader.position = begin;
        return { node: { kind: 'action', pipeline: this.#pipelines.pipeline('command', 'close') } };
    }
  }

  #keyword(): string {
    const { kind, text } = this.#reader.peekSolid();
    return kind === 'keyword' ? text : '';
  }

  #expectClose(context: string): void {
    const token = this.#reader.nextSolid();
    if (token.kind !== 'close') throw this.#reader.unexpected(token, context);
  }

  #jump(kind: 'break' | 'continue'): TemplateNode {
    this.#expectClose(`{{${kind}}}`);
    if (this.#loops === 0) throw this.#reader.fail(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  #name(token: Token, context: string): string {
    if (token.kind !== 'string') throw this.#reader.unexpected(token, context);
    return this.#pipelines.text(token);
  }

  #call(kind: 'block' | 'template'): TemplateNode {
    const context = `${kind} clause`;
    const token = this.#reader.nextSolid();
    const name = this.#name(token, context);
    const isAlone = kind === 'template' && this.#reader.peekSolid().kind === 'close';
    if (isAlone) this.#reader.nextSolid();
    const pipeline = isAlone ? undefined : this.#pipelines.pipeline(context, 'close');
    if (kind === 'block') this.#reader.nested(() => this.#body(name, context));
    return { kind: 'template', name, pipeline, at: token.at };
  }

  #control(kind: 'if' | 'with' | 'range'): TemplateNode {
    return this.#reader.nested(() =>
      this.#pipelines.withInnerVariables(() => {
        const pipeline = this.#pipelines.pipeline(kind, 'close');
        const inLoop = kind === 'range' ? 1 : 0;
        this.#loops += inLoop;
        const { nodes: body, ending } = this.#list();
        this.#loops -= inLoop;
        return { kind, pipeline, body, otherwise: ending === 'else' ? this.#otherwise(kind) : [] };
      }),
    );
  }

  #otherwise(kind: 'if' | 'with' | 'range'): readonly TemplateNode[] {
    if (kind !== 'range' && this.#reader.peek().kind === 'keyword' && this.#keyword() === kind) {
      this.#reader.next();
      return [this.#control(kind)];
    }
    const { nodes, ending } = this.#list();
    if (ending !== 'end') throw this.#reader.fail(`expected end; found {{${ending}}}`);
    return nodes;
  }
}
