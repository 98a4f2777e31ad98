import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Members that never reach a log line, wherever they stand. */
const REDACTED = [
  'authorization',
  'cookie',
  'x-api-key',
  'x-csrf-token',
  'password',
  'token',
  'secret',
  'value',
  'api_key',
  'key',
  'private_key',
];

/**
 * A log of JSON lines with level names and ISO times. Credentials are cut out by name; request bodies, headers and
 * query strings are never logged in the first place.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: REDACTED.flatMap((name) => (name.includes('-') ? [`["${name}"]`, `*["${name}"]`] : [name, `*.${name}`])),
      censor: '[redacted]',
    },
    serializers: { req: serializeRequest, err: serializeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Method, route and address of a request; never its query string or headers. */
function serializeRequest(request: { method: string; url: string; ip?: string; id?: string }): object {
  return { method: request.method, path: request.url.split('?', 1)[0], ip: request.ip, id: request.id };
}

/**
 * Kind, message, stack and code of an error, with its causes. Other members stay out: database errors carry rows and
 * parameters there, which may hold a secret.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code } = error as { code?: unknown };
  return { type, message, stack, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}) };
}
