import { type ProjectDefaults, STANDARD_DEFAULTS, strictness } from './defaults.ts';
import { type DraftDocument, type PolicyDocument, SETTING_NAMES } from './document.ts';
import { LIMITS } from './limits.ts';
import { strictestDefault } from './older-sdks.ts';
import {
  allProblems,
  type DocumentFormat,
  type DraftReading,
  readDraft,
  readDraftValue,
  wholeDocument,
} from './parse.ts';
import { type Problem, ProblemList } from './problem.ts';
import { SourceMap, step } from './source-map.ts';
import { validateDlpRules } from './validate-dlp.ts';
import { validateRule, warnAboutOlderSdks, warnAboutShadows } from './validate-rules.ts';

export type ValidateOptions = {
  /** Tools registered for the project, besides those that everybody knows. */
  tools?: readonly string[];
  /** The project's own defaults; without them the standard ones, which deny. */
  defaults?: ProjectDefaults;
  /** Where the text of the document stands; without it problems have canonical pointers and no lines. */
  sourceMap?: SourceMap;
};

/** A document that may be saved, with its warnings; or everything that speaks against it. */
export type CheckResult =
  | { ok: true; document: PolicyDocument; sourceMap: SourceMap; problems: Problem[] }
  | { ok: false; problems: Problem[] };

/**
 * Judges what a readable document means: everything that an SDK would choke on, silently widen or never match is an
 * error; where SDKs differ, or a rule cannot take effect, there is a warning, with a ready patch where one exists.
 *
 * @returns all problems in the order of the source; the document may be saved when none of them is an error.
 */
export function validatePolicyDocument(document: PolicyDocument, options: ValidateOptions = {}): Problem[] {
  const problems = new ProblemList(options.sourceMap ?? new SourceMap());
  const draft = { settings: document.settings ?? {}, rules: document.rules, dlp_rules: document.dlp_rules ?? [] };
  validateDraft(draft, options, problems);
  return problems.sorted();
}

/** Reads and judges a text in one run, so that an author sees problems of both kinds at once. */
export function checkPolicyDocument(
  input: string | Uint8Array,
  format: DocumentFormat = 'auto',
  options: ValidateOptions = {},
): CheckResult {
  return check(readDraft(input, format), options);
}

/** Reads and judges an already parsed JSON object in one run. */
export function checkPolicyValue(value: unknown, options: ValidateOptions = {}): CheckResult {
  return check(readDraftValue(value), options);
}

function check(reading: DraftReading, options: ValidateOptions): CheckResult {
  validateDraft(reading.draft, options, reading.problems);
  const problems = allProblems(reading);
  if (problems.some((problem) => problem.severity === 'error')) return { ok: false, problems };
  return { ok: true, document: wholeDocument(reading.draft), sourceMap: reading.sourceMap, problems };
}

function validateDraft(draft: DraftDocument, options: ValidateOptions, problems: ProblemList): void {
  const defaults = options.defaults ?? STANDARD_DEFAULTS;
  checkIds(draft, problems);
  checkSize(draft, problems);
  checkSettings(draft, defaults, problems);
  for (const [index, rule] of draft.rules.entries()) {
    if (rule) validateRule(rule, step('/rules', index), options.tools ?? [], problems);
  }
  warnAboutShadows(draft.rules, problems);
  warnAboutOlderSdks(draft, strictestDefault(draft.settings.default_action, defaults.default_action), problems);
  validateDlpRules(draft.dlp_rules, problems);
}

function checkSettings(draft: DraftDocument, defaults: ProjectDefaults, problems: ProblemList): void {
  for (const name of SETTING_NAMES) {
    const word = draft.settings[name];
    if (word === undefined || strictness(name, word) >= strictness(name, defaults[name])) continue;
    const message = `${name}: ${word} has no effect here, since the project says ${defaults[name]} and documents only tighten.`;
    problems.warn('setting_without_effect', `/settings/${name}`, message);
  }
}

function checkIds(draft: DraftDocument, problems: ProblemList): void {
  const seen = new Map<string, number>();
  for (const [index, rule] of draft.rules.entries()) {
    if (rule?.id === undefined) continue;
    const first = seen.get(rule.id);
    if (first === undefined) seen.set(rule.id, index);
    else {
      const message = `Rule ${first + 1} has the id ${rule.id} too. Ids are unique within a policy.`;
      problems.error('repeated_id', step(step('/rules', index), 'id'), message);
    }
  }
}

function checkSize(draft: DraftDocument, problems: ProblemList): void {
  const patterns = draft.rules.reduce((sum, rule) => sum + (rule?.actions.length ?? 0), 0);
  if (patterns <= LIMITS.patternsPerDocument) return;
  const message = `The rules have ${patterns} patterns; the limit is ${LIMITS.patternsPerDocument}. Split the policy.`;
  problems.error('too_many', '/rules', message);
}
