import type { DlpRule } from './dlp-rules.ts';
import { dlpCategories } from './dlp-rules.ts';
import { EvaluationFault } from './policy-error.ts';
import { isTruthy, textOf } from './python-text.ts';
import type { Span } from './regex.ts';

/** Sensitive data at one place of a text. */
export interface DlpMatch extends Span {
  readonly rule: DlpRule;
}

/**
 * Finds everything the rules look for in a text.
 * @throws EvaluationFault for a match of a rule whose category the SDK cannot report
 */
export function scanText(rules: readonly DlpRule[], text: string): DlpMatch[] {
  if (text === '') return [];
  const lowered = text.toLowerCase();
  return rules.flatMap((rule) => {
    const { requiredKeywords: keywords } = rule;
    if (keywords !== undefined && !keywords.some((keyword) => lowered.includes(keyword))) return [];
    const found = rule.spans(text).map((span) => ({ rule, ...span }));
    if (found.length > 0) refuseUnknownCategory(rule);
    return found;
  });
}

function refuseUnknownCategory({ category }: DlpRule): void {
  if (typeof category === 'string' && dlpCategories.includes(category)) return;
  throw new EvaluationFault('a rule for sensitive data has a category that cannot be reported');
}

/**
 * Checks that what a rule found can be written into the audit log.
 * @throws EvaluationFault for a name (or, without one, an id) that is no text
 */
export function refuseUnreportable({ name, id }: DlpRule): void {
  const label = isTruthy(name) ? name : id;
  if (typeof label === 'string' || Array.isArray(label)) return;
  throw new EvaluationFault('a rule for sensitive data has a name that is no text');
}

/** The text of every leaf of a JSON value, in order; null has none. Check the depth first, see {@link holdsEncodedText}. */
export function leavesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [textOf(value)];
  return Object.values(value).flatMap(leavesOf);
}

const encodedKeys = new Set(['base64', 'encoded', 'attachment_data']);

/** The SDK's own language gives up at about this nesting. */
const deepestNesting = 900;

/**
 * True when a value holds text under a key that announces encoded content, which cannot be scanned.
 * @throws EvaluationFault for a value nested too deeply
 */
export function holdsEncodedText(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > deepestNesting)
    throw new EvaluationFault(`the arguments are nested more than ${deepestNesting} levels deep`);
  const isList = Array.isArray(value);
  return Object.entries(value).some(
    ([key, entry]) =>
      (!isList && typeof entry === 'string' && encodedKeys.has(key.toLowerCase())) ||
      holdsEncodedText(entry, depth + 1),
  );
}

/** A copy with masked leaves, and the stretches that were masked, counted in the leaves joined by line ends. */
export interface Masked {
  readonly value: unknown;
  readonly spans: readonly Span[];
}

/**
 * Replaces what masking rules find, leaf by leaf. Numbers and booleans become text when they are masked.
 * @throws EvaluationFault as {@link scanText}, and for a masking rule whose id or name is no text
 */
export function maskLeaves(rules: readonly DlpRule[], args: unknown): Masked {
  const spans: Span[] = [];
  let offset = 0;
  const mask = (value: unknown): unknown => {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mask(entry)]));
    }
    const text = textOf(value);
    const matches = scanText(rules, text).filter(({ rule, start, end }) => rule.action === 'mask' && end > start);
    for (const { start, end, rule } of matches) {
      refuseUnreportable(rule);
      spans.push({ start: offset + start, end: offset + end });
    }
    offset += text.length + 1;
    return matches.length === 0 ? value : maskText(text, matches);
  };
  return { value: mask(args), spans };
}

/** Overlapping and touching stretches become one, named by the earliest and then widest. */
function maskText(text: string, matches: readonly DlpMatch[]): string {
  const ordered = [...matches].sort((left, right) => left.start - right.start || right.end - left.end);
  let out = '';
  let at = 0;
  let current: { start: number; end: number; placeholder: string } | undefined;
  const flush = () => {
    if (current === undefined) return;
    out += text.slice(at, current.start) + current.placeholder;
    at = current.end;
  };
  for (const { start, end, rule } of ordered) {
    if (current !== undefined && start <= current.end) current.end = Math.max(current.end, end);
    else {
      flush();
      current = { start, end, placeholder: placeholderOf(rule.id) };
    }
  }
  flush();
  return out + text.slice(at);
}

/** `[REDACTED-<ID>]`, as all SDKs write it. */
export function placeholderOf(id: unknown): string {
  const name = isTruthy(id) ? id : 'PII';
  if (typeof name !== 'string') throw new EvaluationFault('a masking rule has an id that is no text');
  return `[REDACTED-${name.toUpperCase().replaceAll(' ', '_')}]`;
}
