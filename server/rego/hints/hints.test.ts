import { describe, expect, it } from 'vitest';
import { compile, type Policy, type RegoError, RegoErrors } from '../index.ts';
import { editDistance, nearest } from './edit-distance.ts';

/** The first error of a module with the given rules, below `package authz`. */
function errorOf(rules: string, version: 'v0' | 'v1' = 'v1'): RegoError {
  const { errors } = compile([{ file: 'authz.rego', text: `package authz\n\n${rules}\n` }], { version });
  if (errors[0] === undefined) throw new Error(`no error in ${rules}`);
  return errors[0];
}

const hintOf = (rules: string, version?: 'v0' | 'v1') => errorOf(rules, version).hint;

describe('a source that does not parse', () => {
  it('is told how a module begins', () => {
    expect(compile([{ file: 'a.rego', text: 'allow := true\n' }]).errors[0]?.hint).toContain('`package authz`');
  });

  it.each([
    ['allow { input.ok }', '`if` before a rule body'],
    ['roles[x] { x := input.roles[_] }', '`contains`'],
    ['allow if input.a && input.b', 'lines of their own'],
    ['allow if input.a || input.b', 'two rules of the same name'],
    ['allow if !input.a', '`not`'],
    ["allow if input.a == 'x'", '"double quotes"'],
    ['allow if input.a == \u201cx\u201d', '"double quotes"'],
    ['allow := true // always', 'comments begin with #'],
    ['allow := input.a ? 1 : 2', '`else`'],
    ['limit == 5', 'gets its value with `:=`'],
    ['function f(x) { x }', 'rules with arguments'],
    ['let limit := 5', '`limit := 5`'],
    ['allow if {\n\tinput.a\n\tinput.b[0', '`[` in row 5 is not closed'],
    ['allow if {\n\tinput.a', '`{` in row 3 is not closed'],
  ])('%s', (rules, hint) => {
    const error = errorOf(rules);
    expect([error.code, error.hint]).toEqual(['rego_parse_error', expect.stringContaining(hint)]);
  });

  it('is told in the message, as by OPA, which import makes a word a keyword', () => {
    expect(errorOf('allow if { input.a and input.b }').message).toContain('(hint: `import future.keywords.and`');
    expect(errorOf('allow { "a" in input.roles }', 'v0').message).toContain('(hint: `import future.keywords.in`');
  });

  it('of v0 is told which import makes a word a keyword', () => {
    expect(hintOf('allow if input.a', 'v0')).toContain('import rego.v1');
    expect(hintOf('roles contains x { x := 1 }', 'v0')).toContain('import rego.v1');
  });
});

describe('a name that nothing gives a value', () => {
  it.each([
    ['allow if inptu.role == "admin"', 'did you mean `input`?'],
    ['allow if { user := input.user; usr.role == "admin" }', 'did you mean `user`?'],
    ['is_admin if input.role == "admin"\n\nallow if is_admn', 'did you mean `is_admin`?'],
    ['allow if input.active == True', 'did you mean `true`?'],
    ['allow if input.user-agent == "x"', '`input["user-agent"]`'],
    ['allow if input.role == admin', '`"admin"`'],
    ['allow if not input.roles[role]', 'before the negation'],
    ['allow if count(role) > 1', '`some role in …`'],
    ['f(value) := vlaue', 'did you mean `value`?'],
  ])('%s', (rules, hint) => {
    const error = errorOf(rules);
    expect([error.code, error.hint]).toEqual(['rego_unsafe_var_error', expect.stringContaining(hint)]);
  });

  it('is found among imports', () => {
    const { errors } = compile([
      { file: 'a.rego', text: 'package a\n\nimport data.library.helpers\n\nallow if helper.ok\n' },
    ]);
    expect(errors[0]?.hint).toBe('did you mean `helpers`?');
  });

  it('is found in queries too, among the names that the query has', () => {
    const { policy } = compile([]) as { policy: Policy };
    const hint = (query: string) => {
      try {
        policy.prepare(query);
      } catch (error) {
        if (error instanceof RegoErrors) return error.errors[0]?.hint;
        throw error;
      }
      return 'no error';
    };
    expect(hint('inptu.x > 1')).toBe('did you mean `input`?');
    expect(hint('total := 1; totl > 0')).toBe('did you mean `total`?');
    expect(hint('cout(input.x)')).toBe('did you mean count?');
    expect(hint('input.a && input.b')).toContain('lines of their own');
  });
});

describe('a function that does not exist', () => {
  it.each([
    ['allow if startwith(input.path, "/")', 'did you mean startswith?'],
    ['n := len(input.roles)', 'did you mean count?'],
    ['n := json.unmarshall(input.text)', 'did you mean json.unmarshal?'],
    ['n := string.replace_n(input.text, {})', 'did you mean strings.replace_n?'],
    ['is_owner(x) if x == 1\n\nallow if is_ower(input.x)', 'did you mean is_owner?'],
    ['f(x) := x\n\nn := data.auth.f(1)', 'did you mean data.authz.f?'],
  ])('%s', (rules, hint) => {
    const error = errorOf(rules);
    expect([error.code, error.hint]).toEqual(['rego_type_error', hint]);
  });

  it('or is no longer allowed is told what replaces it', () => {
    expect(hintOf('allow if re_match("a", input.x)')).toBe('use regex.match');
    expect(hintOf('allow if any([input.x])')).toContain('true in xs');
  });
});

describe('other stumbles', () => {
  it.each([
    ['allow if { x := 1; x := 2 }', 'compare with `==`'],
    ['allow if { input.role := "admin" }', 'compare with `==`'],
    ['f(x) := x\n\nallow if f', 'in parentheses'],
    ['a if b\n\nb if a', 'cannot depend on itself'],
  ])('%s', (rules, hint) => {
    expect(hintOf(rules)).toContain(hint);
  });

  it('values that contradict each other when a policy is asked', () => {
    const { policy } = compile([{ file: 'a.rego', text: 'package a\n\np := 1 if input.x\n\np := 2 if input.x\n' }]);
    const input = policy!.query('x := {"x": true}')[0]!.get('x');
    expect(() => policy!.evaluate('data.a.p', { input })).toThrow(
      expect.objectContaining({ code: 'eval_conflict_error', hint: expect.stringContaining('`contains`') }),
    );
  });

  it('do not take long to advise on, however many there are', () => {
    const rules = Array.from({ length: 3_000 }, (_, index) => `rule_${index} if unknown_${index} == 1`);
    const { errors } = compile([{ file: 'a.rego', text: `package a\n\n${rules.join('\n')}\n` }]);
    expect(errors).toHaveLength(3_000);
    expect(errors[0]?.hint).toBeDefined();
    expect(errors.at(-1)?.hint).toBeUndefined();
  });
});

describe('the nearest word', () => {
  it('is one slip away, or two in long words', () => {
    expect(nearest('conut', ['count', 'sum'])).toBe('count');
    expect(nearest('abs', ['sum', 'max'])).toBeUndefined();
    expect(nearest('x', ['y'])).toBeUndefined();
    expect(nearest('time.pasre_ns', ['time.parse_ns', 'time.now_ns'])).toBe('time.parse_ns');
    expect(nearest('a'.repeat(1_000), ['a'.repeat(999)])).toBeUndefined();
  });

  it('counts a swap as one slip only when asked to', () => {
    expect(editDistance('inptu', 'input')).toBe(2);
    expect(editDistance('inptu', 'input', { swaps: true })).toBe(1);
    expect(editDistance('Admin', 'admin')).toBe(1);
  });
});
