import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { EARLIEST_TIME, LATEST_TIME } from './clock.ts';

/**
 * Request validation and reply writing from the route schemas, compiled on first use so that start-up stays short.
 * Bodies are taken as they are (no coercion, unknown fields refused where the schema says so); query and path values
 * arrive as text and are coerced.
 */
export function useLazyCompilers(app: FastifyInstance): void {
  const exact = new Ajv({
    removeAdditional: false,
    coerceTypes: false,
    useDefaults: true,
    allErrors: false,
    strict: false,
    formats: FORMATS,
  });
  const coercing = new Ajv({
    removeAdditional: false,
    coerceTypes: 'array',
    useDefaults: true,
    allErrors: false,
    strict: false,
    formats: FORMATS,
  });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? exact : coercing;
    let compiled: ValidateFunction | undefined;
    return (data: unknown) => {
      compiled ??= ajv.compile(schema as object);
      if (!compiled(data)) return { error: compiled.errors as never };
      const unfit = httpPart === 'body' ? null : unfitMember(data as Record<string, unknown>);
      return unfit === null ? { value: data } : { error: [unfit] as never };
    };
  });
  const serializers = SerializerSelector();
  app.setSerializerCompiler((route) => {
    let write: ((data: unknown) => string) | undefined;
    return (data) => {
      write ??= serializers({}, { mode: undefined } as never)(route as never) as (data: unknown) => string;
      return write(data);
    };
  });
}

/** A path or query value that fits its type but that no database can compare: text with NUL, a number beyond the exact ones. */
function unfitMember(
  values: Record<string, unknown>,
): { instancePath: string; message: string; params: object } | null {
  for (const [name, value] of Object.entries(values)) {
    const members = Array.isArray(value) ? value : [value];
    for (const member of members) {
      const message =
        typeof member === 'string' && member.includes('\0')
          ? 'must not hold a NUL character'
          : typeof member === 'number' && Math.abs(member) > Number.MAX_SAFE_INTEGER
            ? 'must lie between -(2^53 - 1) and 2^53 - 1'
            : null;
      if (message !== null) return { instancePath: `/${name}`, message, params: {} };
    }
  }
  return null;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** The words of `format` that schemas use. A time must also be one: there is no thirteenth month. */
const FORMATS = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  'date-time': (text: string) => {
    const time = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
    // An offset may lead out of what can be written in UTC.
    return time >= EARLIEST_TIME && time <= LATEST_TIME;
  },
  email: /^[^\s@]{1,64}@[^\s@]{1,190}$/,
};
