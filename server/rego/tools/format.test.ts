import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RegoErrors } from '../errors.ts';
import { readCases } from './conformance.ts';
import { format } from './format.ts';

const formatted = (text: string): string => format('m.rego', text);

/** Sources in many layouts, and the one that OPA 1.22 gives them; the mode is the flag that it is asked with. */
const layouts = JSON.parse(readFileSync(new URL('format-cases.json', import.meta.url), 'utf8')) as {
  mode?: 'v0' | 'v0-v1';
  source: string;
  want: string;
}[];

const OPTIONS = { v0: { version: 'v0' }, 'v0-v1': { version: 'v0', toV1: true } } as const;

describe('the formatter', () => {
  it.each(layouts)('gives the layout of OPA: $source', ({ mode, source, want }) => {
    const options = mode === undefined ? {} : OPTIONS[mode];
    expect(format('m.rego', source, options)).toBe(want);
    expect(format('m.rego', want, options)).toBe(want);
  });

  it('brings a module into canonical layout', () => {
    const source = `package   a.b # pkg
import data.z


# about p
p:=1
q contains x if {some x in [1,2]; x>1
   # inner

   y:=x+1 # trail
   not y==3
}
f(x)=z if {z:=x
} else = 3 if { x == 1 }
default   u:=false
w := {
 "k": [x |   some x in input.o
   x != "y"],
 # before l
 "l": -1 }
`;
    expect(formatted(source)).toBe(`package a.b # pkg

import data.z

# about p
p := 1

q contains x if {
	some x in [1, 2]
	x > 1

	# inner

	y := x + 1 # trail
	not y == 3
}

f(x) := z if z := x

else := 3 if x == 1

default u := false

w := {
	"k": [x |
		some x in input.o
		x != "y"
	],
	# before l
	"l": -1,
}
`);
  });

  it('puts operators inside others into parentheses', () => {
    expect(formatted('package a\n\np := (1 + 2) * 3 - (4 - 5)\nq := ((1 * 2)) + (3)\n')).toBe(
      'package a\n\np := ((1 + 2) * 3) - (4 - 5)\nq := (1 * 2) + 3\n',
    );
  });

  it('keeps a union in a collection apart from a comprehension', () => {
    const source =
      'package a\n\np := [{(input.a | input.b)}, {"k": (input.a | input.b)}, [(input.a | input.b), 1], {(input.a | input.b): 1}]\n';
    expect(formatted(source)).toBe(source);
    expect(formatted('package a\n\np := [((input.a | input.b) == input.c)]\n')).toContain('[(');
  });

  it('keeps what OPA would change the meaning of', () => {
    const source = 'package a\n\np if {\n\tinput.x & (input.y | input.z)\n\t(-1) + input.x == 2\n}\n';
    expect(formatted(source)).toBe(source);
  });

  it('keeps groups of and, or and not', () => {
    const source =
      'package a\n\nimport rego.v2\n\np if (input.a or not input.b) and { x := 1; x > 0 } with input as 1\n';
    expect(formatted(source)).toBe(source);
  });

  it('keeps how strings and digits are written', () => {
    const source = 'package a\n\np := [`raw "x"`, "\\u00e9", 1.50, 1e3, $"a {input.x}"]\n';
    expect(formatted(source)).toBe(source);
  });

  it('keeps old sources old', () => {
    const source = 'package a\n\np[x] {\n\tx := input[_]\n}\n';
    expect(format('m.rego', source, { version: 'v0' })).toBe(source);
  });

  it('does not write for v1 what it forbids, and says where', () => {
    const migrated = (text: string): string => format('m.rego', text, { version: 'v0', toV1: true });
    expect(() => migrated('package a\n\np { any([input.x]) }\n')).toThrow('m.rego:3: rego_type_error: deprecated');
    expect(() => migrated('package a\n\np { x := {y: if | input[if]} }\n')).toThrow(
      'if is a keyword of v1 and cannot name a variable',
    );
    expect(() => migrated('package a\n\ncontains { true } else = any([1]) { true }\n')).toThrow(
      'contains is a keyword of v1 and cannot name a rule',
    );
    expect(() => migrated('package a\n\nimport data.if\n')).toThrow('if is a keyword of v1 and cannot name an import');
    expect(() => migrated('package a\n\nimport data.x.y\nimport input.y\n')).toThrow('import must not shadow');
    expect(() => migrated('package a\n\ninput = 1\n')).toThrow('rules must not shadow input');
  });

  it('keeps every comment', () => {
    const source = '# one\npackage a # two\n\n# three\n\np := [ # four\n\t1, # five\n\t# six\n]\n\n# seven\n';
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
      expect(formatted(source)).toContain(`# ${word}`);
    }
  });

  it.each([
    ['p if {1 |\ntrue} else := 2', 'p if {1 |\n\ttrue\n}\n else := 2'],
    ['p if {1 |\ntrue}\nelse := 2', 'p if {1 |\n\ttrue\n}\n\nelse := 2'],
    ['p if [1,\n2] else := 2', 'p if [\n\t1,\n\t2,\n]\n else := 2'],
    ['p if x ==\n2 else := 2', 'p if x == 2\n else := 2'],
    ['p if {\n{1} | {2}\n} else := 1 if {\n2\n}', 'p if {\n{1} | {2}}\n else := 1 if {\n\t2\n}'],
  ])('sets `else` as OPA does below a body of several rows without braces: %j', (rule, want) => {
    expect(formatted(`package a\n\n${rule}\n`)).toBe(`package a\n\n${want}\n`);
  });

  it('refuses what does not parse', () => {
    expect(() => formatted('package a\n\np := \n')).toThrow(RegoErrors);
  });

  it('refuses what is nested too deep with an error', () => {
    const text = `package a\n\np := ${'1 + '.repeat(20_000)}1\n`;
    expect(() => formatted(text)).toThrow('nested too deep');
  });

  it('gives the same again for what it made', () => {
    const folder = new URL('../cases/', import.meta.url);
    let count = 0;
    for (const file of readdirSync(folder)) {
      if (file === 'compile-errors.json') continue;
      for (const { modules, want_error_code: code, want_errors: errors = [] } of readCases(
        readFileSync(new URL(file, folder), 'utf8'),
      )) {
        if ([code, ...errors.map((error) => error.code)].includes('rego_parse_error')) continue;
        for (const text of modules ?? []) {
          const once = formatted(text);
          expect(formatted(once)).toBe(once);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});
