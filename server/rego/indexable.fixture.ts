import fc from 'fast-check';

/** Constants that rules compare with and inputs hold, so that comparisons hold now and then. */
const CONSTANTS = ['1', '1.0', '2', '"a"', '"b"', '""', 'true', 'false', 'null', '[1]', '{"k": 1}'];
const constant = fc.constantFrom(...CONSTANTS);

const place = fc.constantFrom('input.a', 'input.b.c', 'input["odd key"]', 'input.list[0]', 'input.b[input.key]');

/** A condition on a place, in the forms that an index can use and in some that it cannot. */
function condition(of: fc.Arbitrary<string>, alias: string): fc.Arbitrary<string> {
  return fc
    .tuple(of, constant, constant)
    .chain(([at, one, other]) =>
      fc.constantFrom(
        `${at} == ${one}`,
        `${one} == ${at}`,
        `${at} = ${one}`,
        `${alias} := ${at}; ${alias} == ${one}`,
        `${alias} := ${at}; ${alias} in {${one}, ${other}}`,
        `${at} in {${one}, ${other}}`,
        `${at} in [${one}, ${other}]`,
        `${at} in {"x": ${one}, "y": ${other}}`,
        `not ${at} == ${one}`,
        `${at} != ${one}`,
        `startswith(${at}, "a")`,
        at,
        `${at} == input.list[_]`,
        `${at} == ${one} with input.a as ${other}`,
      ),
    );
}

const body = fc
  .tuple(condition(place, 'x'), fc.option(condition(place, 'y'), { nil: undefined }))
  .map((conditions) => conditions.filter((each) => each !== undefined).join('; '));

const member = fc.tuple(body, fc.nat({ max: 20 })).map(([text, value]) => `members contains ${value} if { ${text} }`);

const complete = fc.tuple(body, constant, fc.boolean()).map(([text, value, hasElse]) => {
  return `value := ${value} if { ${text} }${hasElse ? ` else := ${value} if input.a` : ''}`;
});

const entry = fc
  .tuple(body, constant, constant)
  .map(([text, key, value]) => `entries[${key}] := ${value} if { ${text} }`);

const call = fc
  .tuple(fc.oneof(constant, fc.constant('p')), fc.constantFrom('q', '{"k": q}', '_'), constant)
  .chain(([first, second, value]) => {
    const places = [...(first === 'p' ? ['p', 'p.k'] : []), ...(second === '_' ? [] : ['q']), 'input.a'];
    return condition(fc.constantFrom(...places), 'z').map(
      (text) => `called(${first}, ${second}) := ${value} if { ${text} }`,
    );
  });

const grouping = fc
  .constantFrom(
    'item.k == each',
    'each == item.k',
    'item.k = each',
    'item.k == each; item.n > 1',
    'item.k == [each]',
    'not item.k == each',
  )
  .chain((text) =>
    fc.constantFrom(
      `[item.n | some item in input.items; ${text}]`,
      `{item.n | ${text}; some item in input.items}`,
      `{item.n: item.k | some item in input.items; ${text}}`,
    ),
  )
  .map((comprehension) => `groups contains [each, found] if { some each in input.list; found := ${comprehension} }`);

/** A module whose rules an index sorts: many of one name, told apart by what they demand of input and arguments. */
export const indexableModule = fc
  .tuple(
    fc.array(member, { minLength: 4, maxLength: 12 }),
    fc.array(complete, { minLength: 4, maxLength: 6 }),
    fc.array(entry, { minLength: 4, maxLength: 8 }),
    fc.array(call, { minLength: 4, maxLength: 10 }),
    fc.array(grouping, { maxLength: 3 }),
    fc.option(constant, { nil: undefined }),
  )
  .map(([members, completes, entries, calls, groups, usual]) => {
    const ask = 'calls contains [x, y, called(x, y)] if { some x in input.list; some y in input.list }';
    const fallback = usual === undefined ? [] : [`default value := ${usual}`];
    const rules = [...members, ...completes, ...entries, ...calls, ...groups, ...fallback, ask];
    return `package generated\n\n${rules.join('\n\n')}\n`;
  });

const json = constant.map((text): unknown => JSON.parse(text));

/** Inputs for such modules; every part may be missing. */
export const indexableInput = fc.record(
  {
    a: json,
    b: fc.record({ c: json }, { requiredKeys: [] }),
    'odd key': json,
    key: fc.constant('c'),
    list: fc.array(json, { maxLength: 4 }),
    items: fc.array(fc.record({ k: json, n: fc.nat({ max: 3 }) }), { maxLength: 4 }),
  },
  { requiredKeys: [] },
);
