import { checkKeys, isObject, type JsonObject, readWord } from '../document/fields.ts';
import { type DocumentFormat, readSource } from '../document/parse.ts';
import { type Problem, ProblemList, quote } from '../document/problem.ts';
import { type SourceMap, step } from '../document/source-map.ts';

export type CaseExpectation = {
  effect: 'allow' | 'deny' | 'warn';
  /** Id or place of the rule, or a `synthetic:…` id. */
  rule?: string | number;
  reason?: string;
  reason_code?: string;
  match_semantics?: string;
};

export type CaseCall = {
  pointer: string;
  description?: string;
  tool: string;
  method?: string;
  args?: JsonObject;
  context?: JsonObject;
  hook?: boolean;
  locale?: string;
  expect: CaseExpectation;
};

export type PolicyCase = {
  pointer: string;
  description: string;
  policy: unknown;
  project: string;
  sdk_version?: string;
  from_cache?: { age_seconds: number };
  expect_error?: string;
  calls: CaseCall[];
};

const CASE_KEYS = ['description', 'policy', 'project', 'sdk_version', 'from_cache', 'expect_error', 'calls'];
const CALL_KEYS = ['description', 'tool', 'method', 'args', 'context', 'hook', 'locale', 'expect'];
const EXPECT_KEYS = ['effect', 'rule', 'reason', 'reason_code', 'match_semantics'];
const EFFECTS = ['allow', 'deny', 'warn'] as const;
const SEMANTICS = ['unchanged', 'new', 'new_suppressed', 'indeterminate'] as const;
const MAX_TEXT = 8_192;

export type CasesReading = { cases: PolicyCase[]; sourceMap: SourceMap; problems: Problem[] };

/**
 * Reads a file of policy cases (one case or a list), in YAML or JSON, as strictly as policy documents are read.
 * A member that a case does not know is an error, so that a misspelt expectation cannot pass unseen.
 *
 * @returns the cases that could be read and every problem with its line; never throws.
 */
export function readCases(text: string | Uint8Array, format: DocumentFormat): CasesReading {
  const { value, sourceMap, problems: readProblems } = readSource(text, format);
  const problems = new ProblemList(sourceMap);
  if (value === undefined) return { cases: [], sourceMap, problems: readProblems };
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) problems.error('no_cases', '', 'The file holds no case. Write at least one.');
  const cases = list.map((each, index) => shapeCase(each, Array.isArray(value) ? step('', index) : '', problems));
  return {
    cases: cases.filter((each) => each !== undefined),
    sourceMap,
    problems: [...readProblems, ...problems.sorted()],
  };
}

function shapeCase(value: unknown, pointer: string, problems: ProblemList): PolicyCase | undefined {
  if (!isObject(value)) {
    problems.error('not_object', pointer, `A case has to be an object, not ${quote(value)}.`);
    return undefined;
  }
  const before = problems.errors;
  onlyKnown(value, pointer, 'A case', CASE_KEYS, problems);
  for (const key of ['description', 'policy']) {
    if (!Object.hasOwn(value, key)) problems.error('missing_key', pointer, `The case has no ${key}. Add one.`);
  }
  const text = (key: string) => optionalText(value, key, pointer, problems);
  const [description, project, version, error] = [
    text('description'),
    text('project'),
    text('sdk_version'),
    text('expect_error'),
  ];
  const age = ageOf(value, pointer, problems);
  const calls = error === undefined ? shapeCalls(value, pointer, problems) : [];
  if (problems.errors > before) return undefined;
  return {
    pointer,
    description: description ?? '',
    policy: value.policy,
    project: project ?? '',
    ...(version !== undefined && { sdk_version: version }),
    ...(age !== undefined && { from_cache: { age_seconds: age } }),
    ...(error !== undefined && { expect_error: error }),
    calls,
  };
}

function shapeCalls(value: JsonObject, pointer: string, problems: ProblemList): CaseCall[] {
  const { calls } = value;
  if (!Array.isArray(calls) || calls.length === 0) {
    problems.error(
      'no_calls',
      pointer,
      'The case has no calls. Add some, or expect_error for a policy that is refused.',
    );
    return [];
  }
  const at = step(pointer, 'calls');
  return calls.map((call, index) => shapeCall(call, step(at, index), problems)).filter((call) => call !== undefined);
}

function shapeCall(value: unknown, pointer: string, problems: ProblemList): CaseCall | undefined {
  if (!isObject(value) || !isObject(value.expect)) {
    problems.error('not_object', pointer, 'A call has to be an object with a tool and an expect object.');
    return undefined;
  }
  const before = problems.errors;
  onlyKnown(value, pointer, 'A call', CALL_KEYS, problems);
  const text = (key: string) => optionalText(value, key, pointer, problems);
  const tool = text('tool');
  if (!Object.hasOwn(value, 'tool')) problems.error('missing_key', pointer, 'The call has no tool. Add one.');
  const texts = { description: text('description'), method: text('method'), locale: text('locale') };
  const objects = {
    args: optionalObject(value, 'args', pointer, problems),
    context: optionalObject(value, 'context', pointer, problems),
  };
  if (Object.hasOwn(value, 'hook') && typeof value.hook !== 'boolean') {
    problems.error('not_boolean', step(pointer, 'hook'), `hook has to be true or false, not ${quote(value.hook)}.`);
  }
  const expect = shapeExpectation(value.expect, step(pointer, 'expect'), problems);
  if (problems.errors > before || tool === undefined || !expect) return undefined;
  return { pointer, tool, ...present(texts), ...present(objects), ...(value.hook === true && { hook: true }), expect };
}

function shapeExpectation(value: JsonObject, pointer: string, problems: ProblemList): CaseExpectation | undefined {
  onlyKnown(value, pointer, 'expect', EXPECT_KEYS, problems);
  const effect = readWord(value.effect, step(pointer, 'effect'), 'effect', EFFECTS, problems);
  const { rule } = value;
  if (rule !== undefined && typeof rule !== 'string' && !Number.isInteger(rule)) {
    problems.error('bad_form', step(pointer, 'rule'), `rule has to be an id or a place from 0, not ${quote(rule)}.`);
  }
  const semantics = Object.hasOwn(value, 'match_semantics')
    ? readWord(value.match_semantics, step(pointer, 'match_semantics'), 'match_semantics', SEMANTICS, problems)
    : undefined;
  const texts = {
    reason: optionalText(value, 'reason', pointer, problems),
    reason_code: optionalText(value, 'reason_code', pointer, problems),
    match_semantics: semantics,
  };
  return effect && { effect, ...(rule !== undefined && { rule: rule as string | number }), ...present(texts) };
}

function onlyKnown(
  value: JsonObject,
  pointer: string,
  what: string,
  known: readonly string[],
  problems: ProblemList,
): void {
  const advice = Object.fromEntries(Object.keys(value).map((key) => [key, `it knows ${known.join(', ')}.`]));
  checkKeys(value, pointer, what, known, advice, problems);
}

/** Any text: calls say what agents say, empty and odd names included. */
function optionalText(value: JsonObject, key: string, pointer: string, problems: ProblemList): string | undefined {
  const text = Object.hasOwn(value, key) ? value[key] : undefined;
  if (text === undefined || (typeof text === 'string' && text.length <= MAX_TEXT)) return text;
  problems.error('not_text', step(pointer, key), `${key} has to be text of at most ${MAX_TEXT} characters, in quotes.`);
  return undefined;
}

function optionalObject(
  value: JsonObject,
  key: string,
  pointer: string,
  problems: ProblemList,
): JsonObject | undefined {
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  if (found === undefined || isObject(found)) return found;
  problems.error('not_object', step(pointer, key), `${key} has to be an object, not ${quote(found)}.`);
  return undefined;
}

function ageOf(value: JsonObject, pointer: string, problems: ProblemList): number | undefined {
  if (!Object.hasOwn(value, 'from_cache')) return undefined;
  const age = isObject(value.from_cache) ? value.from_cache.age_seconds : undefined;
  if (typeof age === 'number' && age >= 0) return age;
  problems.error('bad_form', step(pointer, 'from_cache'), 'from_cache has to be {"age_seconds": n}, n not negative.');
  return undefined;
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as Present<Fields>;
}
