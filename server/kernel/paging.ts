import type { SelectQueryBuilder } from 'kysely';
import { type Static, Type } from 'typebox';
import { CursorError, type Keyset, type Page, readPage } from '../db/keyset.ts';
import { invalid } from './errors.ts';

/** Rows of a page when the caller names no number. */
export const USUAL_LIMIT = 50;
const LARGEST_LIMIT = 100;

/** The query of a list: `limit` (50 when absent) and the `cursor` of the page before. Source: API reference, "Pagination". */
export const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LARGEST_LIMIT, default: USUAL_LIMIT })),
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: 'next_cursor of the page before.' })),
});
export type PageQuery = Static<typeof PageQuery>;

/** Reads one page of a list. Throws 400 when the cursor was not made by this list; see `readPage` for the rest. */
export async function readList<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  keyset: Keyset<Row>,
  { limit, cursor }: PageQuery,
): Promise<Page<Row>> {
  try {
    return await readPage(query, keyset, { limit: limit ?? USUAL_LIMIT, cursor });
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Reads a cursor by hand, for lists that are put together from several tables. Throws 400 when it is none of the list. */
export function readingCursor<R>(read: () => R): R {
  try {
    return read();
  } catch (error) {
    throw asRefusal(error);
  }
}

function asRefusal(error: unknown): unknown {
  return error instanceof CursorError ? invalid(error.message) : error;
}
