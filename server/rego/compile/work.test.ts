import { describe, expect, it } from 'vitest';
import { RegoErrors } from '../errors.ts';
import { compile } from '../policy.ts';
import { parseModule } from '../syntax/parser.ts';
import { Agenda } from './agenda.ts';
import { CompileBudget, CompileStopped } from './budget.ts';
import { compileModules } from './compile.ts';

/** Lines made from numbers. */
function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

/** Policies of so many parts. */
const SHAPES: Readonly<Record<string, (count: number) => string>> = {
  'a body in order': (count) => `p if {\n x0 = input.x\n${lines(count, (at) => ` x${at + 1} = x${at} + 1`)}\n}`,
  'a body in reverse order': (count) =>
    `p if {\n x0 > 0\n${lines(count, (at) => ` x${at} = x${at + 1} + 1`)}\n x${count} = input.x\n}`,
  'steps that are bound last': (count) =>
    `p if {\n${lines(count, (at) => ` y${at} = z[x${at}]`)}\n${lines(count, (at) => ` x${at} = ${at}`)}\n z = input.z\n}`,
  'comprehensions in a list': (count) => `p := [\n${lines(count, (at) => `[y | y := input.a[_]; y > ${at}],`)}\n]`,
  'comprehensions in a body': (count) =>
    `p if {\n${lines(count, (at) => ` a${at} := [y | y := input.a[_]; y > ${at}]\n count(a${at}) > 2`)}\n}`,
  'rules of one name, and rules that ask for them': (count) =>
    lines(count, (at) => `p := 1 if input.x == ${at}\nq${at} if p == input.y`),
  'rules that each need the next': (count) => `${lines(count, (at) => `r${at} := r${at + 1} + 1`)}\nr${count} := 1`,
  'rules that search all rules of another package': (count) =>
    `${lines(count, (at) => `r${at} if data.p.s[input.x][input.y] == ${at}\ns["a"].t${at % 50} := ${at}`)}`,
  'rules on one long cycle, of which not all are told': (count) =>
    lines(10 * count, (at) => `r${at} := r${(at + 1) % (10 * count)}`),
  'a chain of else': (count) =>
    `p := 0 if { input.x == 0 }${lines(count, (at) => ` else := ${at} if { input.x == ${at} }`)}`,
  'modifiers of one expression': (count) =>
    `p if {\n input.x == 1${lines(count, (at) => ` with input.a${at} as ${at}`)}\n}`,
  'functions and their calls': (count) => lines(count, (at) => `f("k${at}") := ${at}\nr${at} := f("k${at}")`),
  'an object and its uses': (count) =>
    `o := {${lines(1_500, (at) => `"k${at}": ${at},`)}}\n${lines(count, (at) => `r${at} := o.k${at % 1_500}`)}`,
  'rules with annotations that ask for them': (count) =>
    lines(count, (at) => `# METADATA\n# title: rule ${at}\nr${at} := rego.metadata.chain()`),
  'every in a body': (count) => `p if {\n${lines(count, (at) => ` every x in input.x${at} { x > ${at} }`)}\n}`,
};

function workFor(rules: string): number {
  const { module, errors } = parseModule('p.rego', `package p\n${rules}\n`);
  expect(errors).toEqual([]);
  const compiled = compileModules([module!]);
  expect(compiled.errors.filter(({ code }) => code !== 'rego_recursion_error')).toEqual([]);
  return compiled.work;
}

describe('the work of compiling', () => {
  it.each(Object.entries(SHAPES))('%s grows with its length', (_, shape) => {
    const small = workFor(shape(200));
    const large = workFor(shape(1_600));
    expect(small).toBeGreaterThan(20);
    expect(large / small).toBeLessThan(10);
  });

  it.each([
    [
      'a list of what is bound in reverse order',
      `p if {
      [${lines(8_000, (at) => `x${at},`)}] == input.list
      ${lines(8_000, (at) => `x${at} = x${at + 1} + 1`)}
      x8000 = 1
    }`,
    ],
    [
      'documents of many forms that are compared again and again',
      `${['p', 'q']
        .map((name) =>
          lines(
            60,
            (at) => `${name} := {${lines(28, (key) => `"k${key}": 1,`)} "${name}${at}": 1} if input.x == ${at}`,
          ),
        )
        .join('\n')}\n${lines(3_000, (at) => `r${at} if { p == q }`)}`,
    ],
    [
      'calls and modifiers in one expression',
      `p if {
      [${lines(3_000, (at) => `input.x[${at}] + 1,`)}] == 1${lines(3_000, (at) => ` with input.a${at} as ${at}`)}
    }`,
    ],
    ['keys that hide many rules', lines(4_000, (at) => `o[0] := ${at}\no[0][x] := 1 if some x in input.y`)],
  ])('ends for %s', (_, rules) => {
    const { policy, errors } = compile([{ file: 'p.rego', text: `package p\n${rules}\n` }]);
    expect(policy).toBeUndefined();
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['rego_compile_error', 'compilation stopped: rules, bodies or types refer to each other too often'],
    ]);
  });

  it('of a query is bounded too, and does not use up what others have', () => {
    const { policy } = compile([{ file: 'p.rego', text: 'package p\n' }]);
    const names = lines(3_000, (at) => `input.x[${at}] + 1,`);
    const query = `[${names}] == 1${lines(3_000, (at) => ` with input.a${at} as ${at}`).replaceAll('\n', ' ')}`;
    expect(() => policy!.prepare(query)).toThrow(RegoErrors);
    expect(() => policy!.prepare(query)).toThrow(/compilation stopped/);
    expect(policy!.query('x := 1')).toEqual([new Map([['x', 1]])]);
  });

  it('is bounded', () => {
    const budget = new CompileBudget(10);
    budget.spend(5_000_000);
    expect(budget.spent).toBe(5_000_000);
    budget.spend(250);
    expect(() => budget.spend(1)).toThrow(CompileStopped);
  });
});

describe('an agenda', () => {
  const walk = (count: number, asks: Readonly<Record<number, readonly number[]>>): number[] => {
    const agenda = new Agenda(count);
    const seen: number[] = [];
    for (let at = agenda.next(); at !== undefined; at = agenda.next()) {
      if (!seen.includes(at)) for (const other of asks[at] ?? []) agenda.again(other);
      seen.push(at);
    }
    return seen;
  };

  it('goes through all in order, then through what was asked for', () => {
    expect(walk(4, {})).toEqual([0, 1, 2, 3]);
    expect(walk(5, { 2: [1, 0], 4: [3, 0] })).toEqual([0, 1, 2, 3, 4, 0, 1, 3]);
  });

  it('takes what is behind in the same round, and what is before in the next', () => {
    const agenda = new Agenda(4);
    for (let count = 0; count < 4; count++) agenda.next();
    agenda.again(1);
    expect(agenda.next()).toBe(1);
    agenda.again(3);
    agenda.again(0);
    agenda.again(2);
    agenda.again(2);
    expect([agenda.next(), agenda.next(), agenda.next(), agenda.next()]).toEqual([2, 3, 0, undefined]);
  });
});
