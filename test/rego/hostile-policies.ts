/** Policies whose document `p` would take very long, or very much memory, without limits; and what they are asked with. */
import { fromJson } from '../../server/rego/index.ts';

const RANGE = 'numbers.range(1, 20000)';
const DOUBLING = Array.from({ length: 40 }, (_, index) => `p${index + 1} := concat("", [p${index}, p${index}])`);
const FANNING = Array.from(
  { length: 40 },
  (_, index) => `f${index + 1}(x) := y if {\n\ty := f${index}([x, 1]) + f${index}([x, 2])\n}`,
);

const NESTING = Array.from({ length: 60 }, (_, index) => `p${index + 1} := [p${index}, p${index}]`);
const FORMATTING = Array.from({ length: 40 }, (_, index) => `p${index + 1} := sprintf("%s%s", [p${index}, p${index}])`);
const CHAIN = Array.from(
  { length: 400 },
  (_, index) => `q${index} := [x | some y in q${index + 1}; some x in q${index + 1}; y != 0]`,
);
const LOOKING = Array.from({ length: 8 }, (_, index) => `f(x, list) if {\n\tlist[_] == "none ${index}"\n\tx == 1\n}`);

const WRITTEN = Array.from({ length: 200 }, (_, index) => index);
const LINKS = Array.from({ length: 100 }, (_, index) => `f${index + 1}(x) := f${index}(x + 1)`);
const ELSES = Array.from({ length: 300 }, (_, index) => `else := ${index} if x < ${-index}`);
const GROWING = Array.from({ length: 30 }, (_, index) => `q${index + 1} := array.concat(q${index}, q${index})`);

/** Bodies of modules whose document `p` would take very long, or very much memory. */
export const BOMBS: Readonly<Record<string, string>> = {
  'nested comprehensions': `p := [a | x := r[_]; a := [b | y := r[_]; b := [c | z := r[_]; c := x + y + z]]]\n\nr := ${RANGE}`,
  'a product of many iterations': 'p if {\n\tsome a, b, c, d, e in r\n\ta + b + c + d + e == -1\n}'
    .replace('some a, b, c, d, e in r', ['a', 'b', 'c', 'd', 'e'].map((name) => `some ${name} in r`).join('\n\t'))
    .concat(`\n\nr := ${RANGE}`),
  'rules that double a string': `p0 := "aaaaaaaaaaaaaaaa"\n\n${DOUBLING.join('\n\n')}\n\np := count(p40)`,
  'functions that call two functions each': `f0(_) := 1\n\n${FANNING.join('\n\n')}\n\np := f40(1)`,
  'a set of all pairs': `p contains [x, y] if {\n\tsome x in r\n\tsome y in r\n}\n\nr := ${RANGE}`,
  'a growing object': `p[x][y] := x + y if {\n\tsome x in r\n\tsome y in r\n}\n\nr := ${RANGE}`,
  'walk over walk': 'p := [1 | walk(input.deep, [_, x]); walk(x, [_, y]); walk(y, [_, z]); z == 0]',
  'a pattern that backtracks': 'p if regex.match(`^(a+)+(a|aa)+$`, concat("", [input.long, "b"]))',
  'a pattern for every element': `p := [x | some x in ${RANGE}; regex.match(sprintf("^(a|b%d)*c$", [x]), input.long)]`,
  'a glob of many stars':
    'p if glob.match(concat("", [s | some x in numbers.range(1, 300); s := sprintf("*a%d", [x])]), [], input.long)',
  'patches in a row': `p := json.patch(input.wide, [{"op": "add", "path": sprintf("/n%d", [x]), "value": input.wide} | some x in ${RANGE}])`,
  'a power by squaring': `p := x${'0'} if {\n\tx40 := 999999999999999999\n${Array.from({ length: 40 }, (_, index) => `\tx${39 - index} := x${40 - index} * x${40 - index}`).join('\n')}\n}`,
  'every in every': `p if every x in r { every y in r { x + y > 0 } }\n\nr := ${RANGE}`,
  'with in a loop': `p := [v | some x in r; v := q with input.n as x]\n\nq := [input.n | some y in r; y == input.n]\n\nr := ${RANGE}`,
  'sprintf of wide fields': `p := [s | some x in ${RANGE}; s := sprintf("%100000d", [x])]`,
  'sorting in a loop': `p := [s | some x in r; s := sort(array.concat(r, [x]))]\n\nr := ${RANGE}`,
  'all paths of a graph': 'p := graph.reachable_paths(input.graph, {"n0"})',
  'equal lists compared in a loop': `p if {\n\tsome x in r\n\tinput.list == input.same\n\tx == -1\n}\n\nr := ${RANGE}`,
  'equal texts compared in a loop': `p if {\n\tsome x in r\n\tconcat("", [input.long, "b"]) == input.longer\n\tx == -1\n}\n\nr := ${RANGE}`,
  'long texts as keys in a loop': `p := [1 | some x in r; y := concat("", [input.long, "b"]); input.keyed[y] == x]\n\nr := ${RANGE}`,
  'a list that holds itself many times over': `p0 := [1, 2]\n\n${NESTING.join('\n\n')}\n\np := p60`,
  'such a list as a member and as a key': `p0 := [1, 2]\n\n${NESTING.join('\n\n')}\n\np if {p60} == {p59}`,
  'such a list compared': `p0 := [1, 2]\n\n${NESTING.join('\n\n')}\n\np if p60 == [p59, p59]`,
  'such a list as text': `p0 := [1, 2]\n\n${NESTING.join('\n\n')}\n\np := sprintf("%v", [p60])`,
  'such a list in a conflict': `p0 := [1, 2]\n\n${NESTING.join('\n\n')}\n\np := p60\n\np := p59`,
  'a set of large lists': `p := {y | some x in r; y := array.concat(r, [x])}\n\nr := ${RANGE}`,
  'an object with large keys': `p := {y: 1 | some x in r; y := array.concat(r, [x])}\n\nr := ${RANGE}`,
  'a set that is made out of order': `p := [x | some x in s]\n\ns := {y | some x in numbers.range(1, 100000); y := (x * 7919) % 100003}`,
  'texts that are made out of order': `p := [x | some x in s]\n\ns := {y | some x in numbers.range(1, 100000); y := sprintf("%d", [(x * 7919) % 100003])}`,
  'texts that grow in a loop': `p := [y | some x in r; y := concat(sprintf("%d", [x]), [input.long, input.long])]\n\nr := ${RANGE}`,
  'formats that double': `p0 := "aaaaaaaaaaaaaaaa"\n\n${FORMATTING.join('\n\n')}\n\np := count(p40)`,
  'objects that grow in a loop': `p := [y | some x in r; y := object.union(input.wide, {"x": x})]\n\nr := ${RANGE}`,
  'a function for every pair': `f(x, y) := x + y\n\np := [z | some x in r; some y in r; z := f(x, y)]\n\nr := ${RANGE}`,
  'comprehensions that call each other': `${CHAIN.join('\n\n')}\n\nq400 := [1, 2]\n\np := count(q0)`,
  'a search for every element': `p := [1 | some x in r; some y in input.list; y == [x]]\n\nr := ${RANGE}`,
  'a membership for every element': `p := [1 | some x in r; [x] in input.list]\n\nr := ${RANGE}`,
  'rules that look at a long list': `p := [1 | some x in r; f(x, input.list)]\n\nr := ${RANGE}\n\n${LOOKING.join('\n\n')}`,
  'errors in a loop': `p := [1 | some x in r; to_number("x") == x]\n\nr := ${RANGE}`,
  'times of many zones': `p := [1 | some x in r; some z in ["Europe/Vienna", "Asia/Tokyo"]; time.clock([x, z])]\n\nr := ${RANGE}`,
  fractions: `p := [1 | some x in r; y := (x + 0.1) / 3.7; y == -1]\n\nr := ${RANGE}`,
  digests: `p := [1 | some x in r; crypto.sha256(sprintf("%d", [x])) == ""]\n\nr := ${RANGE}`,
  'patterns that repetitions blow up': `p := [1 | some x in r; regex.match(sprintf("(a{1,90}){1,50}%d", [x]), "b")]\n\nr := ${RANGE}`,
  'documents in documents': `p := [y | some x in r; y := json.unmarshal(json.marshal([input.wide, x]))]\n\nr := ${RANGE}`,
  'replacements in a loop': `p := [v | some x in r; some y in r; v := q with input.n as [x, y]]\n\nq := input.n[0] + input.n[1]\n\nr := ${RANGE}`,
  'replacements deep in the input': `p := [v | some x in r; v := q with input${'.a'.repeat(200)} as x]\n\nq := input.a\n\nr := ${RANGE}`,
  'replacements in a wide object': `p := [v | some x in r; v := q with input.wide.key1 as x]\n\nq := input.wide.key1\n\nr := ${RANGE}`,
  'replacements in wide data': `p := [v | some x in r; v := q with data.wide.key1 as x]\n\nq := data.wide.key1\n\nr := ${RANGE}`,
  'many replacements at once': `p := [v | some x in r; v := q with input.a.b.c as x with input.d.e.f as x with data.g.h as x]\n\nq := input.a.b.c\n\nr := ${RANGE}`,
  'a whole package under replacements': `p := [v | some x in r; v := count(data.wide) with data.wide.key1 as x]\n\nr := ${RANGE}`,
  'a replaced function in a loop': `p := [v | some x in r; v := q with count as f]\n\nf(_) := 1\n\nq := count([1])\n\nr := ${RANGE}`,
  'wide objects that are written out': `p := [y | some x in r; y := {${WRITTEN.map((n) => `"k${n}": x`).join(', ')}}]\n\nr := ${RANGE}`,
  'long lists that are written out': `p := [y | some x in r; y := [${WRITTEN.join(', ')}, x]]\n\nr := ${RANGE}`,
  'sets that are written out': `p := [y | some x in r; y := {${WRITTEN.map((n) => `x + ${n}`).join(', ')}}]\n\nr := ${RANGE}`,
  'sets in sets in sets': `p := {{x, {x + 1, {x + 2}}} | some x in r}\n\nr := ${RANGE}`,
  'wide objects as keys in a loop': `p := [1 | some x in r; {input.wide: 1}[y] == x]\n\nr := ${RANGE}`,
  'deep lists as members': `p := {[input.deep, x] | some x in r}\n\nr := ${RANGE}`,
  'every for every entry': `p if every k, v in input.wide { every k2, v2 in input.wide { k != v2; v != k2 } }`,
  'a long chain of functions': `${LINKS.join('\n\n')}\n\nf0(x) := x\n\np := [f100(x) | some x in r]\n\nr := ${RANGE}`,
  'arguments that are large': `f(x) := count(x)\n\np := [y | some x in r; y := f([input.list, x])]\n\nr := ${RANGE}`,
  'else after else': `f(x) := 1 if x < 0\n\n${ELSES.join('\n')}\n\np := [f(x) | some x in r]\n\nr := ${RANGE}`,
  'patterns of globs for every element': `p := [1 | some x in r; glob.match(sprintf("*.ex%d.com", [x]), ["."], "a.example.com")]\n\nr := ${RANGE}`,
  'texts in templates': `p := [y | some x in r; y := $"a{x}b{x}c{[x, x]}"]\n\nr := ${RANGE}`,
  'printing in a loop': `p := [x | some x in r; print("x", x)]\n\nr := ${RANGE}`,
  'all pairs as a set': `p := {[x, y] | some x in r; some y in ["a", "b", "c"]}\n\nr := ${RANGE}`,
  'lists that double': `q0 := input.list\n\n${GROWING.join('\n\n')}\n\np := count(q30)`,
};

/** What the policies are asked with. */
export const INPUT = fromJson({
  deep: Array.from({ length: 300 }).reduce<unknown>((inner) => [inner, inner === null ? 0 : 1], null),
  long: 'a'.repeat(50_000),
  longer: `${'a'.repeat(50_000)}b`,
  keyed: { [`${'a'.repeat(50_000)}b`]: 1 },
  list: Array.from({ length: 20_000 }, (_, index) => index),
  same: Array.from({ length: 20_000 }, (_, index) => index),
  wide: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index])),
  graph: Object.fromEntries(
    Array.from({ length: 30 }, (_, from) => [`n${from}`, Array.from({ length: 30 }, (_, to) => `n${to}`)]),
  ),
});

/** Base documents of the policies. */
export const DATA = fromJson({
  wide: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index])),
});
