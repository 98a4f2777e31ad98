import { describe, expect, it } from 'vitest';
import { parseModule } from './parser.ts';

const parsed = (...lines: string[]) =>
  parseModule('a.rego', `package a\n\n# METADATA\n${lines.map((line) => `# ${line}\n`).join('')}p := 1\n`);

describe('a metadata block', () => {
  it('is read into the rule after it', () => {
    const { module, errors } = parsed('title: T', 'custom: {a: {b: [1, two]}}', 'authors: [Ann <ann@example.org>]');
    expect(errors).toEqual([]);
    expect(module?.rules[0]?.annotations?.[0]?.content).toEqual({
      scope: 'rule',
      title: 'T',
      custom: { a: { b: [1, 'two'] } },
      authors: [{ name: 'Ann', email: 'ann@example.org' }],
    });
  });

  it.each([
    [['title: a', 'title: b'], 'the key "title" is given twice'],
    [['custom: {a: 1, a: 2}'], 'the key "a" is given twice'],
    [['title: [1'], 'Flow sequence'],
    [['scope: everywhere'], "invalid annotation scope 'everywhere'"],
    [['custom: 5'], "annotation 'custom' must be a map"],
    [[`description: ${'x'.repeat(200_000)}`], 'at most 131072 characters'],
    [[`custom: ${'['.repeat(50_000)}`], ''],
  ])('%j is refused at its place', (lines, message) => {
    const { errors } = parsed(...lines);
    expect(errors.map(({ code, location }) => [code, location?.row])).toEqual([['rego_parse_error', 3]]);
    expect(errors[0]?.message).toContain(message);
  });
});
