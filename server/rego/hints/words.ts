/** What people write who know another language, or an older Rego, and how it is written here. */

const NO_CONDITIONAL = 'choose between values with `else`, or with two rules of the same name';
const FUNCTION = 'functions are rules with arguments: `f(x) := x + 1`';
const LOOP = 'loops are written `some x in xs`, or `every x in xs { … }` for all';
const VALUE = 'give values with `:=`, without a word before the name: `limit := 5`';
const RETURN = 'the result stands in the head of a function: `f(x) := result if { … }`';

/** By the sign at which a source stops making sense, longest first. */
export const SIGNS: readonly (readonly [sign: string, hint: string])[] = [
  ['&&', 'conditions that must all hold stand on lines of their own'],
  ['||', 'conditions of which one must hold are written as two rules of the same name'],
  ['!', 'negation is written `not`'],
  ["'", 'strings are written in "double quotes" or `backticks`'],
  ['\u2018', 'strings are written in plain "double quotes" or `backticks`'],
  ['\u201c', 'strings are written in plain "double quotes" or `backticks`'],
  ['//', 'comments begin with #'],
  ['/*', 'comments begin with #'],
  ['?', NO_CONDITIONAL],
];

/** By the word with which a rule begins. */
export const RULE_WORDS: ReadonlyMap<string, string> = new Map([
  ['function', FUNCTION],
  ['func', FUNCTION],
  ['fn', FUNCTION],
  ['def', FUNCTION],
  ['let', VALUE],
  ['var', VALUE],
  ['const', VALUE],
  ['for', LOOP],
  ['foreach', LOOP],
  ['while', LOOP],
  ['return', RETURN],
  ['elif', 'write `else := value if { … }` after the body of the rule'],
  ['elsif', 'write `else := value if { … }` after the body of the rule'],
  ['switch', NO_CONDITIONAL],
  ['case', NO_CONDITIONAL],
]);

/** Names that are variables here, but constants elsewhere. */
export const CONSTANTS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['TRUE', 'true'],
  ['False', 'false'],
  ['FALSE', 'false'],
  ['None', 'null'],
  ['nil', 'null'],
  ['NULL', 'null'],
  ['undefined', 'null'],
]);

/** Functions by the names they have elsewhere. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['len', 'count'],
  ['length', 'count'],
  ['size', 'count'],
  ['str', 'sprintf'],
  ['string', 'sprintf'],
  ['to_string', 'sprintf'],
  ['format', 'sprintf'],
  ['int', 'to_number'],
  ['number', 'to_number'],
  ['parse_int', 'to_number'],
  ['type', 'type_name'],
  ['typeof', 'type_name'],
  ['substr', 'substring'],
  ['index_of', 'indexof'],
  ['includes', 'contains'],
  ['has_prefix', 'startswith'],
  ['starts_with', 'startswith'],
  ['has_suffix', 'endswith'],
  ['ends_with', 'endswith'],
  ['join', 'concat'],
  ['match', 'regex.match'],
  ['matches', 'regex.match'],
  ['now', 'time.now_ns'],
  ['keys', 'object.keys'],
  ['merge', 'object.union'],
  ['json.parse', 'json.unmarshal'],
  ['json.decode', 'json.unmarshal'],
  ['json.stringify', 'json.marshal'],
  ['json.encode', 'json.marshal'],
  ['uuid', 'uuid.rfc4122'],
]);

/** What stands in for functions that Rego v1 refuses. */
export const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['all', 'use `every x in xs { x == true }`'],
  ['any', 'use `true in xs`'],
  ['set_diff', 'use `a - b`'],
  ['re_match', 'use regex.match'],
  ['net.cidr_overlap', 'use net.cidr_contains'],
  ['cast_array', 'use is_array, or `[x | some x in xs]`'],
  ['cast_set', 'use is_set, or `{x | some x in xs}`'],
  ['cast_string', 'use is_string'],
  ['cast_boolean', 'use is_boolean'],
  ['cast_null', 'use is_null'],
  ['cast_object', 'use is_object'],
]);
