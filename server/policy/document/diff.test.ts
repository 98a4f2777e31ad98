import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument } from './arbitrary.fixture.ts';
import { diffDocuments } from './diff.ts';
import type { PolicyDocument, PolicyRule } from './document.ts';
import { diffLines, unifiedDiff } from './line-diff.ts';

const deny = (action: string, more: Partial<PolicyRule> = {}): PolicyRule => ({
  effect: 'deny',
  actions: [action],
  ...more,
});
const policy = (...rules: PolicyRule[]): PolicyDocument => ({ version: '1', rules });

describe('rules', () => {
  it('are added and removed', () => {
    const diff = diffDocuments(policy(deny('a'), deny('b')), policy(deny('a'), deny('b'), deny('c')));
    expect(diff.rules).toEqual([{ kind: 'added', after: 2, rule: deny('c') }]);
    expect(diffDocuments(policy(deny('a'), deny('b')), policy(deny('b'))).rules).toEqual([
      { kind: 'removed', before: 0, rule: deny('a') },
    ]);
  });

  it('are recognised by id when everything else changed', () => {
    const diff = diffDocuments(
      policy(deny('a', { id: 'x' })),
      policy(deny('q'), { id: 'x', effect: 'allow', actions: ['z'] }),
    );
    expect(diff.rules).toEqual([
      { kind: 'added', after: 0, rule: deny('q') },
      {
        kind: 'changed',
        before: 0,
        after: 1,
        moved: false,
        fields: [
          { field: 'effect', before: 'deny', after: 'allow' },
          { field: 'actions', before: ['a'], after: ['z'] },
        ],
      },
    ]);
  });

  it('are recognised between the same neighbours', () => {
    const diff = diffDocuments(policy(deny('a'), deny('b'), deny('c')), policy(deny('a'), deny('bb'), deny('c')));
    expect(diff.rules).toMatchObject([{ kind: 'changed', before: 1, after: 1, fields: [{ field: 'actions' }] }]);
  });

  it('are moved in as few steps as possible', () => {
    const diff = diffDocuments(
      policy(deny('a'), deny('b'), deny('c'), deny('d')),
      policy(deny('d'), deny('a'), deny('b'), deny('c')),
    );
    expect(diff.rules).toEqual([{ kind: 'moved', before: 3, after: 0 }]);
  });
});

it('says whether a setting became stricter or looser', () => {
  const before: PolicyDocument = {
    ...policy(deny('a')),
    settings: { default_action: 'deny', default_on_tamper: 'warn' },
  };
  const after: PolicyDocument = {
    ...policy(deny('a')),
    settings: { default_action: 'warn', default_on_tamper: 'quarantine', default_on_missing: 'deny' },
  };
  expect(diffDocuments(before, after).settings).toEqual([
    { name: 'default_action', before: 'deny', after: 'warn', direction: 'looser' },
    { name: 'default_on_missing', after: 'deny', direction: 'stricter' },
    { name: 'default_on_tamper', before: 'warn', after: 'quarantine', direction: 'stricter' },
  ]);
});

it('follows DLP rules by their ids', () => {
  const rule = (id: string, pattern: string) => ({ id, pattern, category: 'pii', action: 'detect' as const });
  const diff = diffDocuments(
    { ...policy(deny('a')), dlp_rules: [rule('a', 'x'), rule('b', 'y')] },
    { ...policy(deny('a')), dlp_rules: [rule('b', 'z'), rule('c', 'w')] },
  );
  expect(diff.dlpRules).toEqual([
    { kind: 'removed', id: 'a', fields: [] },
    { kind: 'changed', id: 'b', fields: [{ field: 'pattern', before: 'y', after: 'z' }] },
    { kind: 'added', id: 'c', fields: [] },
  ]);
});

it('shows the change as text', () => {
  expect(diffDocuments(policy(deny('a')), policy(deny('a'), deny('b'))).text).toBe(
    "@@ -1,3 +1,4 @@\n version: '1'\n rules:\n   - deny: a\n+  - deny: b\n",
  );
});

it('leads from any text to any other', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = diffLines(before, after);
      expect(diff.filter((line) => line.kind !== 'added').map((line) => line.text)).toEqual(before);
      expect(diff.filter((line) => line.kind !== 'removed').map((line) => line.text)).toEqual(after);
    }),
    { numRuns: 500 },
  );
  const far = diffLines(
    Array.from({ length: 5000 }, (_, at) => `a${at}`),
    Array.from({ length: 5000 }, (_, at) => `b${at}`),
  );
  expect(far).toHaveLength(10_000);
  expect(unifiedDiff('same\n', 'same\n')).toBe('');
});

it('finds no change between a document and itself, and some change between different ones', () => {
  fc.assert(
    fc.property(anyDocument, anyDocument, (a, b) => {
      expect(diffDocuments(a, structuredClone(a))).toMatchObject({
        identical: true,
        rules: [],
        settings: [],
        dlpRules: [],
      });
      const diff = diffDocuments(a, b);
      const changes = diff.rules.length + diff.settings.length + diff.dlpRules.length;
      if (!diff.identical && (a.dlp_rules?.length ?? 0) <= 1) expect(changes).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
