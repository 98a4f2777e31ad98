import { PolicyBuildError } from '../bundle/errors.ts';
import { STANDARD_PRIORITY } from '../bundle/order.ts';
import { type BuiltPayload, buildPayload } from '../bundle/payload.ts';
import { verifyPayload } from '../bundle/verify.ts';
import { type ProjectDefaults, STANDARD_DEFAULTS } from '../document/defaults.ts';
import type { PolicyDocument } from '../document/document.ts';
import { isObject } from '../document/fields.ts';
import type { DocumentFormat } from '../document/parse.ts';
import type { Problem } from '../document/problem.ts';
import type { SourceMap } from '../document/source-map.ts';
import { step } from '../document/source-map.ts';
import { checkPolicyDocument, checkPolicyValue } from '../document/validate.ts';
import {
  type CompiledPolicy,
  type Decision,
  decide,
  extractAction,
  PolicyReadError,
  readBundle,
} from '../evaluator/index.ts';
import { type CaseCall, type CaseExpectation, type PolicyCase, readCases } from './read-cases.ts';

export type CallReport = {
  description?: string;
  /** The action asked about, `tool:method`. */
  action: string;
  line?: number;
  ok: boolean;
  /** What was decided: the expected members, and always effect, rule and reason. */
  decided: { effect: string; rule: string | number; reason: string; reason_code: string; match_semantics: string };
  differences: { member: keyof CaseExpectation; expected: unknown; decided: unknown }[];
};

export type CaseReport = {
  description: string;
  line?: number;
  ok: boolean;
  /** Why the policy of the case was refused; empty when it was not, or when that was expected. */
  problems: Problem[];
  calls: CallReport[];
};

export type PolicyCasesReport = {
  ok: boolean;
  /** Counts of calls; a case that expects an error counts as one. */
  passed: number;
  failed: number;
  /** What is wrong with the file itself; nothing was decided for cases that could not be read. */
  problems: Problem[];
  cases: CaseReport[];
};

export type RunOptions = {
  format?: DocumentFormat;
  /** Defaults of the project in which author documents are tried; the standard ones deny. */
  defaults?: ProjectDefaults;
};

/** A policy ready to be asked, and how to name its rules to the author. */
type Subject = { policy: CompiledPolicy; built?: BuiltPayload; document?: PolicyDocument };
type Refusal = { problems: Problem[] };

/**
 * Runs policy cases: for each case the policy is read as it would be delivered, asked about every call, and compared
 * with what was expected (form: README.md in this folder). Author documents go through the same translation as live
 * policies, so what is decided here is what SDKs decide.
 *
 * @returns a report; a file that cannot be read, a policy that is refused and a wrong decision all make it not ok.
 * Never throws for what the file says.
 */
export function runPolicyCases(text: string | Uint8Array, options: RunOptions = {}): PolicyCasesReport {
  const { cases, sourceMap, problems } = readCases(text, options.format ?? 'auto');
  const reports = cases.map((each) => runCase(each, sourceMap, options.defaults ?? STANDARD_DEFAULTS));
  const outcomes = reports.flatMap((report) =>
    report.calls.length > 0 ? report.calls.map((call) => call.ok) : [report.ok],
  );
  const passed = outcomes.filter(Boolean).length;
  const readable = !problems.some((problem) => problem.severity === 'error');
  return {
    ok: readable && passed === outcomes.length && passed > 0,
    passed,
    failed: outcomes.length - passed,
    problems,
    cases: reports,
  };
}

function runCase(subject: PolicyCase, sourceMap: SourceMap, defaults: ProjectDefaults): CaseReport {
  const line = sourceMap.locate(subject.pointer).position?.line;
  const head = { description: subject.description, ...(line !== undefined && { line }) };
  const read = readSubject(subject, sourceMap, defaults);
  const wanted = subject.expect_error;
  if (wanted !== undefined) return { ...head, ...judgeError(read, wanted, subject, sourceMap), calls: [] };
  if ('problems' in read) return { ...head, ok: false, problems: read.problems, calls: [] };
  const calls = subject.calls.map((call) => runCall(call, read, sourceMap));
  return { ...head, ok: calls.every((call) => call.ok), problems: [], calls };
}

function judgeError(read: Subject | Refusal, wanted: string, subject: PolicyCase, sourceMap: SourceMap) {
  const found = 'problems' in read ? read.problems : [];
  if (found.some(({ message, code }) => message.includes(wanted) || code === wanted)) return { ok: true, problems: [] };
  const message = `The policy was expected to be refused with ${JSON.stringify(wanted)}, and ${found.length > 0 ? 'was refused otherwise' : 'was accepted'}.`;
  const unmet = problemAt(step(subject.pointer, 'expect_error'), 'error_expected', message, sourceMap);
  return { ok: false, problems: [unmet, ...found] };
}

function readSubject(subject: PolicyCase, sourceMap: SourceMap, defaults: ProjectDefaults): Subject | Refusal {
  const { policy } = subject;
  const at = step(subject.pointer, 'policy');
  try {
    const isDocument = typeof policy === 'string' || (isObject(policy) && Object.hasOwn(policy, 'rules'));
    return isDocument ? readDocument(subject, at, sourceMap, defaults) : { policy: compile(policy, subject) };
  } catch (error) {
    if (!(error instanceof PolicyReadError) && !(error instanceof PolicyBuildError)) throw error;
    return { problems: [problemAt(at, 'policy_refused', error.message, sourceMap)] };
  }
}

function readDocument(
  subject: PolicyCase,
  at: string,
  sourceMap: SourceMap,
  defaults: ProjectDefaults,
): Subject | Refusal {
  const isText = typeof subject.policy === 'string';
  const checked = isText ? checkPolicyDocument(subject.policy as string) : checkPolicyValue(subject.policy);
  if (!checked.ok) {
    const errors = checked.problems.filter((problem) => problem.severity === 'error');
    // Lines inside a quoted document count from its own first line; those of an object are the file's.
    return {
      problems: errors.map((problem) => (isText ? problem : { ...problem, ...placeOf(at + problem.path, sourceMap) })),
    };
  }
  const { document } = checked;
  const live = {
    policyId: 'case',
    version: 1,
    scope: 'project' as const,
    priority: STANDARD_PRIORITY,
    createdAt: 0,
    document,
  };
  const built = buildPayload({
    project: { id: subject.project },
    policies: [live],
    defaults,
    mode: 'live',
    tagFor: (_policyId, _version, ruleIndex) => `r${ruleIndex}`,
  });
  verifyPayload(built);
  return { policy: compile(built.payload, subject), built, document };
}

function compile(payload: unknown, subject: PolicyCase): CompiledPolicy {
  const age = subject.from_cache?.age_seconds;
  const now = Date.UTC(2026, 0, 1);
  return readBundle(payload, {
    projectId: subject.project,
    ...(subject.sdk_version !== undefined && { sdkVersion: subject.sdk_version }),
    ...(age !== undefined && { fromCache: { createdAt: now / 1000 - age, now } }),
  });
}

function runCall(call: CaseCall, subject: Subject, sourceMap: SourceMap): CallReport {
  const { expect, pointer, description, hook, ...asked } = call;
  const question = hook ? { ...asked, ...extractAction(call.tool, call.args), hook: call.tool } : asked;
  const decided = describeDecision(decide(subject.policy, question), subject, expect);
  const differences = (Object.keys(expect) as (keyof CaseExpectation)[])
    .filter((member) => expect[member] !== decided[member])
    .map((member) => ({ member, expected: expect[member], decided: decided[member] }));
  const line = sourceMap.locate(pointer).position?.line;
  return {
    ...(description !== undefined && { description }),
    action: `${question.tool}:${question.method ?? '*'}`,
    ...(line !== undefined && { line }),
    ok: differences.length === 0,
    decided,
    differences,
  };
}

function describeDecision(decision: Decision, subject: Subject, expect: CaseExpectation): CallReport['decided'] {
  return {
    effect: decision.effect,
    rule: ruleName(decision, subject, typeof expect.rule === 'number'),
    reason: subject.document ? withoutTag(decision.reason, decision.ruleTag) : decision.reason,
    reason_code: decision.reasonCode,
    match_semantics: decision.matchSemantics,
  };
}

/** An author's rule is named by its id, or by its place where it has none or a place was asked for. */
function ruleName(decision: Decision, { built, document }: Subject, byPlace: boolean): string | number {
  if (decision.ruleIndex === null) return decision.policyId;
  if (!built || !document) return byPlace ? decision.ruleIndex : decision.policyId;
  const place = built.ruleIndex[decision.ruleIndex]?.ruleIndex;
  if (place === null || place === undefined) return `synthetic:${decision.reasonCode}`;
  return byPlace ? place : (document.rules[place]?.id ?? place);
}

/** The author's own words: without the tag that the bundle adds, and nothing where the rule gives no reason. */
function withoutTag(reason: string, tag: string | null): string {
  if (tag === null) return reason;
  if (reason === `policy:${tag}`) return '';
  return reason.endsWith(` [${tag}]`) ? reason.slice(0, -tag.length - 3) : reason;
}

function problemAt(pointer: string, code: string, message: string, sourceMap: SourceMap): Problem {
  return { severity: 'error', code, message, ...placeOf(pointer, sourceMap) };
}

function placeOf(pointer: string, sourceMap: SourceMap): Pick<Problem, 'path' | 'line' | 'column'> {
  const { path, position } = sourceMap.locate(pointer);
  return { path, ...position };
}
