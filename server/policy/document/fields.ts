import { nearest } from './nearest.ts';
import { type ProblemList, quote } from './problem.ts';
import { step } from './source-map.ts';

export type JsonObject = Record<string, unknown>;

/** True for a plain object as the readers and JSON bodies have them. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type TextRule = { max: number; pattern?: RegExp; says?: string; lines?: boolean };

/** A bounded, non-empty text; anything else is reported and answered with undefined. */
export function readText(value: unknown, pointer: string, what: string, rule: TextRule, problems: ProblemList) {
  if (typeof value !== 'string') {
    problems.error('not_text', pointer, `${what} has to be text, not ${quote(value)}. Put it in quotes.`);
    return undefined;
  }
  const fault = textFault(value, what, rule);
  if (fault) {
    problems.error(fault.code, pointer, fault.message);
    return undefined;
  }
  return value;
}

function textFault(value: string, what: string, rule: TextRule): { code: string; message: string } | undefined {
  if (value.trim() === '') return { code: 'empty_text', message: `${what} is empty. Write something or remove it.` };
  if (value.length > rule.max) {
    return { code: 'too_long', message: `${what} has ${value.length} characters; the limit is ${rule.max}.` };
  }
  const control = rule.lines ? /[\0-\x08\x0b-\x1f\x7f]/ : /[\0-\x1f\x7f]/;
  if (control.test(value)) {
    return { code: 'control_character', message: `${what} ${quote(value)} holds a control character. Remove it.` };
  }
  if (/\p{Surrogate}/u.test(value)) {
    return { code: 'lone_surrogate', message: `${what} holds half of a surrogate pair, which is no character.` };
  }
  if (rule.pattern && !rule.pattern.test(value)) {
    return { code: 'bad_form', message: `${what} ${quote(value)} is not accepted: ${rule.says ?? 'wrong form'}.` };
  }
  return undefined;
}

export type ListRule = TextRule & { items: number; none: string };

/**
 * One text or a non-empty list of texts, always answered as a list; undefined when nothing readable is left.
 * Empty lists are errors, because SDKs read an empty list as no restriction at all.
 */
export function readTexts(value: unknown, pointer: string, what: string, rule: ListRule, problems: ProblemList) {
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0) {
    problems.error('empty_list', pointer, `${what} is an empty list. ${rule.none}`);
    return undefined;
  }
  if (items.length > rule.items) {
    problems.error('too_many', pointer, `${what} has ${items.length} entries; the limit is ${rule.items}.`);
    return undefined;
  }
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = readText(item, step(pointer, index), `An entry of ${what}`, rule, problems);
    if (text === undefined) continue;
    if (texts.includes(text)) {
      problems.warn('repeated_entry', step(pointer, index), `${what} names ${quote(text)} twice; once is enough.`);
    }
    texts.push(text);
  }
  return texts.length === items.length ? texts : undefined;
}

/** True or false; anything else is reported and answered with undefined. */
export function readBoolean(value: unknown, pointer: string, what: string, problems: ProblemList) {
  if (typeof value === 'boolean') return value;
  problems.error('not_boolean', pointer, `${what} has to be true or false, not ${quote(value)}.`);
  return undefined;
}

/** One of a closed set of words; a near miss is suggested. */
export function readWord<Word extends string>(
  value: unknown,
  pointer: string,
  what: string,
  words: readonly Word[],
  problems: ProblemList,
): Word | undefined {
  if (typeof value === 'string' && (words as readonly string[]).includes(value)) return value as Word;
  const suggestion = typeof value === 'string' ? nearest(value, words, 2) : undefined;
  const meant = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  const message = `${what} has to be one of ${words.join(', ')}, not ${quote(value)}.${meant}`;
  const at = problems.authored(pointer);
  problems.error('unknown_word', pointer, message, {
    ...(suggestion !== undefined && {
      suggestion,
      fix: { title: `Write ${suggestion}`, patch: [{ op: 'replace', path: at, value: suggestion }] },
    }),
  });
  return undefined;
}

/**
 * Reports keys that nobody reads. A key one edit away from a known one, or one that means something elsewhere
 * (`advice`), is an error, since leaving it out would change what the rule does; any other is a warning.
 */
export function checkKeys(
  object: JsonObject,
  pointer: string,
  what: string,
  known: readonly string[],
  advice: Readonly<Record<string, string>>,
  problems: ProblemList,
): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const at = step(pointer, key);
    const meaning = Object.hasOwn(advice, key) ? advice[key] : undefined;
    const suggestion = nearest(key, known, 1);
    if (meaning !== undefined) {
      problems.error('unsupported_key', at, `${what} cannot carry ${quote(key)}: ${meaning}`, { onKey: true });
    } else if (suggestion !== undefined) {
      const message = `${what} has no key ${quote(key)}. Did you mean ${suggestion}?`;
      problems.error('unknown_key', at, message, {
        suggestion,
        onKey: true,
        ...renameFix(object, at, pointer, key, suggestion),
      });
    } else {
      problems.warn('unknown_key', at, `${what} has no key ${quote(key)}; it is left out.`, { onKey: true });
    }
  }
}

function renameFix(object: JsonObject, at: string, pointer: string, key: string, suggestion: string) {
  if (Object.hasOwn(object, suggestion)) return {};
  const patch = [
    { op: 'remove' as const, path: at },
    { op: 'add' as const, path: step(pointer, suggestion), value: object[key] },
  ];
  return { fix: { title: `Rename ${key} to ${suggestion}`, patch } };
}
