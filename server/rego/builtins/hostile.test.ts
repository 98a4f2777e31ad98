import { describe, expect, it } from 'vitest';
import { BuiltinError } from '../errors.ts';
import { all } from './registry.ts';
import { callWith, contextWith, LimitReached, objectOf, setOf, valuesOf } from './testing.ts';

const LONG = 'a'.repeat(1_000_000);
const MANY = Array.from({ length: 50_000 }, (_, index) => index);
const MANY_TEXTS = MANY.map((number) => `text ${number}`);
const DIGITS = 10n ** 50_000n;
const DEEP = Array.from({ length: 3_000 }).reduce<unknown>((inner) => [inner], []);
const WIDE = Object.fromEntries(MANY.map((number) => [`key${number}`, number]));
const COMPLETE_GRAPH = Object.fromEntries(
  Array.from({ length: 40 }, (_, from) => [`n${from}`, Array.from({ length: 40 }, (_, to) => `n${to}`)]),
);
const DEEP_QUERY = '{a'.repeat(50_000);
const FRAGMENTS = Array.from(
  { length: 60 },
  (_, index) => `fragment f${index} on Query { a ...f${(index + 1) % 60} ...f${(index + 2) % 60} }`,
).join('\n');
const YAML_BOMB = `a0: &a0 [x]\n${Array.from({ length: 60 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`).join('\n')}\n`;
const SELF_SCHEMA = { allOf: [{ $ref: '#' }, { $ref: '#' }] };
const TOKEN = `${'a'.repeat(500_000)}.${'b'.repeat(500_000)}.c`;
const PEM = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(200_000)}\n-----END CERTIFICATE-----\n`;
const NESTED_TEMPLATE = `${'{{range .l}}'.repeat(8)}x${'{{end}}'.repeat(8)}`;

/** For every built-in, arguments that would take long, or give much, without a cost or a cap. */
const HOSTILE: Readonly<Record<string, readonly unknown[]>> = {
  abs: [DIGITS],
  all: [MANY],
  and: [setOf(...MANY), setOf(...MANY)],
  any: [MANY],
  'array.concat': [MANY, MANY],
  'array.flatten': [[MANY, MANY]],
  'array.reverse': [MANY],
  'array.slice': [MANY, -(10 ** 15), 10 ** 15],
  assign: [MANY, MANY],
  'base64.decode': [LONG],
  'base64.encode': [LONG],
  'base64.is_valid': [`${LONG}*`],
  'base64url.decode': [LONG],
  'base64url.encode': [LONG],
  'base64url.encode_no_pad': [LONG],
  'bits.and': [DIGITS, -DIGITS],
  'bits.lsh': [1, 10n ** 30n],
  'bits.negate': [DIGITS],
  'bits.or': [DIGITS, DIGITS],
  'bits.rsh': [DIGITS, 10n ** 30n],
  'bits.xor': [DIGITS, DIGITS],
  cast_array: [setOf(...MANY)],
  cast_boolean: [LONG],
  cast_null: [LONG],
  cast_object: [LONG],
  cast_set: [MANY],
  cast_string: [MANY],
  ceil: [DIGITS],
  concat: [LONG, MANY_TEXTS],
  contains: [LONG, `${'a'.repeat(500_000)}b`],
  count: [LONG],
  'crypto.hmac.equal': [LONG, LONG],
  'crypto.hmac.md5': [LONG, LONG],
  'crypto.hmac.sha1': [LONG, LONG],
  'crypto.hmac.sha256': [LONG, LONG],
  'crypto.hmac.sha512': [LONG, LONG],
  'crypto.md5': [LONG],
  'crypto.parse_private_keys': [PEM.repeat(20)],
  'crypto.sha1': [LONG],
  'crypto.sha256': [LONG],
  'crypto.x509.parse_and_verify_certificates': [PEM],
  'crypto.x509.parse_and_verify_certificates_with_options': [PEM, { CurrentTime: DIGITS }],
  'crypto.x509.parse_certificate_request': [PEM],
  'crypto.x509.parse_certificates': [PEM.repeat(20)],
  'crypto.x509.parse_keypair': [PEM, PEM],
  'crypto.x509.parse_rsa_private_key': [PEM.repeat(20)],
  div: [DIGITS, 3],
  endswith: [LONG, LONG],
  eq: [DEEP, DEEP],
  equal: [MANY, MANY],
  floor: [DIGITS],
  format_int: [DIGITS, 10],
  'glob.match': ['{*a*,*b*}*'.repeat(500), [], LONG.slice(0, 100_000)],
  'glob.quote_meta': ['*'.repeat(1_000_000)],
  'graph.reachable': [COMPLETE_GRAPH, ['n0']],
  'graph.reachable_paths': [COMPLETE_GRAPH, ['n0']],
  'graphql.is_valid': [`{ ...f0 }\n${FRAGMENTS}`, 'type Query { a: Int }'],
  'graphql.parse': [DEEP_QUERY, 'type Query { a: Int }'],
  'graphql.parse_and_verify': [`{ ${'a '.repeat(3_000)} }`, 'type Query { a: Int }'],
  'graphql.parse_query': [DEEP_QUERY],
  'graphql.parse_schema': [`type A { a: ${'['.repeat(60_000)} }`],
  'graphql.schema_is_valid': [Array.from({ length: 2_000 }, (_, index) => `type T${index} { a: Int }`).join('\n')],
  gt: [MANY, MANY],
  gte: [MANY, MANY],
  'hex.decode': [LONG],
  'hex.encode': [LONG],
  'http.send': [{ method: 'get', url: 'http://127.0.0.1:1/' }],
  indexof: [LONG, `${'a'.repeat(500_000)}b`],
  indexof_n: [LONG, 'a'],
  'internal.member_2': [-1, MANY],
  'internal.member_3': [-1, -1, MANY],
  'internal.print': [Array.from({ length: 30 }, () => setOf(...MANY.slice(0, 100)))],
  'internal.template_string': [MANY_TEXTS],
  'internal.test_case': [MANY],
  intersection: [setOf(setOf(...MANY), setOf(...MANY.slice(1)))],
  'io.jwt.decode': [TOKEN],
  'io.jwt.decode_verify': [TOKEN, { secret: LONG }],
  'io.jwt.encode_sign': [{ alg: 'HS256' }, WIDE, { kty: 'oct', k: LONG }],
  'io.jwt.encode_sign_raw': ['{"alg":"HS256"}', LONG, `{"kty":"oct","k":"${LONG}"}`],
  ...Object.fromEntries(
    ['eddsa', 'es256', 'es384', 'es512', 'ps256', 'ps384', 'ps512', 'rs256', 'rs384', 'rs512'].map((algorithm) => [
      `io.jwt.verify_${algorithm}`,
      [TOKEN, JSON.stringify({ keys: Array.from({ length: 2_000 }, () => ({ kty: 'oct', k: 'AA' })) })],
    ]),
  ),
  'io.jwt.verify_hs256': [TOKEN, LONG],
  'io.jwt.verify_hs384': [TOKEN, LONG],
  'io.jwt.verify_hs512': [TOKEN, LONG],
  is_array: [DEEP],
  is_boolean: [DEEP],
  is_null: [DEEP],
  is_number: [DEEP],
  is_object: [DEEP],
  is_set: [DEEP],
  is_string: [DEEP],
  'json.filter': [WIDE, Object.keys(WIDE)],
  'json.is_valid': ['['.repeat(1_000_000)],
  'json.marshal': [WIDE],
  'json.marshal_with_options': [DEEP, { indent: LONG }],
  'json.match_schema': ['{}', SELF_SCHEMA],
  'json.patch': [MANY, Array.from({ length: 5_000 }, () => ({ op: 'add', path: '0', value: 1 }))],
  'json.remove': [WIDE, Object.keys(WIDE)],
  'json.unmarshal': ['[1e99999999,'.repeat(80_000)],
  'json.verify_schema': [{ pattern: '(a{1,900}){1,900}' }],
  lower: [LONG],
  lt: [MANY, MANY],
  lte: [MANY, MANY],
  max: [MANY],
  min: [MANY],
  minus: [DIGITS, DIGITS],
  mul: [DIGITS, DIGITS],
  neq: [MANY, MANY],
  'net.cidr_contains': ['10.0.0.0/8', LONG],
  'net.cidr_contains_matches': [MANY.map(() => '10.0.0.0/8'), MANY.map(() => '10.1.1.1')],
  'net.cidr_expand': ['::/0'],
  'net.cidr_intersects': [LONG, LONG],
  'net.cidr_is_valid': [`1.1.1.1/${'9'.repeat(1_000_000)}`],
  'net.cidr_merge': [MANY.map((number) => `10.${number >> 8}.${number & 255}.0/24`)],
  'net.cidr_overlap': ['10.0.0.0/8', LONG],
  'net.lookup_ip_addr': [LONG],
  'numbers.range': [0, 10n ** 30n],
  'numbers.range_step': [0, 10n ** 30n, 2],
  'object.filter': [WIDE, MANY],
  'object.get': [WIDE, MANY, 0],
  'object.keys': [WIDE],
  'object.remove': [WIDE, MANY],
  'object.subset': [MANY.map(() => 0), [...MANY.slice(1).map(() => 0), 1]],
  'object.union': [WIDE, WIDE],
  'object.union_n': [Array.from({ length: 20 }, () => WIDE)],
  'opa.runtime': [],
  or: [setOf(...MANY), setOf(...MANY_TEXTS)],
  plus: [DIGITS, DIGITS],
  print: [LONG],
  product: [MANY.map((number) => 10n ** 30n + BigInt(number))],
  'providers.aws.sign_req': [
    { method: 'get', url: 'https://example.com', raw_body: LONG },
    { aws_service: 's3', aws_access_key: 'a', aws_secret_access_key: 'b', aws_region: 'c' },
    1,
  ],
  'rand.intn': ['key', Number.MAX_SAFE_INTEGER],
  re_match: ['(a+)+$', `${LONG.slice(0, 60_000)}b`],
  'regex.find_all_string_submatch_n': ['(a)(a)?', LONG.slice(0, 100_000), -1],
  'regex.find_n': ['a', LONG.slice(0, 100_000), -1],
  'regex.globs_match': ['a*'.repeat(300), `${'[a-z]*'.repeat(300)}b`],
  'regex.is_valid': ['(((a{1,30}){1,30}){1,30}){1,30}'],
  'regex.match': ['(a*)*(a*)*(a*)*b', LONG.slice(0, 60_000)],
  'regex.replace': [LONG.slice(0, 100_000), 'a', LONG],
  'regex.split': ['a', LONG.slice(0, 100_000)],
  'regex.template_match': ['{(a+)+$}', `${LONG.slice(0, 60_000)}b`, '{', '}'],
  'rego.metadata.chain': [],
  'rego.metadata.rule': [],
  'rego.parse_module': ['x.rego', `package a\np := ${'['.repeat(100_000)}`],
  rem: [DIGITS, 7],
  replace: [LONG, '', LONG],
  round: [DIGITS],
  'semver.compare': [`1.0.0-${'1.'.repeat(300_000)}1`, `1.0.0-${'1.'.repeat(300_000)}2`],
  'semver.is_valid': [`1.0.0-${'a-'.repeat(500_000)}+`],
  set_diff: [setOf(...MANY), setOf(...MANY)],
  sort: [[...MANY].reverse()],
  split: [LONG, ''],
  sprintf: ['%999999d'.repeat(1_000), MANY],
  startswith: [LONG, LONG],
  'strings.any_prefix_match': [MANY_TEXTS, MANY_TEXTS.map((text) => `${text}!`)],
  'strings.any_suffix_match': [MANY_TEXTS, MANY_TEXTS.map((text) => `!${text}`)],
  'strings.count': [LONG, 'a'],
  'strings.render_template': [NESTED_TEMPLATE, { l: MANY.slice(0, 200) }],
  'strings.replace_n': [Object.fromEntries(MANY.slice(0, 5_000).map((number) => [`a${number}`, 'b'])), LONG],
  'strings.reverse': [LONG],
  'strings.split_n': [LONG, '', -1],
  substring: [LONG, 0, Number.MAX_SAFE_INTEGER],
  sum: [MANY.slice(0, 300).map((number) => DIGITS + BigInt(number))],
  'time.add_date': [0, Number.MAX_SAFE_INTEGER, 0, 0],
  'time.clock': [[0, LONG]],
  'time.date': [[DIGITS, 'UTC']],
  'time.diff': [
    [0, 'UTC'],
    [1, LONG],
  ],
  'time.format': [[0, 'UTC', LONG]],
  'time.now_ns': [],
  'time.parse_duration_ns': ['1h'.repeat(500_000)],
  'time.parse_ns': [LONG, LONG],
  'time.parse_rfc3339_ns': [LONG],
  'time.weekday': [[0, LONG]],
  to_number: ['1'.repeat(1_000_000)],
  trace: [LONG],
  trim: [LONG, 'a'],
  trim_left: [LONG, 'a'],
  trim_prefix: [LONG, LONG],
  trim_right: [LONG, 'a'],
  trim_space: [' '.repeat(1_000_000)],
  trim_suffix: [LONG, LONG],
  type_name: [DEEP],
  union: [setOf(setOf(...MANY), setOf(...MANY_TEXTS))],
  'units.parse': ['1e999999'],
  'units.parse_bytes': ['1e999999'],
  upper: [LONG],
  'uri.is_valid': [`http://${'%'.repeat(500_000)}`],
  'uri.parse': [`http://example.com/${'%41'.repeat(300_000)}`],
  'urlquery.decode': ['%41'.repeat(300_000)],
  'urlquery.decode_object': ['a=1&'.repeat(250_000)],
  'urlquery.encode': ['é'.repeat(500_000)],
  'urlquery.encode_object': [{ a: MANY_TEXTS }],
  'uuid.parse': [LONG],
  'uuid.rfc4122': [LONG],
  walk: [objectOf([WIDE, DEEP])],
  'yaml.is_valid': ['['.repeat(100_000)],
  'yaml.marshal': [WIDE],
  'yaml.unmarshal': [YAML_BOMB],
};

/** What one evaluation may spend here, and how long a call may then take on a slow machine. */
const STEPS = 300_000;
const MILLISECONDS = 3_000;

describe('hostile input', () => {
  it('has an example for every built-in', () => {
    const names = [...all()].map(({ name }) => name);
    expect(names.filter((name) => !(name in HOSTILE))).toEqual([]);
    expect(Object.keys(HOSTILE).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(Object.entries(HOSTILE))('ends %s soon, with a result, an error or the limit', (name, args) => {
    const values = valuesOf(args);
    const started = performance.now();
    try {
      callWith(contextWith(STEPS, { print: () => undefined }), name, values);
    } catch (error) {
      expect(
        [BuiltinError, LimitReached].some((kind) => error instanceof kind),
        String(error),
      ).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(MILLISECONDS);
  });
});
