import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompiledPolicy, Decision } from '../evaluator/index.ts';
import { decide, extractAction, PolicyReadError, readBundle } from '../evaluator/index.ts';

interface Expectation {
  effect: string;
  rule?: number | string;
  reason?: string;
  reason_code?: string;
  match_semantics?: string;
}

interface CaseCall {
  tool: string;
  method?: string;
  args?: Record<string, unknown>;
  context?: Record<string, unknown>;
  hook?: boolean;
  locale?: string;
  expect: Expectation;
}

interface PolicyCase {
  description: string;
  policy: unknown;
  project?: string;
  sdk_version?: string;
  from_cache?: { age_seconds: number };
  expect_error?: string;
  calls?: CaseCall[];
}

const folder = import.meta.dirname;
const now = Date.UTC(2026, 0, 1);

function read(subject: PolicyCase): CompiledPolicy {
  const age = subject.from_cache?.age_seconds;
  return readBundle(subject.policy, {
    projectId: subject.project ?? '',
    ...(subject.sdk_version === undefined ? {} : { sdkVersion: subject.sdk_version }),
    ...(age === undefined ? {} : { fromCache: { createdAt: now / 1000 - age, now } }),
  });
}

function ask(policy: CompiledPolicy, call: CaseCall): Decision {
  const { expect: _, hook, ...asked } = call;
  return decide(policy, hook ? { ...asked, ...extractAction(call.tool, call.args), hook: call.tool } : asked);
}

function outcome(decision: Decision, wanted: Expectation): Expectation {
  const rule = typeof wanted.rule === 'number' ? (decision.ruleIndex ?? decision.policyId) : decision.policyId;
  return {
    effect: decision.effect,
    ...('rule' in wanted ? { rule } : {}),
    ...('reason' in wanted ? { reason: decision.reason } : {}),
    ...('reason_code' in wanted ? { reason_code: decision.reasonCode } : {}),
    ...('match_semantics' in wanted ? { match_semantics: decision.matchSemantics } : {}),
  };
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const cases = [JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as PolicyCase | PolicyCase[]].flat();
  const payloads = cases.filter(({ policy }) => typeof policy === 'object' && policy !== null && !('rules' in policy));
  describe.skipIf(payloads.length === 0)(file, () => {
    it.each(payloads)('$description', (subject) => {
      if (subject.expect_error !== undefined) {
        expect(() => read(subject)).toThrow(PolicyReadError);
        expect(() => read(subject)).toThrow(subject.expect_error);
        return;
      }
      const policy = read(subject);
      expect(subject.calls?.length).toBeGreaterThan(0);
      for (const call of subject.calls ?? []) {
        expect(outcome(ask(policy, call), call.expect), JSON.stringify(call)).toEqual(call.expect);
      }
    });
  });
}
