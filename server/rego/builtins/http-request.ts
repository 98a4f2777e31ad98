/** The request object that `http.send` and `providers.aws.sign_req` take. */
import { type RegoObject, RegoSet, toText, type Value } from '../values.ts';
import { objectOperand, operandError } from './operands.ts';

const REQUIRED = RegoSet.from(['method', 'url']);
const ALLOWED = RegoSet.from([
  'cache',
  'cache_ignored_headers',
  'body',
  'caching_mode',
  'enable_redirect',
  'force_cache',
  'force_cache_duration_seconds',
  'force_json_decode',
  'force_yaml_decode',
  'headers',
  'max_retry_attempts',
  'method',
  'raise_error',
  'raw_body',
  'timeout',
  'tls_ca_cert',
  'tls_ca_cert_env_variable',
  'tls_ca_cert_file',
  'tls_client_cert',
  'tls_client_cert_env_variable',
  'tls_client_cert_file',
  'tls_client_key',
  'tls_client_key_env_variable',
  'tls_client_key_file',
  'tls_insecure_skip_verify',
  'tls_server_name',
  'tls_use_system_certs',
  'url',
]);

/** The request at `index`; a type error when parameters are missing or unknown. */
export function requestOperand(args: readonly Value[], index: number): RegoObject {
  const request = objectOperand(args, index);
  const keys = RegoSet.from(request.keys());
  const unknown = keys.difference(ALLOWED);
  if (unknown.size > 0) throw operandError(index + 1, `invalid request parameters(s): ${toText(unknown)}`);
  const missing = REQUIRED.difference(keys);
  if (missing.size > 0) throw operandError(index + 1, `missing required request parameters(s): ${toText(missing)}`);
  return request;
}
