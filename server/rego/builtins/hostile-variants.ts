/** Further calls for tests that must end soon: other shapes of arguments, each of which once took far longer than it was charged. */
import { generateKeyPairSync } from 'node:crypto';
import { BigNumber, RegoObject, RegoSet } from '../values.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const texts = (count: number, text: (index: number) => string = (index) => `text ${index}`) => numbers(count).map(text);
const nested = (depth: number, wrap: (inner: unknown) => unknown, core: unknown = 1) =>
  numbers(depth).reduce<unknown>(wrap, core);
const long = (text: string, length: number) => text.repeat(Math.ceil(length / text.length));

const A = 'a'.repeat(100_000);
const HUGE = 10n ** 50_000n + 7n;
const EXPONENT = new BigNumber('1e1000');
const TINY = new BigNumber('1e-9999');
const ONE_THIRD = new BigNumber(`1.${'3'.repeat(90_000)}`);
const SCANS_TO_THE_END = 'a(?:.*b)?';
/** A key of public numbers that OpenSSL takes, with the longest exponent that it allows for them. */
const rsaKey = (bits: number, exponentBits: number) => ({
  kty: 'RSA',
  n: Buffer.alloc(bits / 8, 0xff).toString('base64url'),
  e: Buffer.alloc(exponentBits / 8, 0xef).toString('base64url'),
});
const tokenFor = (algorithm: string, signatureBytes: number) =>
  [JSON.stringify({ alg: algorithm }), '{}', Buffer.alloc(signatureBytes, 0x7f)]
    .map((part) => Buffer.from(part as string).toString('base64url'))
    .join('.');
const keySet = (count: number, key: unknown) => JSON.stringify({ keys: Array.from({ length: count }, () => key) });
const ecKey = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' });
const CONTEXT = { aws_service: 's3', aws_access_key: 'a', aws_secret_access_key: 'b', aws_region: 'c' };

/** Built-in, what its arguments are, and the arguments. */
export const HOSTILE_VARIANTS: readonly (readonly [string, string, readonly unknown[]])[] = [
  ['product', 'many factors', [numbers(20_000).map((number) => number + 1)]],
  ['product', 'large factors', [numbers(5_000).map(() => Number.MAX_SAFE_INTEGER)]],
  ['product', 'one long factor', [[HUGE, 3]]],
  ['sum', 'one long number', [[HUGE, 1]]],
  ['sum', 'a fraction among long numbers', [[HUGE, 0.5]]],
  ['mul', 'long numbers', [10n ** 40_000n + 1n, 10n ** 40_000n + 1n]],
  ['mul', 'tiny numbers', [TINY, 10_000]],
  ['plus', 'tiny numbers', [TINY, TINY]],
  ['plus', 'a large integer and a fraction', [10 ** 15, 0.1]],
  ['minus', 'fractions', [0.1, 0.3]],
  ['div', 'an exponent', [0.1, EXPONENT]],
  ['rem', 'long numbers', [10n ** 40_000n, 10n ** 20_000n + 1n]],
  ['abs', 'a large integer', [10 ** 15]],
  ['round', 'a large integer', [10 ** 15]],
  ['ceil', 'a tiny number', [TINY]],
  ['floor', 'an exponent', [EXPONENT]],
  ['format_int', 'a long number in base 2', [10n ** 20_000n, 2]],
  ['numbers.range', 'between long numbers', [HUGE, HUGE + 1_000n]],
  ['numbers.range_step', 'by a long step', [10 ** 15, 0, HUGE]],
  ['numbers.range_step', 'by a step with a fraction', [1, 5, ONE_THIRD]],
  ['array.slice', 'to a long number', [[1, 2], HUGE, EXPONENT]],
  ['bits.and', 'an exponent', [EXPONENT, 0]],
  ['bits.or', 'exponents', [EXPONENT, EXPONENT]],
  ['bits.xor', 'an exponent', [10 ** 15, EXPONENT]],
  ['bits.negate', 'an exponent', [EXPONENT]],
  ['bits.lsh', 'far, by a number with a point', [1, new BigNumber('99999.0')]],
  ['bits.rsh', 'by an exponent', [EXPONENT, EXPONENT]],
  ['sprintf', 'a long number', ['%d', [10n ** 30_000n]]],
  ['sprintf', 'hexadecimal text', ['% x', [A]]],
  ['sprintf', 'quoted text', ['%q', ['é\u0000'.repeat(30_000)]]],
  ['sprintf', 'many places', ['%.999999f', [0.1]]],
  ['sprintf', 'a width from an argument', ['%*d', [999_999, 1]]],
  ['sprintf', 'many verbs', ['%v'.repeat(1_000), numbers(1_000)]],
  ['json.patch', 'a long path', [{}, [{ op: 'add', path: '/~1~0'.repeat(20_000), value: 1 }]]],
  [
    'json.patch',
    'deep places',
    [
      nested(3_000, (inner) => ({ a: inner })),
      numbers(50).map(() => ({ op: 'add', path: '/a'.repeat(2_900), value: 1 })),
    ],
  ],
  [
    'json.patch',
    'a place that a large list lacks',
    [{ a: numbers(20_000) }, [{ op: 'add', path: '/a/x/y', value: 1 }]],
  ],
  ['json.patch', 'copies', [{ a: {} }, numbers(40).map(() => ({ op: 'copy', from: '', path: '/a' }))]],
  ['json.is_valid', 'an end deep inside', ['['.repeat(4_000)]],
  ['json.unmarshal', 'an end deep inside objects', ['{"a":'.repeat(2_000)]],
  ['json.unmarshal', 'no JSON', ['AA===']],
  ['json.marshal', 'a deep list', [nested(2_000, (inner) => [inner])]],
  ['json.marshal', 'keys that are lists', [RegoObject.from(numbers(500).map((number) => [[number], number] as const))]],
  ['yaml.marshal', 'a deep object', [nested(300, (inner) => ({ a: inner }))]],
  ['yaml.unmarshal', 'brackets without partners', [']'.repeat(1_000)]],
  ['yaml.unmarshal', 'open braces', ['{'.repeat(110)]],
  ['yaml.unmarshal', 'keys without values', ['? a\n'.repeat(1_000)]],
  ['yaml.is_valid', 'a mapping in a mapping', ['a: b: c']],
  [
    'graph.reachable_paths',
    'a long path',
    [Object.fromEntries(numbers(3_000).map((n) => [`n${n}`, [`n${n + 1}`]])), ['n0']],
  ],
  ['walk', 'a deep object', [nested(1_000, (inner) => ({ a: inner }))]],
  ['net.cidr_expand', 'a long text', [long('ab', 1_000_000)]],
  ['net.cidr_merge', 'long texts', [texts(5, (index) => long(`${index}`, 65_000))]],
  ['net.cidr_contains_matches', 'long texts', [texts(40, (index) => `10.${index}.0.0/16`), [long('1', 100_000)]]],
  ['strings.replace_n', 'an empty text', [{ '': 'x' }, A]],
  [
    'strings.replace_n',
    'many texts in a short one',
    [Object.fromEntries(texts(127).map((text) => [text, 'b'])), '(a+)+$'],
  ],
  ['replace', 'an empty text', [A, '', 'b']],
  ['strings.any_prefix_match', 'prefixes of all lengths', [[A], texts(900, (index) => 'x'.repeat(index))]],
  ['strings.any_suffix_match', 'long suffixes', [texts(5, () => A), texts(5, (index) => A + index)]],
  ['strings.any_suffix_match', 'nothing', [[], []]],
  ['upper', 'letters that stay', ['ß'.repeat(10_000)]],
  ['lower', 'marks', ['\u0301'.repeat(8_000)]],
  ['contains', 'what begins like everything', ['1'.repeat(1_000_000), '12']],
  ['base64.is_valid', 'line breaks', ['\n'.repeat(130_000)]],
  ['to_number', 'no number', ['x']],
  ['rand.intn', 'a long number', ['key', HUGE]],
  ['units.parse_bytes', 'an exponent', ['1e1000']],
  ['units.parse', 'many digits', [`1.${'3'.repeat(5_000)}Ki`]],
  ['time.date', 'an exponent', [new BigNumber('1e99999')]],
  ['time.weekday', 'a tiny number', [TINY]],
  ['time.add_date', 'long numbers', [1, 10n ** 1_000n, ONE_THIRD, 1]],
  ['time.format', 'a long layout', [[1, 'UTC', '2006'.repeat(240)]]],
  ['time.format', 'a named zone and a long layout', [[1, 'Europe/Vienna', 'Monday January '.repeat(60)]]],
  ['time.parse_ns', 'a long layout', ['(?:'.repeat(330), 'x']],
  ['urlquery.encode_object', 'a long key of many values', [{ [long('$', 60_000)]: texts(20_000) }]],
  ['uri.is_valid', 'percent signs', ['%%%%%%%%%%']],
  ['regex.find_n', 'searches that read to the end', [SCANS_TO_THE_END, A, -1]],
  ['regex.find_n', 'searches that read to the end of a short text', [SCANS_TO_THE_END, A.slice(0, 5_000), -1]],
  ['regex.find_n', 'empty matches after reading to the end', ['(?:a.*b)?', A, -1]],
  ['regex.find_n', 'as many as a number without end says', ['a', A, ONE_THIRD]],
  ['regex.find_all_string_submatch_n', 'searches that read to the end', ['(a)(?:(.*)b)?', A, -1]],
  ['regex.split', 'searches that read to the end', [SCANS_TO_THE_END, A]],
  ['regex.replace', 'searches that read to the end', [A, SCANS_TO_THE_END, 'x']],
  ['regex.is_valid', 'too large a pattern', [long('a: b\n', 8_000)]],
  ['regex.match', 'a pattern that is known', [long('x', 4_000), 'x']],
  ['glob.match', 'long separators', ['          ', texts(200, () => A), '|']],
  ['glob.match', 'a long pattern', [long('é', 4_000), null, '&']],
  ['glob.match', 'many separators', ['?'.repeat(4_000), texts(20_000, () => 'é'), 'a']],
  ['semver.compare', 'many parts', [`1.0.0-${'1.'.repeat(1_000)}1`, `1.0.0-${'1.'.repeat(1_000)}2`]],
  ['object.get', 'a deep path', [nested(3_000, (inner) => ({ a: inner })), numbers(3_000).map(() => 'a'), 0]],
  ['object.union_n', 'deep objects', [numbers(200).map(() => nested(50, (inner) => ({ a: inner }), {}))]],
  ['sort', 'texts that begin alike', [texts(3_000, (index) => 'x'.repeat(200) + (3_000 - index))]],
  ['union', 'many small sets', [RegoSet.from(numbers(500).map((number) => RegoSet.from([number, number + 1])))]],
  ['internal.print', 'all combinations', [numbers(20).map(() => RegoSet.from(numbers(30)))]],
  ['print', 'a deep object', [nested(1_000, (inner) => ({ null: inner }))]],
  ['io.jwt.verify_rs256', 'a long exponent', [tokenFor('RS256', 384), keySet(1, rsaKey(3_072, 3_072))]],
  ['io.jwt.verify_rs256', 'many keys with long exponents', [tokenFor('RS256', 384), keySet(200, rsaKey(3_072, 3_072))]],
  ['io.jwt.verify_ps512', 'a long modulus', [tokenFor('PS512', 2_048), keySet(1, rsaKey(16_384, 64))]],
  ['io.jwt.verify_es256', 'many keys', [tokenFor('ES256', 64), keySet(50, ecKey('P-256'))]],
  ['io.jwt.verify_es512', 'many keys', [tokenFor('ES512', 132), keySet(50, ecKey('P-521'))]],
  [
    'io.jwt.encode_sign',
    'a long key',
    [{ alg: 'RS256' }, {}, generateKeyPairSync('rsa', { modulusLength: 4_096 }).privateKey.export({ format: 'jwk' })],
  ],
  ['rego.parse_module', 'short lines', ['x.rego', `package a\np if {${'x\n'.repeat(500)}}`]],
  ['rego.parse_module', 'metadata', ['x.rego', 'package a\n# METADATA\n# title: x\n# custom:\n#  a: b\np := 1']],
  ['strings.render_template', 'a wide number', ['{{printf "%999999d" 1}}', {}]],
  [
    'providers.aws.sign_req',
    'a long path',
    [{ method: 'get', url: `https://example.com/${'a/'.repeat(1_000)}` }, CONTEXT, 1],
  ],
  ['strings.render_template', 'many actions', ['{{1}}'.repeat(13_000), {}]],
  ['strings.render_template', 'many arguments', [`{{print ${'1 '.repeat(32_000)}}}`, {}]],
  ['strings.render_template', 'many variables', ['{{$a := 1}}'.repeat(5_900), {}]],
  [
    'strings.render_template',
    'printing what nobody sees',
    ['{{range .l}}{{$x := print $.l}}{{end}}', { l: texts(900) }],
  ],
];

/** Patterns that took longer to compile than they were charged; the number makes each a new one. */
export const HOSTILE_PATTERNS: Readonly<Record<string, (index: number) => string>> = {
  'classes of Unicode': (index) => `${'\\pL'.repeat(100)}${index}`,
  'classes of Unicode without regard to case': (index) => `(?i)${'\\pL'.repeat(100)}${index}`,
  'a class of many characters': (index) =>
    `(?i)[${numbers(4_000)
      .map((at) => String.fromCharCode(300 + 2 * at))
      .join('')}]${index}`,
  alternatives: (index) => `${texts(1_500, (at) => 'ab'[at % 2]! + (at % 7)).join('|')}${index}`,
  'many characters': (index) => 'a'.repeat(4_900) + index,
  'short patterns': (index) => `^a${index}b+$`,
};
