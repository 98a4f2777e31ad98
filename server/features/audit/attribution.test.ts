import { expect, it } from 'vitest';
import { describeEachDatabase } from '../../../test/postgres.ts';
import type { RuleOrigin } from '../../policy/bundle/index.ts';
import { type Decided, RuleAttribution } from './attribution.ts';
import { ruleTagOf, shownReason } from './ingest/rule-tag.ts';

const NOW = Date.UTC(2026, 10, 21, 9);
const HOUR = 3_600_000;

interface TestBuild {
  buildId: string;
  createdAt: number;
  supersededAt: number | null;
  ruleIndex: RuleOrigin[];
}

function build(createdAt: number, supersededAt: number | null, ...tags: string[]): TestBuild {
  const ruleIndex = tags.map((tag, index) => ({ index, tag, policyId: 'p', version: 1, ruleIndex: index }));
  return { buildId: `b${createdAt}`, createdAt, supersededAt, ruleIndex };
}

function decided(changes: Partial<Decided> = {}): Decided {
  const row = { project_id: 'project', ts: NOW, is_test: 0 as const, mode: 'hosted', foreign_project: null };
  return { ...row, policy_ref: 'rule-0', rule_tag: null, ...changes };
}

describeEachDatabase((open) => {
  async function attribution(...builds: TestBuild[]) {
    const databases = await open();
    await databases.audit.write((trx) =>
      trx
        .insertInto('rule_tags')
        .values(
          ['r1', 'r2'].map((tag, index) => ({
            org_id: 'org',
            tag,
            project_id: null,
            policy_id: 'policy',
            policy_name: 'Shell',
            version: 3,
            rule_index: index,
            rule_id: index === 0 ? 'no-rm' : null,
            created_at: NOW,
          })),
        )
        .execute(),
    );
    return new RuleAttribution({ databases }, { buildsBetween: async () => builds });
  }

  it('goes by the tag, in the organization of the entry alone', async () => {
    const rules = await attribution(build(NOW - HOUR, null, 'r2'));
    const tagged = decided({ rule_tag: 'r1' });
    expect(await rules.of('org', [tagged, decided({ rule_tag: 'r9' })])).toEqual([
      { attribution: 'tag', policyId: 'policy', policyName: 'Shell', policyVersion: 3, ruleId: 'no-rm', ruleIndex: 0 },
      expect.objectContaining({ attribution: 'unresolved', policyId: null }),
    ]);
    expect(await rules.of('other', [tagged])).toMatchObject([{ attribution: 'unresolved', policyId: null }]);
  });

  it('goes by the index where one build fits, or all that fit mean the same rule', async () => {
    const earlier = build(NOW - 100 * HOUR, NOW - 50 * HOUR, 'r2');
    const one = await attribution(earlier, build(NOW - HOUR, null, 'r1'));
    expect(await one.of('org', [decided()])).toMatchObject([{ attribution: 'build', ruleId: 'no-rm' }]);
    const same = await attribution(build(NOW - 2 * HOUR, NOW - HOUR, 'r1', 'r2'), build(NOW - HOUR, null, 'r1'));
    expect(await same.of('org', [decided(), decided({ policy_ref: 'rule-1' })])).toMatchObject([
      { attribution: 'build' },
      { attribution: 'unresolved' },
    ]);
  });

  it('never guesses', async () => {
    const rules = await attribution(build(NOW - 2 * HOUR, NOW - HOUR, 'r1'), build(NOW - HOUR, null, 'r2'));
    const rows = [
      decided(),
      decided({ mode: 'local' }),
      decided({ foreign_project: 'other' }),
      decided({ ts: NOW - 3 * HOUR }),
      decided({ policy_ref: 'rule-x' }),
    ];
    expect((await rules.of('org', rows)).map((by) => by.attribution)).toEqual(rows.map(() => 'unresolved'));
  });

  it('names what no policy wrote', async () => {
    const rules = await attribution(build(NOW - HOUR, null, 'robserve'));
    const rows = [
      decided(),
      decided({ rule_tag: 'rdefault' }),
      decided({ policy_ref: 'synthetic:QUARANTINE' }),
      decided({ policy_ref: '<lifecycle>' }),
      decided({ policy_ref: '' }),
    ];
    expect((await rules.of('org', rows)).map((by) => [by.attribution, by.policyId])).toEqual([
      ['synthetic', 'synthetic:OBSERVE_MODE_NO_POLICY'],
      ['synthetic', 'synthetic:NO_RULE_MATCH'],
      ['synthetic', null],
      ['synthetic', null],
      ['none', null],
    ]);
  });
});

it.each([
  ['No shells [r12]', 'rule-0', 'hosted', 'r12', 'No shells'],
  ['Nein [x] [r12]', 'rule-0', 'hosted', 'r12', 'Nein [x]'],
  ['[r12]', 'rule-0', 'hosted', 'r12', ''],
  ['policy:r12', 'rule-0', 'hosted', 'r12', ''],
  ['policy:r12', 'r12', 'hosted', 'r12', ''],
  ['other', 'r12', 'hosted', 'r12', 'other'],
  ['No shells [r12]', 'rule-0', 'local', null, 'No shells [r12]'],
  ['No shells [R12]', 'rule-0', 'hosted', null, 'No shells [R12]'],
  ['No shells [r12] ', 'rule-0', 'hosted', null, 'No shells [r12] '],
  ['', 'rule-0', 'hosted', null, ''],
])('reads the tag of %j (%s, %s)', (reason, policyRef, mode, tag, shown) => {
  expect(ruleTagOf({ reason, policyRef, mode })).toBe(tag);
  expect(shownReason(reason, tag)).toBe(shown);
});
