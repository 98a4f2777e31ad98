import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyDocument } from './arbitrary.fixture.ts';
import { diffDocuments } from './diff.ts';
import type { PolicyDocument } from './document.ts';
import { documentJson, documentYaml, normaliseDocument } from './normalise.ts';
import { parsePolicyDocument } from './parse.ts';

function read(text: string, format: 'yaml' | 'json'): PolicyDocument {
  const result = parsePolicyDocument(text, format);
  if (!result.ok) throw new Error(`${JSON.stringify(result.problems)}\n${text}`);
  return result.document;
}

it('renders every document so that reading it gives the same document', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const normal = normaliseDocument(document);
      expect(normaliseDocument(read(documentYaml(document), 'yaml'))).toEqual(normal);
      expect(normaliseDocument(read(documentJson(document), 'json'))).toEqual(normal);
      expect(documentJson(read(documentYaml(document), 'yaml'))).toBe(documentJson(document));
      expect(normaliseDocument(normal)).toEqual(normal);
    }),
    { numRuns: 300 },
  );
});

it('gives documents that mean the same the same text', () => {
  const a = read(
    "version: '1'\ndefault_action: deny\nrules: [{when: {b: 1, a: 2}, deny: x, escalate_on_deny: false}]",
    'yaml',
  );
  const b = read(
    'rules: [{effect: deny, action: x, conditions: {a: 2, b: 1}}]\nsettings: {default_action: deny}\nversion: 1',
    'yaml',
  );
  expect(documentJson(a)).toBe(documentJson(b));
  expect(diffDocuments(a, b)).toEqual({ identical: true, rules: [], settings: [], dlpRules: [], text: '' });
});

it('keeps texts that look like other YAML', () => {
  const rule = {
    effect: 'deny' as const,
    actions: ['no', '1', '*', '- x', 'a: b', "it's", '"', '# c', 'null', '~', '[x', '&a', '!t', '0x1f', '2024-01-01'],
  };
  const document: PolicyDocument = {
    version: '1',
    rules: [{ ...rule, reason: 'line one\nline two\n\n  indented: yes ' }],
  };
  expect(read(documentYaml(document), 'yaml')).toEqual(document);
});

it('shares nothing between rules that hold the same lists', () => {
  const shared = ['a', 'b'];
  const rules = [1, 2].map(() => ({ effect: 'deny' as const, actions: shared, resources: shared }));
  expect(documentYaml({ version: '1', rules })).not.toMatch(/[&*]a/);
});
