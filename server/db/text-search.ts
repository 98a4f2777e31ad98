import { type Expression, type SqlBool, sql } from 'kysely';

/**
 * Whether one of the columns contains `text`. Latin letters match in either case; everything else as it is written,
 * because the engines fold no more than that.
 */
export function containsText(columns: readonly string[], text: string): Expression<SqlBool> {
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  const patterns = [`%${escaped}%`, `%${escaped.toLowerCase()}%`] as const;
  const matches = columns.map((column) => {
    const reference = sql.ref(column);
    return sql`${reference} like ${patterns[0]} escape '\\' or lower(${reference}) like ${patterns[1]} escape '\\'`;
  });
  return sql<SqlBool>`(${sql.join(matches, sql` or `)})`;
}
