import { expect, test } from 'vitest';
import { describeEachDatabase } from '../../test/postgres.ts';
import { CursorError, decodeCursor, encodeCursor, type Keyset, type Page, pageLimit, readPage } from './keyset.ts';
import type { Databases } from './open.ts';

type Row = { key: string; updated_at: number };

const newestFirst: Keyset<Row> = {
  name: 'settings',
  columns: [
    ['updated_at', (row) => row.updated_at],
    ['key', (row) => row.key],
  ],
  direction: 'desc',
};

const row = (key: string, updated_at: number) => ({ key, value: '1', updated_at, updated_by: null });

function page({ state }: Databases, cursor?: string): Promise<Page<Row>> {
  const query = state.read.selectFrom('settings').select(['key', 'updated_at']);
  return readPage(query, newestFirst, { cursor, limit: 2 });
}

describeEachDatabase((open) => {
  test('pages follow each other without repeating or losing rows, also among equal times and new rows', async () => {
    const databases = await open();
    const rows = [row('a', 3), row('b', 2), row('c', 2), row('d', 2), row('e', 1)];
    await databases.state.write((transaction) => transaction.insertInto('settings').values(rows).execute());

    const first = await page(databases);
    expect(first.rows.map(({ key }) => key)).toEqual(['a', 'd']);
    await databases.state.write((transaction) => transaction.insertInto('settings').values(row('new', 9)).execute());
    const second = await page(databases, first.next ?? undefined);
    expect(second.rows.map(({ key }) => key)).toEqual(['c', 'b']);
    const third = await page(databases, second.next ?? undefined);
    expect(third.rows.map(({ key }) => key)).toEqual(['e']);
    expect(third.next).toBeNull();
  });

  test('a last page that is full says that nothing follows', async () => {
    const databases = await open();
    await databases.state.write((transaction) =>
      transaction
        .insertInto('settings')
        .values([row('a', 1), row('b', 2)])
        .execute(),
    );
    expect((await page(databases)).next).toBeNull();
  });
});

test('a cursor gives back the values it was made of', () => {
  expect(decodeCursor(newestFirst, encodeCursor(newestFirst, { key: 'ä"', updated_at: 1_767_225_600_123 }))).toEqual([
    1_767_225_600_123,
    'ä"',
  ]);
});

test.each([
  ['damaged', 'not a cursor'],
  ['empty', ''],
  ['of another listing', encodeCursor({ ...newestFirst, name: 'users' }, { key: 'a', updated_at: 1 })],
  ['of another shape', Buffer.from('["settings",1]').toString('base64url')],
  ['with objects', Buffer.from('["settings",1,{}]').toString('base64url')],
])('a cursor that is %s is refused', (_, cursor) => {
  expect(() => decodeCursor(newestFirst, cursor)).toThrow(CursorError);
});

test.each([
  [undefined, 50],
  [Number.NaN, 50],
  [0, 1],
  [-5, 1],
  [2.9, 2],
  [200, 200],
  [201, 200],
  [Number.POSITIVE_INFINITY, 200],
])('a limit of %s becomes %s', (asked, expected) => {
  expect(pageLimit(asked, { usual: 50, most: 200 })).toBe(expected);
});
