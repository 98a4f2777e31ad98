import { type TSchema, Type } from 'typebox';

/** One of a few words. */
export function words<const W extends string>(list: readonly W[], description?: string) {
  return Type.Unsafe<W>({ type: 'string', enum: [...list], ...(description === undefined ? {} : { description }) });
}

/** A value or null. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** An id of ours as it stands in paths and bodies. */
export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' });

/** A point in time, RFC 3339 in UTC. */
export const Time = Type.String({ format: 'date-time', maxLength: 40 });
