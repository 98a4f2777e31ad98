import { RE2JS } from 're2js';
import { endOfText, rewriteExpression } from './regex-syntax.ts';

/** The SDK's bounds on regular expressions in conditions, in characters. */
export const longestExpression = 1024;
export const searchedCharacters = 8192;

/** Matches nothing, not even between characters. */
const noCharacter = '[^\\x{0}-\\x{10ffff}]';

/** A stretch of text, in UTF-16 units; `end` is behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A compiled expression: a search over text; or `invalid`, which SDKs treat as "never matches"; or `undecidable`, an
 * expression that SDKs may run but a linear-time engine cannot (look-around, back-references, possessive repetition).
 */
export type Expression =
  | { readonly kind: 'search'; found(text: string): boolean; spans(text: string): Span[] }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'undecidable'; readonly problem: string };

/**
 * Compiles a regular expression as the Python SDK would read it, on a linear-time engine. `\d \w \s` and their opposites
 * know all scripts as there; `\b` knows ASCII words only. Never throws.
 */
export function compileExpression(source: string, ignoreCase: boolean): Expression {
  const rewritten = rewriteExpression(source);
  if (rewritten.kind !== 'rewritten') return rewritten;
  try {
    const flags = ignoreCase ? RE2JS.CASE_INSENSITIVE : 0;
    const compiled = RE2JS.compile(rewritten.expression, flags);
    const found = (text: string) => compiled.test(text);
    const spans = (text: string) => spansOf(compiled, text, rewritten.expression.includes(endOfText));
    if (!rewritten.expression.includes('\\B')) return { kind: 'search', found, spans };
    // Python sees no place inside a word in empty text, RE2 does.
    const compiledForEmpty = RE2JS.compile(rewritten.expression.replaceAll('\\B', noCharacter), flags);
    return { kind: 'search', found: (text) => (text === '' ? compiledForEmpty.test(text) : found(text)), spans };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    // The engine's own limits are the only refusals that the SDK's engine does not share.
    const isLimit = /repeat count|repeat size|too large|nesting/i.test(problem);
    return { kind: isLimit ? 'undecidable' : 'invalid', problem };
  }
}

/** Every place where the expression is found, left to right, without overlaps. */
function spansOf(compiled: RE2JS, text: string, readsLineEnd: boolean): Span[] {
  const spans: Span[] = [];
  const matcher = compiled.matcher(text);
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    // `$` looks at a final line end without taking it.
    const isLineEnd = readsLineEnd && end === text.length && end > start && text[end - 1] === '\n';
    spans.push({ start, end: isLineEnd ? end - 1 : end });
  }
  return spans;
}
