/** The syntax tree of a template. */
import type { TemplateValue } from './values.ts';

/** Something that has a value, followed by the fields asked of it. */
export interface Operand {
  readonly base:
    | { readonly kind: 'literal'; readonly value: TemplateValue }
    | { readonly kind: 'dot' | 'nil' }
    | { readonly kind: 'variable' | 'function'; readonly name: string }
    | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };
  readonly fields: readonly string[];
}

/** A function or value with its arguments. */
export type Command = readonly Operand[];

/** Commands, each given the result of the one before, and the variables that get the result. */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
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
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: 'break' | 'continue' };

/** A parsed template and those that it defines. */
export interface Template {
  readonly body: readonly TemplateNode[];
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}
