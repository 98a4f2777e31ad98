import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Members whose values never reach a log line, wherever they stand; compared in snake case. */
const SECRET_NAME = /(?:^|_)(?:authorization|cookie|password|passphrase|secret|token|signature|value|(?:api)?key)$/;

/**
 * Secrets of ours that are known by their form: keys and one-time tokens, licenses, session tokens. The parts of a session
 * token are bounded, so that a text of nothing but beginnings cannot keep the search busy.
 */
const SECRET_TEXT =
  /\b(?:cz|sk)_[a-z]+_[0-9a-f]{16,}|\bcz_ent_[\w+/=.-]+|\beyJ[\w-]{8,500}\.[\w-]{8,2000}\.[\w-]{8,500}/g;

const DEEPEST = 8;
const CENSOR = '[redacted]';

/**
 * A log of JSON lines with level names and ISO times. Credentials are cut out by name at any depth and by form in any
 * text; request bodies, headers and query strings are never logged in the first place.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => withoutSecrets(fields, DEEPEST) as Record<string, unknown>,
    },
    hooks: { streamWrite: (line: string) => line.replace(SECRET_TEXT, CENSOR) },
    serializers: { req: serializeRequest, err: serializeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A copy of plain objects and lists without the values of secret names; everything else is left as it is. */
function withoutSecrets(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return depth === 0 ? CENSOR : value.map((member) => withoutSecrets(member, depth - 1));
  if (!isPlain(value)) return value;
  if (depth === 0) return CENSOR;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(snakeCase(name)) ? CENSOR : withoutSecrets(member, depth - 1),
    ]),
  );
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
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
