/** Constants and paths that generated policies are made of. */

/** What a term is meant to be; what is made for a kind may still be of another, as in real policies. */
export type Kind = 'any' | 'number' | 'string' | 'boolean' | 'array' | 'set' | 'object';

/** Constants in Rego, by kind. */
export const CONSTANTS: Readonly<Record<Kind, readonly string[]>> = {
  any: ['null', '1', '"a"', 'true', '[]', '{}', 'set()'],
  number: [
    '0',
    '1',
    '2',
    '3',
    '-1',
    '1.0',
    '1.5',
    '2.50',
    '-0.5',
    '1e3',
    '1e-7',
    '100',
    '9007199254740993',
    '-18446744073709551617',
  ],
  string: ['""', '"a"', '"b"', '"axb"', '"Ab"', '"é😀"', '"a,b,,c"', '" a "', '"1"', '"1.50"', '"x\\ny"', '`a\\b`'],
  boolean: ['true', 'false'],
  array: [
    '[]',
    '[1, 2]',
    '[3, 1, 2]',
    '["a", "b"]',
    '["a", ["b", 1]]',
    '[null, true, 1.0]',
    '[[1, 2], [3]]',
    '[{"a": 1}, {"a": 2}]',
  ],
  set: ['set()', '{1, 2}', '{"a"}', '{"a", "b", "c"}', '{1, 1.0, "1", null}', '{{1}, {1, 2}}', '{[1], [1, 2]}'],
  object: [
    '{}',
    '{"a": 1}',
    '{"a": 1, "b": {"c": 2}}',
    '{1: "x", "1": "y"}',
    '{"a b": [1], "": null}',
    '{[1]: {2}, null: 3}',
    '{"if": 1, "a": {"a": {"a": 0}}}',
  ],
};

/** Paths of the generated input and data, by the kind they most often have. */
export const PATHS: Readonly<Record<Kind, readonly string[]>> = {
  any: ['input.none', 'input.z', 'input.odd[0]', 'input.odd[1]', 'data.base', 'data.base.none', 'input'],
  number: ['input.n', 'input.m', 'input.xs[0]', 'data.base.xs[0]', 'data.base.m[1][0]', 'input.o.a'],
  string: ['input.s', 'input.t', 'data.base.o.a', 'input.xs[2]', 'data.base["a-b"]'],
  boolean: ['input.b', 'data.base.flag'],
  array: ['input.xs', 'input.words', 'data.base.xs', 'data.base.m', 'input.o.b'],
  set: [],
  object: ['input.o', 'data.base.o', 'data.base.o.c', 'data.base.names'],
};

/** Values of the input in JSON, by the name they get. */
export const INPUT_VALUES: Readonly<Record<string, readonly string[]>> = {
  n: ['0', '1', '2', '3', '-2', '1.5'],
  m: ['10', '0.1', '2.50', '1e2', '9007199254740993', '123456789012345678901234567890', '-7'],
  s: ['"a"', '"b"', '"xyz"', '""', '"Straße"', '"a.b.c"'],
  t: ['"10"', '"a b"', '"%41"', '"\\u0000x"', '"[1, 2]"', '"😀y"', '"A"'],
  b: ['true', 'false'],
  z: ['null'],
  xs: ['[1, 2, 2, "a"]', '[2, 2, "a"]', '[2, "a"]', '[]', '[1.0, 1, 1.5]', '[[1], [1, 2], null]'],
  words: ['["a", "b"]', '["b", "", "a", "b"]', '["ab", "a"]'],
  o: ['{"a": 1, "b": [1, 2]}', '{"a": 2.0, "b": []}', '{"b": [{"a": 1}], "c": null}', '{"1": 1, "a": {"a": 1}}'],
  odd: [
    '[null, [], {}]',
    '[{"a": [1]}, ""]',
    '[1e400, "x"]',
    '[[[[]]], {"": {"": 0}}]',
    '[-0, 0.0]',
    '["\\ud83d\\ude00", true]',
    '[[1, 2], {"a": 1, "b": 2}]',
  ],
};

/** The data of every case, in JSON. */
export const DATA =
  '{"base": {"xs": [3, 1, 2], "o": {"a": "x", "c": {"d": 1}}, "m": [[1, 2], [3]], "flag": true, "a-b": "dash", ' +
  '"names": {"ann": {"age": 30, "tags": ["x", "y"]}, "bob": {"age": 25, "tags": []}}}}';

/** Replacements for documents and parts of them: what a `with` names, and the values. */
export const DOCUMENT_TARGETS = [
  'input.n',
  'input.o.a',
  'input.new.deep',
  'data.base.xs',
  'data.base.o.c',
  'input',
  'data.fresh',
  'input["a b"]',
] as const;

/** Built-ins that a `with` may replace by a function or a value, with the number of their arguments. */
export const REPLACEABLE: readonly (readonly [name: string, arity: number])[] = [
  ['count', 1],
  ['upper', 1],
  ['abs', 1],
  ['object.keys', 1],
  ['startswith', 2],
  ['array.concat', 2],
  ['time.now_ns', 0],
];

export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
export const ARITHMETIC = ['+', '-', '*', '/', '%'] as const;
