import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RegoErrors } from '../errors.ts';
import { readCases } from './conformance.ts';
import { format } from './format.ts';

const formatted = (text: string): string => format('m.rego', text);

describe('the formatter', () => {
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

f(x) = z if {
	z := x
} else = 3 if {
	x == 1
}

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

  it('keeps parentheses only where they change the meaning', () => {
    expect(formatted('package a\n\np := (1 + 2) * 3 - (4 - 5)\nq := ((1 * 2)) + (3)\n')).toBe(
      'package a\n\np := (1 + 2) * 3 - (4 - 5)\nq := 1 * 2 + 3\n',
    );
  });

  it('keeps a union in a collection apart from a comprehension', () => {
    const source =
      'package a\n\np := [{(input.a | input.b)}, {"k": (input.a | input.b)}, [(input.a | input.b), 1], {(input.a | input.b): 1}]\n';
    expect(formatted(source)).toBe(source);
    expect(formatted('package a\n\np := [((input.a | input.b) == input.c)]\n')).toContain('[(');
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

  it('keeps every comment', () => {
    const source = '# one\npackage a # two\n\n# three\n\np := [ # four\n\t1, # five\n\t# six\n]\n\n# seven\n';
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
      expect(formatted(source)).toContain(`# ${word}`);
    }
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
      for (const { modules } of readCases(readFileSync(new URL(file, folder), 'utf8'))) {
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
