/** The syntax tree of a template. Every part keeps its offset in the text and can be written down again for messages. */
import { quote } from '../algorithms/quote.ts';
import type { Plain } from './values.ts';

/** Where a part begins: an offset in the text of the template. */
interface Placed {
  readonly at: number;
}

/** A value with the text that it was written as; undefined is `nil`. */
export interface Literal extends Placed {
  readonly kind: 'literal';
  readonly value: Plain | undefined;
  readonly text: string;
}

export type Argument =
  | Literal
  | (Placed & { readonly kind: 'dot' })
  | (Placed & { readonly kind: 'field'; readonly names: readonly string[] })
  /** The first name is that of the variable, with its `$`. */
  | (Placed & { readonly kind: 'variable'; readonly names: readonly string[] })
  | (Placed & { readonly kind: 'function'; readonly name: string })
  /** Fields of what a call or a pipeline in parentheses gives. */
  | (Placed & { readonly kind: 'chain'; readonly of: Argument; readonly names: readonly string[] })
  | Pipeline;

/** A function or value with its arguments. */
export interface Command extends Placed {
  readonly kind: 'command';
  readonly args: readonly Argument[];
}

/** Commands, each given the result of the one before, and the variables that get the result. */
export interface Pipeline extends Placed {
  readonly kind: 'pipeline';
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

/** A call of another template. */
export interface TemplateCall extends Placed {
  readonly kind: 'template';
  readonly name: string;
  readonly pipeline: Pipeline | undefined;
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | TemplateCall
  | { readonly kind: 'break' | 'continue' };

/** What messages can point at. */
export type Shown = Argument | Command | TemplateCall;

/** A parsed template: the bodies by name, among them the one that is rendered. */
export interface Template {
  readonly text: string;
  readonly bodies: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** The name of the template that is rendered. */
export const MAIN = 'template';

function inParentheses(argument: Argument): string {
  return argument.kind === 'pipeline' ? `(${shownText(argument)})` : shownText(argument);
}

/** A part as templates write it, with single spaces. */
export function shownText(node: Shown): string {
  switch (node.kind) {
    case 'literal':
      return node.text;
    case 'dot':
      return '.';
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.names.join('.');
    case 'function':
      return node.name;
    case 'chain':
      return [inParentheses(node.of), ...node.names].join('.');
    case 'command':
      return node.args.map(inParentheses).join(' ');
    case 'template':
      return `{{template ${quote(node.name)}${node.pipeline ? ` ${shownText(node.pipeline)}` : ''}}}`;
    default: {
      const names = node.variables.join(', ');
      const target = names === '' ? '' : `${names} ${node.declares ? ':=' : '='} `;
      return target + node.commands.map(shownText).join(' | ');
    }
  }
}
