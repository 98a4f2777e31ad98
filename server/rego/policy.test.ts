import { describe, expect, it } from 'vitest';
import { compile, fromJson, type Policy, RegoError, RegoErrors, toText } from './index.ts';

function policyOf(...texts: string[]): Policy {
  const { policy, errors } = compile(texts.map((text, index) => ({ file: `m${index}.rego`, text })));
  if (policy === undefined) throw new RegoErrors(errors);
  return policy;
}

function failureOf(run: () => unknown): RegoError {
  try {
    run();
  } catch (error) {
    if (error instanceof RegoError) return error;
    if (error instanceof RegoErrors) return error.errors[0]!;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('compiling', () => {
  it('reports several parse errors of one source with row, column and code', () => {
    const text = 'package a\n\np := }\n\nq if {\n  1 +\n}\n\nr := 1\n\ns = [1 2]\n';
    const { policy, errors } = compile([{ file: 'a.rego', text }]);
    expect(policy).toBeUndefined();
    expect(errors.map((error) => [error.code, error.location?.row, error.location?.column])).toEqual([
      ['rego_parse_error', 3, 6],
      ['rego_parse_error', 3, 6],
      ['rego_parse_error', 7, 1],
      ['rego_parse_error', 11, 8],
      ['rego_parse_error', 11, 8],
    ]);
  });

  it('counts columns in characters', () => {
    const { errors } = compile([{ file: 'a.rego', text: 'package a\n\np if { "😀é" == x }\n' }]);
    expect(errors[0]?.location?.column).toBe(8);
    expect(compile([{ file: 'a.rego', text: 'package a\n\np := ["😀" 1]\n' }]).errors[0]?.location?.column).toBe(11);
  });

  it('hints where v0 habits meet v1', () => {
    const { errors } = compile([{ file: 'a.rego', text: 'package a\n\np { true }\n' }]);
    expect(errors[0]?.message).toBe('`if` keyword is required before rule body');
    expect(errors[0]?.hint).toContain('`if`');
  });

  it('reads v0 sources on request', () => {
    const text = 'package a\n\np[x] { x := input[_]; not q[x] }\n\nq[2]\n';
    const { policy, errors } = compile([{ file: 'a.rego', text }], { version: 'v0' });
    expect(errors).toEqual([]);
    expect(toText(policy!.evaluate('data.a.p', { input: fromJson([1, 2, 3]) })!)).toBe('{1, 3}');
  });

  it('lets rules of v0 hide the documents', () => {
    const sources = [{ file: 'a.rego', text: 'package a\n\ninput = 1\n\ndata.p = 2\n' }];
    expect(compile(sources, { version: 'v0' }).errors).toEqual([]);
    expect(compile(sources).errors.map(({ message }) => message)).toEqual([
      'rules must not shadow input (use a different rule name)',
      'rules must not shadow data (use a different rule name)',
    ]);
  });

  it('reports errors of a query', () => {
    expect(failureOf(() => policyOf('package a').prepare('x > 1')).code).toBe('rego_unsafe_var_error');
    expect(failureOf(() => policyOf('package a').prepare('x :=')).code).toBe('rego_parse_error');
  });

  it('takes long bodies and lists in time that grows with their length', () => {
    const repeat = (line: (index: number) => string, separator: string) =>
      Array.from({ length: 4_000 }, (_, index) => line(index)).join(separator);
    for (const text of [
      `p := [${repeat(() => 'count(input.x)', ', ')}]`,
      `p if {\n${repeat((index) => `some x${index} in input.a`, '\n')}\n}`,
    ]) {
      const started = performance.now();
      expect(compile([{ file: 'a.rego', text: `package a\n\n${text}\n` }]).errors).toEqual([]);
      expect(performance.now() - started).toBeLessThan(8_000);
    }
  });

  it('refuses sources nested beyond reason instead of failing', () => {
    for (const text of [
      `package a\n\np := ${'['.repeat(50_000)}`,
      `package a\n\np := ${'('.repeat(5_000)}1${')'.repeat(5_000)}`,
      `package a\n\np := ${'{x | '.repeat(500)}`,
      `package a\n\np := ${'[x | y, '.repeat(60)}1${']'.repeat(60)}`,
      `package a\n\np := ${'1 + '.repeat(20_000)}1`,
    ]) {
      const { errors } = compile([{ file: 'a.rego', text }]);
      for (const error of errors) expect(error).toBeInstanceOf(RegoError);
    }
  });
});

describe('evaluating', () => {
  it('gives every result of a query with its variables', () => {
    const policy = policyOf('package a\n\np contains x if some x in [1, 2]\n');
    const results = policy.query('some x in data.a.p; y := x * 10');
    expect(results.map((bindings) => Object.fromEntries(bindings))).toEqual([
      { x: 1, y: 10 },
      { x: 2, y: 20 },
    ]);
  });

  it('asks a prepared query with different inputs', () => {
    const prepared = policyOf('package a\n\nallow if input.role == "admin"\n').prepare('data.a.allow');
    expect(prepared.results({ input: fromJson({ role: 'admin' }) })).toHaveLength(1);
    expect(prepared.results({ input: fromJson({ role: 'guest' }) })).toHaveLength(0);
    expect(prepared.results()).toHaveLength(0);
  });

  it('asks the clock it is given, once', () => {
    const policy = policyOf('package a\n\np := [time.now_ns(), time.now_ns()]\n');
    const value = policy.evaluate('data.a.p', { now: () => 1_700_000_000_123 });
    expect(toText(value!)).toBe('[1700000000123000000, 1700000000123000000]');
  });

  it('prints to the given sink, also what is undefined', () => {
    const lines: string[] = [];
    const policy = policyOf('package a\n\np if { print("x", input.none, {1}) }\n');
    policy.evaluate('data.a.p', { capabilities: { print: (text) => lines.push(text) } });
    expect(lines).toEqual(['x <undefined> {1}']);
  });

  it('finds the same rules with an index as without', () => {
    const rules = Array.from({ length: 40 }, (_, index) => {
      const place = index % 2 === 0 ? 'input.a' : 'input.b.c';
      return `p contains ${index} if { ${place} == ${index % 5} }\nf("k${index}") := ${index}\nf(x) := 0 if x == "zero"`;
    });
    const policy = policyOf(
      `package a\n\n${rules.join('\n')}\np contains "any" if input.d\np contains "in" if input.a in {1, 2}\n`,
    );
    const ask = (input: unknown) => toText(policy.evaluate('data.a.p', { input: fromJson(input) })!);
    expect(ask({ a: 2 })).toBe('{2, 12, 22, 32, "in"}');
    expect(ask({ b: { c: 3 }, d: 1 })).toBe('{3, 13, 23, 33, "any"}');
    expect(ask({ a: 9 })).toBe('set()');
    expect(policy.query('x = data.a.f("k7")')[0]?.get('x')).toBe(7);
    expect(policy.query('x = data.a.f("zero")')[0]?.get('x')).toBe(0);
    expect(policy.query('x = data.a.f("none")')).toEqual([]);
  });
});

describe('work done once', () => {
  const users = Array.from({ length: 300 }, (_, index) => ({ id: index, group: index % 7 }));
  const data = fromJson({ users, groups: [0, 1, 2, 3, 4, 5, 6] });

  it('groups a comprehension that depends on the loop around it by an equality', () => {
    const policy = policyOf(
      'package a\n\n' +
        'sizes[g] := n if { some g in data.groups; n := count([u | some u in data.users; u.group == g]) }\n' +
        'pairs[id] := ids if { some u in data.users; id := u.id; ids := {v.id | some v in data.users; v.group == u.group; v.id < 3} }\n' +
        'all[g] := n if { some g in data.groups; n := count({u.group | some u in data.users}) }\n' +
        'other[g] := n if { some g in data.groups; n := count([1 | some u in data.users; u.group > g]) }\n',
    );
    const limits = { steps: 20_000 };
    expect(toText(policy.evaluate('data.a.sizes', { data, limits })!)).toBe(
      '{0: 43, 1: 43, 2: 43, 3: 43, 4: 43, 5: 43, 6: 42}',
    );
    expect(policy.query('x = data.a.pairs[9]', { data })[0]?.get('x')).toEqual(
      policy.query('x = {2}', { data })[0]?.get('x'),
    );
    expect(policy.query('x = data.a.pairs[6]', { data })[0]?.get('x')).toEqual(policy.query('x = set()')[0]?.get('x'));
    expect(policy.query('x = data.a.all[3]', { data })[0]?.get('x')).toBe(7);
    expect(policy.query('x = data.a.other[5]', { data })[0]?.get('x')).toBe(42);
    expect(failureOf(() => policy.evaluate('data.a.pairs', { data, limits: { steps: 300 } })).code).toBe(
      'eval_cancel_error',
    );
  });

  it('does not mix up groups when documents are replaced', () => {
    const policy = policyOf(
      'package a\n\nn(g) := count([u | some u in data.users; u.group == g])\n' +
        'p := [x, y, z] if { x := n(1); y := n(1) with data.users as [{"group": 1}]; z := n(1) }\n',
    );
    expect(toText(policy.evaluate('data.a.p', { data })!)).toBe('[43, 1, 43]');
  });

  it('calls a function once for the same arguments', () => {
    const levels = Array.from({ length: 40 }, (_, index) => `f${index}(x) := f${index + 1}(x) + f${index + 1}(x)`);
    const policy = policyOf(`package a\n\n${levels.join('\n')}\nf40(x) := x\np := f0(1)\n`);
    expect(policy.evaluate('data.a.p', { limits: { steps: 10_000 } })).toBe(2 ** 40);
  });
});

describe('limits', () => {
  const endless = policyOf(
    'package a\n\nn := numbers.range(1, 2000)\n\np := count([1 | some a in n; some b in n; some c in n; a + b == c])\n' +
      'q := [x | some a in n; some b in n; x := [a, b]]\n',
  );

  it('ends an evaluation that takes too many steps', () => {
    const error = failureOf(() => endless.evaluate('data.a.p', { limits: { steps: 100_000 } }));
    expect(error.code).toBe('eval_cancel_error');
    expect(error.message).toContain('step limit of 100000');
    expect(error.hint).toBeDefined();
  });

  it('ends an evaluation that takes too long by the given clock', () => {
    let now = 0;
    const error = failureOf(() =>
      endless.evaluate('data.a.p', { now: () => now++ * 100, limits: { milliseconds: 500 } }),
    );
    expect(error.code).toBe('eval_cancel_error');
    expect(error.message).toContain('time limit of 500 ms');
  });

  it('ends an evaluation that collects too much', () => {
    const error = failureOf(() => endless.evaluate('data.a.q', { limits: { memory: 10_000 } }));
    expect(error.code).toBe('eval_cancel_error');
    expect(error.message).toContain('memory limit of 10000');
  });

  it('ends an evaluation that calls too deep', () => {
    const depth = 5_000;
    const rules = Array.from({ length: depth }, (_, index) => `p${index} := p${index + 1} + 1`);
    const { policy, errors } = compile([
      { file: 'a.rego', text: `package a\n\n${rules.join('\n')}\np${depth} := 1\n` },
    ]);
    // So many rules in a row are either refused when they are compiled or end when they are evaluated.
    const failed = policy === undefined ? errors[0] : failureOf(() => policy.evaluate('data.a.p0'));
    expect(['rego_compile_error', 'eval_cancel_error']).toContain(failed?.code);
  });

  it('charges built-ins for the size of their work', () => {
    const policy = policyOf('package a\n\np := count(numbers.range(1, 100000))\n');
    expect(policy.evaluate('data.a.p')).toBe(100_000);
    expect(failureOf(() => policy.evaluate('data.a.p', { limits: { steps: 1_000 } })).code).toBe('eval_cancel_error');
  });
});
