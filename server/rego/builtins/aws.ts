/** The built-in that signs requests to AWS. */
import { BuiltinError } from '../errors.ts';
import { isInteger, isNumber, RegoObject, RegoSet, toBigInt, toText, type Value } from '../values.ts';
import { type AwsCredentials, signAwsRequest } from './algorithms/aws-signature.ts';
import { toBytes } from './algorithms/bytes.ts';
import { jsonText } from './algorithms/json-text.ts';
import { escapePath, parseUri } from './algorithms/uri.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { requestOperand } from './http-request.ts';
import { numberOperand, objectOperand, operandError, operandTypeError } from './operands.ts';
import type { Builtin } from './types.ts';

const REQUIRED_CONFIGURATION = ['aws_access_key', 'aws_region', 'aws_secret_access_key', 'aws_service'];

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

function credentialsOperand(configuration: RegoObject): AwsCredentials {
  const report = (problem: string, names: readonly string[]) => {
    if (names.length === 0) return;
    throw operandError(2, `${problem} required AWS config parameters(s): ${toText(RegoSet.from(names))}`);
  };
  report(
    'missing',
    REQUIRED_CONFIGURATION.filter((name) => !configuration.has(name)),
  );
  report(
    'invalid values for',
    REQUIRED_CONFIGURATION.filter((name) => typeof configuration.get(name) !== 'string'),
  );
  const [accessKey, region, secretKey, service] = REQUIRED_CONFIGURATION.map((name) => textOf(configuration.get(name)));
  return {
    accessKey: accessKey!,
    region: region!,
    secretKey: secretKey!,
    service: service!,
    sessionToken: textOf(configuration.get('aws_session_token')),
  };
}

function timeOperand(args: readonly Value[]): number {
  const value = numberOperand(args, 2, 1);
  const integer = isNumber(value) && isInteger(value) ? toBigInt(value) : undefined;
  const isWritten = typeof value === 'number' || !/[eE]/.test(value.text);
  if (integer === undefined || !isWritten || BigInt.asIntN(64, integer) !== integer) {
    throw operandError(3, 'could not convert time_ns value into a unix timestamp');
  }
  return Number(integer / 1_000_000n);
}

function bodyOf(request: RegoObject): Buffer {
  const raw = request.get('raw_body');
  if (raw !== undefined) return toBytes(textOf(raw));
  const body = request.get('body');
  return Buffer.from(body === undefined ? '' : jsonText(body));
}

function headersOf(request: RegoObject): ReadonlyMap<string, string> {
  const headers = request.has('headers') ? request.get('headers')! : RegoObject.empty;
  if (!(headers instanceof RegoObject)) throw operandTypeError(0, headers, 'object');
  return new Map([...headers.entries()].map(([name, value]) => [textOf(name), textOf(value)]));
}

function signsPayload(configuration: RegoObject): boolean {
  const disabled = configuration.get('disable_payload_signing') ?? false;
  if (typeof disabled === 'boolean') return !disabled;
  throw operandError(2, "invalid value for 'disable_payload_signing' in AWS config");
}

function signRequest(args: readonly Value[]): Value {
  objectOperand(args, 0);
  const configuration = args[1];
  if (!(configuration instanceof RegoObject)) throw operandTypeError(1, configuration as Value, 'object');
  const credentials = credentialsOperand(configuration);
  const time = timeOperand(args);
  const request = requestOperand(args, 0);
  const headers = headersOf(request);
  const invalid = ['method', 'url'].filter((name) => typeof request.get(name) !== 'string');
  if (invalid.length > 0) {
    throw operandError(1, `invalid values for required request parameters(s): ${toText(RegoSet.from(invalid))}`);
  }
  const { hostname, port, path, rawPath, rawQuery } = parseUri(textOf(request.get('url')));
  if (Number.isNaN(new Date(time).getTime())) throw new BuiltinError('time_ns is out of range');
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  const added = signAwsRequest(
    {
      method: textOf(request.get('method')),
      host: port === '' ? host : `${host}:${port}`,
      path: rawPath === path ? escapePath(path) : rawPath,
      query: rawQuery,
      headers,
      body: signsPayload(configuration) ? bodyOf(request) : undefined,
    },
    credentials,
    time,
  );
  return RegoObject.from([...request.entries(), ['headers', RegoObject.from([...headers, ...added])]]);
}

/** The AWS built-ins. */
export const aws: readonly Builtin[] = [
  define('providers.aws.sign_req(object[string: any], object[string: any], number) -> object[any: any]', signRequest, {
    cost: (args) => 800 + 4 * deepCost(args),
  }),
];
