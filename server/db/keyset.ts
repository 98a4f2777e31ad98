import { type SelectQueryBuilder, sql } from 'kysely';

/** What a page is sorted by: columns that together are unique, all in one direction. */
export interface Keyset<Row> {
  /** Names the listing; a cursor of another listing is refused. */
  readonly name: string;
  /** The columns as the query names them (`at`, or `entries.at`), each with its value in a row of the result. */
  readonly columns: readonly (readonly [column: string, value: (row: Row) => string | number])[];
  readonly direction: 'asc' | 'desc';
}

export interface PageRequest {
  /** What the page before gave as `next`; nothing for the first page. */
  readonly cursor?: string | undefined;
  /** How many rows at most; see `pageLimit`. */
  readonly limit: number;
}

export interface Page<Row> {
  readonly rows: Row[];
  /** The cursor of the page after this one; null when this is the last. */
  readonly next: string | null;
}

/** The cursor was not made by this listing; the caller answers 400. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/**
 * Runs one page of `query`, which must neither sort nor limit: rows after the cursor, in the order of the keyset.
 *
 * Rows that are added or removed meanwhile neither repeat nor hide others, and a far page costs as much as the first.
 * The columns must not hold null. Throws `CursorError` when the cursor is damaged or belongs to another listing.
 */
export async function readPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  keyset: Keyset<Row>,
  { cursor, limit }: PageRequest,
): Promise<Page<Row>> {
  const references = keyset.columns.map(([column]) => sql.ref(column));
  const after = cursor === undefined ? undefined : decodeCursor(keyset, cursor);
  let page = query;
  if (after !== undefined) {
    const comparison = keyset.direction === 'asc' ? sql`>` : sql`<`;
    page = page.where(sql<boolean>`(${sql.join(references)}) ${comparison} (${sql.join(after)})`);
  }
  for (const reference of references) page = page.orderBy(reference, keyset.direction);
  // One more than asked tells whether another page follows, without a count.
  const rows = await page.limit(limit + 1).execute();
  if (rows.length <= limit) return { rows, next: null };
  rows.length = limit;
  return { rows, next: encodeCursor(keyset, rows[limit - 1]!) };
}

/** Bounds what a caller asks for: at least 1, at most `most`, `usual` when nothing (or no number) was asked. */
export function pageLimit(asked: number | undefined, { usual, most }: { usual: number; most: number }): number {
  if (asked === undefined || Number.isNaN(asked)) return usual;
  return Math.min(Math.max(Math.trunc(asked), 1), most);
}

/** Makes the cursor that continues after `row`. */
export function encodeCursor<Row>({ name, columns }: Keyset<Row>, row: Row): string {
  return Buffer.from(JSON.stringify([name, ...columns.map(([, value]) => value(row))])).toString('base64url');
}

/** Reads a cursor back into the values of the keyset's columns; throws `CursorError` when it is none of this listing. */
export function decodeCursor<Row>({ name, columns }: Keyset<Row>, cursor: string): (string | number)[] {
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parts) || parts[0] !== name || parts.length !== columns.length + 1) throw refused();
  const values: unknown[] = parts.slice(1);
  if (!values.every(isComparable)) throw refused();
  return values;
}

/** PostgreSQL refuses text with NUL in it, even to compare it. */
function isComparable(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && !value.includes('\0'));
}

function refused(): CursorError {
  return new CursorError('The cursor does not belong to this listing; start again without it.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
