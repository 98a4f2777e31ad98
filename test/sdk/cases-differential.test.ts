import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { extractAction, type PolicyCall } from '../../server/policy/evaluator/index.ts';
import { type Case, Judge } from './judge.ts';
import { sdkPython } from './venv.ts';

interface WrittenCall extends Omit<PolicyCall, 'hook'> {
  readonly hook?: boolean;
  readonly expect: { readonly effect: string; readonly rule?: number | string; readonly reason_code?: string };
}

interface WrittenCase {
  readonly description: string;
  readonly policy: unknown;
  readonly project?: string;
  readonly sdk_version?: string;
  readonly from_cache?: { readonly age_seconds: number };
  readonly expect_error?: string;
  readonly calls?: readonly WrittenCall[];
}

const found = await sdkPython();
const folder = path.resolve(import.meta.dirname, '../../server/policy/cases');
const oneDay = 86_400;
const written = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as WrittenCase | WrittenCase[])
  .filter(({ policy }) => typeof policy === 'object' && policy !== null && !('rules' in policy));

function asked({ expect: _, hook, ...call }: WrittenCall): PolicyCall {
  return hook ? { ...call, ...extractAction(call.tool, call.args), hook: call.tool } : call;
}

describe.skipIf(found.python === undefined)(
  `the product's own cases against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    it.each(written)('$description', async (subject) => {
      const question: Case = {
        payload: subject.policy,
        projectId: subject.project ?? '',
        ...(subject.sdk_version === undefined ? {} : { sdkVersion: subject.sdk_version }),
        stale: (subject.from_cache?.age_seconds ?? 0) > oneDay,
        calls: (subject.calls ?? []).map(asked),
      };
      const [ruling] = await judge.policies([question]);
      expect(ruling?.error === undefined).toBe(subject.expect_error === undefined);
      for (const [at, call] of (subject.calls ?? []).entries()) {
        const decision = ruling?.decisions?.[at];
        const { effect, rule, reason_code: code } = call.expect;
        expect(decision?.effect, JSON.stringify(call)).toBe(effect);
        if (rule !== undefined) expect(decision?.policy_id).toBe(typeof rule === 'number' ? `rule-${rule}` : rule);
        if (code !== undefined) expect(decision?.reason_code).toBe(code);
      }
    });
  },
);
