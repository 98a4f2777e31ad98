import { describe, expect, it } from 'vitest';
import { compile, fromJson, fromJsonText, type Policy, RegoError, toJson } from '../index.ts';

function policyOf(text: string): Policy {
  const { policy, errors } = compile([{ file: 'p.rego', text: `package p\n\n${text}` }]);
  if (policy === undefined) throw new Error(errors.join('\n'));
  return policy;
}

/** Far fewer steps than there are rules or entries. */
const FEW = { steps: 60 };
const MANY = 1_000;

function rules(make: (index: number) => string, others = ''): string {
  return `${others}\n\n${Array.from({ length: MANY }, (_, index) => `r := ${index} if {\n${make(index)}\n}`).join('\n\n')}\n`;
}

describe('the index of rules', () => {
  const input = {
    role: 'role_700',
    roles: ['guest', 'role_700', 'role_700'],
    groups: [{ name: 'a' }, { name: 'role_700' }],
    path: '/area/700/x',
    user: 'u700',
    nested: { role: 'role_700' },
    number: 700,
  };
  const data = { assigned: { u700: 'role_700' }, mode: { name: 'role_700' } };
  const forms: Record<string, [string, string?]> = {
    'an equality': ['input.role == "role_N"'],
    'an equality the other way round': ['"role_N" == input.role'],
    'a unification': ['input.role = "role_N"'],
    'an equality through a local': ['x := input.nested\n\ty := x.role\n\ty == "role_N"'],
    'a constant through a local': ['wanted := "role_N"\n\tinput.role == wanted'],
    'a constant rule': ['input.role == named_N', 'CONSTANTS'],
    'a number, however it is written': ['input.number == N.0'],
    'a member of a constant set': ['input.role in {"role_N", "other_N"}'],
    'a member of a constant array': ['input.role in ["role_N", "other_N"]'],
    'a value of a constant object': ['input.role in {"a": "role_N"}'],
    'a constant in a list': ['"role_N" in input.roles'],
    'an element of a list': ['input.roles[_] == "role_N"'],
    'an element of a list by some': ['some role in input.roles\n\trole == "role_N"'],
    'a part of an element': ['some group in input.groups\n\tgroup.name == "role_N"'],
    'a prefix': ['startswith(input.path, "/area/N/")'],
    'one of several prefixes': ['strings.any_prefix_match(input.path, {"/area/N/", "/other/N/"})'],
    'a look-up in data': ['data.assigned[input.user] == "role_N"'],
    'a path in data': ['data.mode.name == "role_N"'],
    'a second demand where the first is shared': ['input.user == "u700"\n\tinput.role == "role_N"'],
  };

  it.each(Object.entries(forms))('tries only the rules that fit %s', (_name, [body, more]) => {
    const constants = Array.from({ length: MANY }, (_, index) => `named_${index} := "role_${index}"`).join('\n\n');
    const policy = policyOf(rules((index) => `\t${body.replaceAll('N', String(index))}`, more && constants));
    const options = { input: fromJson(input), data: fromJson(data), limits: FEW };
    expect(policy.evaluate('data.p.r', options)).toBe(700);
    expect(policy.evaluate('data.p.r', { ...options, input: fromJson({}), data: fromJson({}) })).toBeUndefined();
  });

  it('tries only the clauses that fit the arguments of a function', () => {
    const clauses = Array.from({ length: MANY }, (_, index) => `f(["k${index}", x], _) := x + ${index}`);
    const policy = policyOf(`${clauses.join('\n\n')}\n\nr := f(["k700", 1], 2)\n`);
    expect(policy.evaluate('data.p.r', { limits: FEW })).toBe(701);
  });

  it('tries only the rules that can make the key asked for', () => {
    const made = Array.from({ length: MANY }, (_, index) => `o[x] := ${index} if {\n\tx := "k${index}"\n}`);
    const policy = policyOf(`${made.join('\n\n')}\n\nr := o.k700\n`);
    expect(policy.evaluate('data.p.r', { limits: FEW })).toBe(700);
  });

  it('looks at each branch of rules with else', () => {
    const policy = policyOf(
      rules((index) => `\tinput.role == "role_${index}"`).replaceAll(
        /r := (\d+) if \{\n(.*)\n\}/g,
        'r := $1 if {\n$2\n} else := -$1 if {\n\tinput.role == "else_$1"\n}',
      ),
    );
    const ask = (role: string) => policy.evaluate('data.p.r', { input: fromJson({ role }), limits: FEW });
    expect(ask('role_5')).toBe(5);
    expect(ask('else_6')).toBe(-6);
    expect(ask('none')).toBeUndefined();
  });

  it('keeps rules of other forms among the candidates, in the order of the source', () => {
    const policy = policyOf(
      `${rules((index) => `\tinput.role == "role_${index}"`)}\n\nr := 700 if input.user != "x"\n\nr := 700 if input.number > 1\n`,
    );
    expect(policy.evaluate('data.p.r', { input: fromJson(input), limits: FEW })).toBe(700);
    expect(() => policy.evaluate('data.p.r', { input: fromJson({ ...input, role: 'role_3' }) })).toThrow(/conflicting/);
  });

  it('tries every rule that demands a prefix of what is no text, as it then decides itself', () => {
    const policy = policyOf(rules((index) => `\tstrings.any_prefix_match(input.paths, "/area/${index}/")`));
    expect(policy.evaluate('data.p.r', { input: fromJson({ paths: ['/a', '/area/7/'] }) })).toBe(7);
    const strict = { input: fromJson({ paths: 1 }), strictBuiltinErrors: true };
    expect(() => policy.evaluate('data.p.r', strict)).toThrow(/strings.any_prefix_match/);
  });

  it('goes by what `with` puts in place of constants, documents and functions', () => {
    const policy = policyOf(
      `${['a', 'b', 'c', 'd', 'e'].map((name) => `r contains "${name}" if startswith(input.path, ${name})`).join('\n\n')}
a := "/a"

b := "/b"

c := "/c"

d := "/d"

e := "/e"

plain := r

replaced := x if x := r with data.p.a as "/z"

always(_, _) := true

all := x if x := r with startswith as always
`,
    );
    const given = { input: fromJson({ path: '/z/1' }) };
    expect(toJson(policy.evaluate('data.p.plain', given)!)).toEqual([]);
    expect(toJson(policy.evaluate('data.p.replaced', given)!)).toEqual(['a']);
    expect(toJson(policy.evaluate('data.p.all', given)!)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('stops looking into long lists of values, and tries the rules', () => {
    const policy = policyOf(rules((index) => `\t"role_${index}" in input.roles`));
    const roles = Array.from({ length: 500 }, (_, index) => `other_${index}`);
    expect(policy.evaluate('data.p.r', { input: fromJson({ roles: [...roles, 'role_9'] }) })).toBe(9);
  });
});

describe('the index of what is searched', () => {
  const users = Array.from({ length: 5_000 }, (_, index) => ({
    id: `u${index}`,
    level: index % 7,
    tags: [`t${index}`],
    place: { city: `c${index % 1_000}` },
  }));
  const data = fromJson({
    users,
    byKey: Object.fromEntries(users.map((user) => [`k${user.id}`, user])),
    blocked: users.map(({ id }) => `x${id}`),
  });
  const forms: Record<string, [string, unknown]> = {
    'an equality that follows': ['some u in data.users\n\tu.id == input.id\n\tv := u.level', 3],
    'an equality of two paths': ['u := data.users[_]\n\tu.id == input.deep.id\n\tv := u.level', 3],
    'an equality inside the reference': ['data.users[i].id == input.id\n\tv := i', 4_000],
    'a unification': ['data.users[i].id = input.id\n\tv := i', 4_000],
    'a nested path': ['some i, u in data.users\n\tu.place.city == input.city\n\tu.id == input.id\n\tv := i', 4_000],
    'the values of an object': ['some k, u in data.byKey\n\tu.id == input.id\n\tv := k', 'ku4000'],
    'a comparison before the equality': ['some u in data.users\n\tu.level > 1\n\tu.id == input.id\n\tv := u.level', 3],
    'a base document on the other side': ['some u in data.users\n\tu.id == data.wanted.id\n\tv := u.level', 3],
    'one of several values': ['some u in data.users\n\tu.id in input.ids\n\tv := u.level', 3],
    'a member of a list in data': ['input.blocked in data.blocked\n\tv := 1', 1],
    'a list of scalars': ['data.blocked[i] == input.blocked\n\tv := i', 4_000],
  };
  const wanted = { wanted: { id: 'u4000' } };
  const given = {
    id: 'u4000',
    deep: { id: 'u4000' },
    city: 'c0',
    ids: ['nobody', 'u4000'],
    blocked: 'xu4000',
  };
  const documents = fromJson({ ...(toJson(data) as object), ...wanted });

  it.each(Object.entries(forms))('finds the parts by %s from the third evaluation on', (_name, [body, result]) => {
    const policy = policyOf(`r := v if {\n\t${body}\n}`);
    const options = { input: fromJson(given), data: documents };
    expect(policy.evaluate('data.p.r', options)).toEqual(result);
    expect(policy.evaluate('data.p.r', options)).toEqual(result);
    expect(policy.evaluate('data.p.r', { ...options, limits: FEW })).toEqual(result);
    const nobody = {
      ...options,
      input: fromJson({ id: 1 }),
      data: fromJson({ ...(toJson(data) as object), wanted: {} }),
    };
    for (let turn = 0; turn < 3; turn++) expect(policy.evaluate('data.p.r', nobody)).toBeUndefined();
  });

  it('finds all parts with equal values, in order, also where numbers are written differently', () => {
    const policy = policyOf('r := [i | data.list[i].n == input.n]');
    const list = Array.from(
      { length: 100 },
      (_, index) => `{"n": ${index % 3 === 0 ? '1.0' : index % 3 === 1 ? '1' : '[1]'}}`,
    );
    const text = fromJsonText(`{"list": [${list.join(', ')}]}`);
    const ask = (n: unknown) => toJson(policy.evaluate('data.p.r', { input: fromJson({ n }), data: text })!);
    const ones = Array.from({ length: 100 }, (_, index) => index).filter((index) => index % 3 !== 2);
    for (let turn = 0; turn < 3; turn++) {
      expect(ask(1)).toEqual(ones);
      expect(ask([1])).toHaveLength(33);
      expect(ask('1')).toEqual([]);
    }
  });

  it('makes an index inside one evaluation when a loop searches again and again', () => {
    const policy = policyOf('r := count([1 | some a in input.xs; some b in input.ys; b.k == a; b.n > 0])');
    const xs = Array.from({ length: 300 }, (_, index) => index);
    const input = fromJson({ xs, ys: xs.map((k) => ({ k, n: 1 })) });
    expect(policy.evaluate('data.p.r', { input, limits: { steps: 5_000 } })).toBe(300);
  });

  it('does not skip parts where skipping would hide an error', () => {
    const policy = policyOf(
      'f(x) := 1 if x > 0\n\nf(x) := 2 if x > 1\n\nr if {\n\tsome u in data.list\n\tf(u.n) == 1\n\tu.id == input.id\n}',
    );
    const list = Array.from({ length: 100 }, (_, id) => ({ id, n: id === 50 ? 2 : 1 }));
    const options = { input: fromJson({ id: 90 }), data: fromJson({ list }) };
    for (let turn = 0; turn < 3; turn++) {
      expect(() => policy.evaluate('data.p.r', options)).toThrow(RegoError);
    }
  });

  it('searches as many different paths as it likes, the first of them with an index', () => {
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const policy = policyOf(
      names.map((name) => `${name} if {\n\tsome u in data.list\n\tu.${name} == input.n\n}`).join('\n\n'),
    );
    const list = Array.from({ length: 200 }, (_, at) => Object.fromEntries(names.map((name) => [name, at])));
    const options = { input: fromJson({ n: 150 }), data: fromJson({ list }) };
    for (let turn = 0; turn < 3; turn++)
      for (const name of names) expect(policy.evaluate(`data.p.${name}`, options)).toBe(true);
  });
});
