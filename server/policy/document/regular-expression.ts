import { RE2JS } from 're2js';
import { compileExpression } from '../evaluator/regex.ts';

/**
 * Says why a regular expression is outside what Python `re` and RE2 have in common, or undefined when both read it and
 * mean the same: no look-around, no back-references, no possessive or stacked repetition, flags `(?ims)` only at the
 * start, no classes or escapes that one of them lacks.
 */
export function expressionFault(source: string): string | undefined {
  const difference = readDifferently(source);
  if (difference !== undefined) return difference;
  const python = compileExpression(source, false);
  if (python.kind !== 'search') return python.problem;
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Forms that both engines accept, or that one of them accepts by accident, with different meanings. */
function readDifferently(source: string): string | undefined {
  const plain = maskClasses(source.replaceAll(/\\[\s\S]/g, 'aa'));
  if (plain.named) return 'classes such as [:digit:] exist in RE2 only; write the characters out';
  const { text } = plain;
  if (/\{,\d+\}/.test(text)) return '{,n} means different things; write {0,n}';
  if (/\(\?[a-zA-Z]*(?:-[a-zA-Z]+)?:/.test(text.replaceAll('(?:', '(  ')))
    return 'flags have to stand at the start, as in (?i)';
  if (/.\(\?[a-zA-Z]+\)/s.test(text)) return 'flags have to stand at the start, as in (?i)';
  if (/^\(\?(?![ims]+\))[a-zA-Z]+\)/.test(text)) return 'only the flags i, m and s exist everywhere';
  if (/(?:[*+?]|\{\d+(?:,\d*)?\})(?:[*+]|\?[?*+]|\{\d)/.test(text))
    return 'a repetition cannot be repeated; put it into a group';
  return undefined;
}

/** Replaces every `[…]` by filler of the same length, so that what is left are operators and literals. */
function maskClasses(source: string): { text: string; named: boolean } {
  let named = false;
  const text = source.replaceAll(/\[\^?\]?[^\]]*\]/g, (whole) => {
    if (/\[:\^?[a-z]+:$/.test(whole.slice(0, -1))) named = true;
    return 'a'.repeat(whole.length);
  });
  return { text, named };
}

/**
 * True for an expression in which an unbounded repetition repeats another one, such as `(a+)+`: RE2 stays linear, but
 * Python's engine can take exponential time on a long argument.
 */
export function canExplode(source: string): boolean {
  const text = maskClasses(source.replaceAll(/\\[\s\S]/g, 'aa')).text;
  const unbounded: boolean[] = [false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '(') unbounded.push(false);
    const repeats = isUnboundedAt(text, at + (character === ')' ? 1 : 0));
    if (character === ')') {
      const inner = unbounded.pop() ?? false;
      if (inner && repeats) return true;
      if (unbounded.length === 0) return false;
      unbounded[unbounded.length - 1] ||= inner;
    }
    if (repeats) unbounded[unbounded.length - 1] = true;
  }
  return false;
}

function isUnboundedAt(text: string, at: number): boolean {
  return text[at] === '*' || text[at] === '+' || /^\{\d+,\}/.test(text.slice(at, at + 12));
}
