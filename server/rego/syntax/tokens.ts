/** The tokens of Rego. */
import type { RegoError } from '../errors.ts';

export type TokenKind = 'ident' | 'number' | 'string' | 'raw-string' | 'template' | 'punctuation' | 'illegal' | 'eof';

/** A piece of a template string: literal text, or the tokens between braces. */
export type TemplatePart = string | readonly Token[];

export interface Token {
  readonly kind: TokenKind;
  /** The characters of the source, for strings with their quotes. */
  readonly text: string;
  /** The decoded text of a string. */
  readonly value?: string | undefined;
  readonly parts?: readonly TemplatePart[] | undefined;
  /** Why it is illegal. */
  readonly error?: RegoError;
  readonly offset: number;
  readonly end: number;
  readonly row: number;
  /** Row of the last character. */
  readonly endRow: number;
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean;
}

const V0_KEYWORDS = ['as', 'default', 'else', 'false', 'import', 'not', 'null', 'package', 'some', 'true', 'with'];

/** Words that are keywords in every module. */
export const BASE_KEYWORDS: ReadonlySet<string> = new Set(V0_KEYWORDS);

/** Words that `import future.keywords.NAME` makes keywords; the first four are keywords of v1. */
export const FUTURE_KEYWORDS = ['contains', 'every', 'if', 'in', 'and', 'or', 'not'] as const;

/** Keywords of v1 modules. */
export const V1_KEYWORDS = ['contains', 'every', 'if', 'in'] as const;

/** The name of a token in an error message, as OPA says it. */
export function tokenName(token: Token, keywords: ReadonlySet<string>): string {
  switch (token.kind) {
    case 'ident':
      return keywords.has(token.text) ? token.text : 'identifier';
    case 'raw-string':
    case 'string':
      return 'string';
    case 'template':
      return 'template-string';
    case 'punctuation':
      return PUNCTUATION_NAMES[token.text] ?? token.text;
    default:
      return token.kind;
  }
}

const PUNCTUATION_NAMES: Readonly<Record<string, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '&': 'and',
  '|': 'or',
  '=': 'eq',
  ':=': 'assign',
  '==': 'equal',
  '!=': 'neq',
  '>': 'gt',
  '<': 'lt',
  '>=': 'gte',
  '<=': 'lte',
};
