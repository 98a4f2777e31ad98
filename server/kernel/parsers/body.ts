import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError, invalid } from '../errors.ts';
import { JsonTextError, parseJson, STRICT, TOLERANT } from './json.ts';

/**
 * Installs the JSON reading of a surface: strict for bodies that people write, lenient for SDK bodies, plain bytes where a
 * route asks for them. The bytes stay reachable as `request.rawBody` for signatures.
 */
export function readBodies(scope: FastifyInstance): void {
  scope.removeContentTypeParser(['application/json', 'text/plain']);
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, readBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    request.rawBody = bytes;
    const reading = request.routeOptions.config.reading;
    if (reading === 'bytes' || reading === 'batch') return done(null, bytes);
    if (bytes.length === 0) return done(null, undefined);
    if (reading === 'lenient') return done(null, readLenient(bytes));
    const type = String(request.headers['content-type'] ?? 'none').slice(0, 80);
    done(
      new DomainError(
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        `The content type ${type} is not read here. Send JSON with Content-Type: application/json.`,
      ),
    );
  });
}

function readBody(request: FastifyRequest, bytes: Buffer): unknown {
  request.rawBody = bytes;
  const reading = request.routeOptions.config.reading ?? 'strict';
  if (reading === 'bytes' || reading === 'batch') return bytes;
  if (bytes.length === 0) return undefined;
  return reading === 'lenient' ? readLenient(bytes) : readStrict(bytes);
}

/** Parses a body under the strict rules. Throws a 400 that names line and column. */
export function readStrict(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('The body is not valid UTF-8. Send JSON encoded as UTF-8.');
  }
  try {
    return parseJson(text, STRICT);
  } catch (error) {
    throw asInvalid(error);
  }
}

/** Parses a body as SDKs send it: NaN, duplicate keys, raw control characters and broken UTF-8 are taken. Throws a 400 only for what is no JSON at all. */
export function readLenient(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseJson(text, TOLERANT);
    } catch (error) {
      throw asInvalid(error);
    }
  }
}

function asInvalid(error: unknown): unknown {
  if (!(error instanceof JsonTextError)) return error;
  return invalid(`The body is not acceptable JSON: ${error.message}.`, {
    details: [{ path: error.pointer, message: error.message, line: error.line, column: error.column }],
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came over the wire; null before it was read and for requests without one. */
    rawBody: Buffer | null;
  }
}
