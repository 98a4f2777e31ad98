import { PolicyReadError, shown } from './policy-error.ts';
import { isObject, isTruthy, member } from './python-text.ts';
import { compileExpression, type Span } from './regex.ts';

type Json = Readonly<Record<string, unknown>>;

/** One rule for sensitive data, ready to scan with. */
export interface DlpRule {
  /** Usually text; anything else makes the SDK's masking fail, and so deny. */
  readonly id: unknown;
  readonly name: unknown;
  readonly category: unknown;
  /** `block` and `mask` act, every other word only detects. */
  readonly action: unknown;
  /** A match counts only in text that holds one of these (lower case); undefined: always. */
  readonly requiredKeywords: readonly string[] | undefined;
  spans(text: string): Span[];
}

/** Categories an SDK can report; a match of a rule with another one makes its scanner fail, and so deny. */
export const dlpCategories: readonly string[] = (
  'compliance contact credential crypto custom document financial healthcare ip medical national_id network pii secret ' +
  'sensitive_personal tax'
).split(' ');

/**
 * Reads the `dlp_rules` of a bundle as the Python SDK does: what is no rule, is meant for other scopes or has an invalid
 * pattern is left out silently; one broken rule of a projected pack (`pii:…`) drops that whole pack. The SDK's built-in
 * patterns only detect and never change a decision; they are not part of this. (Python SDK notes 4.6.)
 * @throws PolicyReadError for keywords that are no text (the SDK cannot start then) and for undecidable patterns
 */
export function readDlpRules(written: readonly unknown[]): DlpRule[] {
  const projected: DlpRule[] = [];
  const rules: DlpRule[] = [];
  let packIsWhole = true;
  written.forEach((entry, index) => {
    if (!isObject(entry) || !isForSdk(entry)) return;
    const isProjected = isProjectedId(member(entry, 'id'));
    const rule = readDlpRule(entry, index);
    if (rule === undefined) packIsWhole &&= !isProjected;
    else {
      rules.push(rule);
      if (isProjected) projected.push(rule);
    }
  });
  return packIsWhole ? rules : rules.filter((rule) => !projected.includes(rule));
}

function isProjectedId(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith('pii:');
}

function isForSdk(rule: Json): boolean {
  const scopes = member(rule, 'scopes');
  return !Array.isArray(scopes) || scopes.length === 0 || scopes.includes('sdk');
}

function readDlpRule(rule: Json, index: number): DlpRule | undefined {
  const place = (field: string) => ({ field: `dlp_rules[${index}].${field}` });
  const pattern = member(rule, 'pattern');
  if (typeof pattern !== 'string') return undefined;
  const expression = compileExpression(pattern, false);
  if (expression.kind === 'invalid') return undefined;
  if (expression.kind === 'undecidable') {
    throw new PolicyReadError(
      `the regular expression cannot be decided: ${expression.problem}. Use what Python re and RE2 have in common`,
      place('pattern'),
    );
  }
  const keywords = keywordsOf(member(rule, 'context_keywords'), place('context_keywords'));
  if (keywords === undefined) return undefined;
  return {
    id: given(rule, 'id', ''),
    name: given(rule, 'name', given(rule, 'id', 'unnamed')),
    category: given(rule, 'category', 'pii'),
    action: given(rule, 'action', 'detect'),
    requiredKeywords: isTruthy(member(rule, 'context_required')) ? keywords : undefined,
    spans: expression.spans,
  };
}

function given(rule: Json, key: string, fallback: unknown): unknown {
  return Object.hasOwn(rule, key) ? rule[key] : fallback;
}

/** Text is read letter by letter and an object by its keys, as the SDK's language does; undefined: the rule is left out. */
function keywordsOf(written: unknown, place: { readonly field: string }): string[] | undefined {
  if (!isTruthy(written)) return [];
  if (typeof written === 'number' || typeof written === 'boolean') return undefined;
  const list: readonly unknown[] =
    typeof written === 'string' ? [...written] : Array.isArray(written) ? written : Object.keys(written as Json);
  return list.filter(isTruthy).map((keyword) => {
    if (typeof keyword === 'string') return keyword.toLowerCase();
    throw new PolicyReadError(`has to be a list of text, not ${shown(written)}`, place);
  });
}
