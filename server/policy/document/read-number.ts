import type { Problem } from './problem.ts';

/**
 * Judges a number as written against the double it became.
 *
 * Infinite, not a number, integers beyond 2^53 and values that shrink to zero are errors. A number whose text form
 * differs from what was written (`1.10`, `1e3`, `0x1f`) is a warning, because SDKs compare conditions as text.
 */
export function numberProblem(source: string, value: number): Omit<Problem, 'path'> | undefined {
  if (!Number.isFinite(value) || isTooLarge(value) || (value === 0 && /[1-9]/.test(source.split(/[eE]/)[0] ?? ''))) {
    const message = `The number ${shorten(source)} cannot be kept exactly. Write it as text, in quotes.`;
    return { severity: 'error', code: 'number_range', message };
  }
  if (String(value) === source) return undefined;
  const message = `The number ${shorten(source)} is read as ${String(value)}. Put it in quotes to keep it as written.`;
  return { severity: 'warning', code: 'number_spelling', message, suggestion: String(value) };
}

function isTooLarge(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function shorten(source: string): string {
  return source.length > 40 ? `${source.slice(0, 37)}…` : source;
}
