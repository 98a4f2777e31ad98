import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { describeEachDatabase } from '../../test/postgres.ts';
import { isForeignKeyViolation, isUniqueViolation } from './errors.ts';
import type { Databases } from './open.ts';

const setting = (key: string, value = '1') => ({ key, value, updated_at: 1_767_225_600_123, updated_by: null });

async function keys({ state }: Databases): Promise<string[]> {
  const rows = await state.read.selectFrom('settings').select('key').orderBy('key').execute();
  return rows.map((row) => row.key);
}

describeEachDatabase((open) => {
  test('a write commits what it did and returns its value', async () => {
    const databases = await open();
    const result = await databases.state.write(async (transaction) => {
      await transaction.insertInto('settings').values(setting('a')).execute();
      return 'done';
    });
    expect(result).toBe('done');
    expect(await keys(databases)).toEqual(['a']);
  });

  test('a write that fails changes nothing, and its effects do not run', async () => {
    const databases = await open();
    const effects: string[] = [];
    const failing = databases.state.write(async (transaction, { afterCommit, publish }) => {
      databases.changes.subscribe('settings', (payload) => effects.push(payload));
      afterCommit(() => void effects.push('effect'));
      await publish('settings', 'a');
      await transaction.insertInto('settings').values(setting('a')).execute();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await keys(databases)).toEqual([]);
    expect(effects).toEqual([]);
    await databases.state.write((transaction) => transaction.insertInto('settings').values(setting('b')).execute());
    expect(await keys(databases)).toEqual(['b']);
  });

  test('effects run after the commit, in order, and a failing one is logged while the others run', async () => {
    const errors: string[] = [];
    const log = { info: () => {}, warn: () => {}, error: (_: unknown, message: string) => void errors.push(message) };
    const databases = await open({ log });
    const seen: unknown[] = [];
    await databases.state.write(async (transaction, { afterCommit }) => {
      afterCommit(async () => void seen.push(await keys(databases)));
      afterCommit(() => {
        throw new Error('mail server is away');
      });
      afterCommit(() => void seen.push('last'));
      await transaction.insertInto('settings').values(setting('a')).execute();
    });
    expect(seen).toEqual([['a'], 'last']);
    expect(errors).toEqual(['an effect after a commit failed; the change itself is stored']);
  });

  test('two writes that read and then write never lose an update', async () => {
    const databases = await open();
    await databases.state.write((transaction) =>
      transaction.insertInto('settings').values(setting('n', '0')).execute(),
    );
    const increment = () =>
      databases.state.write(async (transaction) => {
        const { value } = await transaction
          .selectFrom('settings')
          .select('value')
          .where('key', '=', 'n')
          .executeTakeFirstOrThrow();
        await transaction
          .updateTable('settings')
          .set({ value: String(Number(value) + 1) })
          .where('key', '=', 'n')
          .execute();
      });
    await Promise.all(Array.from({ length: 8 }, increment));
    const row = await databases.state.read.selectFrom('settings').select('value').executeTakeFirstOrThrow();
    expect(row.value).toBe('8');
  });

  test('reads do not see or wait for an open write', async () => {
    const databases = await open();
    await databases.state.write(async (transaction) => {
      await transaction.insertInto('settings').values(setting('a')).execute();
      expect(await keys(databases)).toEqual([]);
    });
    expect(await keys(databases)).toEqual(['a']);
  });

  test('a write inside a write is refused instead of waiting for itself, and a later one works', async () => {
    const databases = await open();
    const nested = databases.state.write(() => databases.state.write(async () => 'never'));
    await expect(nested).rejects.toThrow('inside another one');
    expect(await databases.state.write(async () => databases.audit.write(async () => 'other database'))).toBe(
      'other database',
    );
  });

  test('a snapshot keeps showing one state while others write, and cannot write', async () => {
    const databases = await open();
    await databases.state.snapshot(async (transaction) => {
      const count = () => transaction.selectFrom('settings').select('key').execute();
      expect(await count()).toHaveLength(0);
      await databases.state.write((writer) => writer.insertInto('settings').values(setting('a')).execute());
      expect(await count()).toHaveLength(0);
    });
    const writing = databases.state.snapshot((transaction) =>
      transaction.insertInto('settings').values(setting('b')).execute(),
    );
    await expect(writing).rejects.toThrow(/read-?only/i);
    expect(await keys(databases)).toEqual(['a']);
  });

  test('times, counts, sums and bytes come back as numbers and buffers', async () => {
    const databases = await open();
    const wrapped = Buffer.from([0, 1, 254, 255]);
    await databases.state.write((transaction) =>
      transaction
        .insertInto('kek')
        .values({ purpose: 'p', version: 1, master_key_id: 'm', wrapped, created_at: 1_767_225_600_123 })
        .execute(),
    );
    const row = await databases.state.read.selectFrom('kek').selectAll().executeTakeFirstOrThrow();
    expect(row).toEqual({ purpose: 'p', version: 1, master_key_id: 'm', wrapped, created_at: 1_767_225_600_123 });
    expect(Buffer.isBuffer(row.wrapped)).toBe(true);
    const totals = await databases.state.read
      .selectFrom('kek')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('created_at').as('sum')])
      .executeTakeFirstOrThrow();
    expect(totals).toEqual({ count: 1, sum: 1_767_225_600_123 });
  });

  test('text sorts byte by byte on both engines', async () => {
    const databases = await open();
    const names = ['a', 'B', 'ä', '_', '1', 'Z', 'z'];
    await databases.state.write((transaction) =>
      transaction
        .insertInto('settings')
        .values(names.map((name) => setting(name)))
        .execute(),
    );
    expect(await keys(databases)).toEqual(['1', 'B', 'Z', '_', 'a', 'z', 'ä']);
  });

  test('a conditional update tells how many rows it changed', async () => {
    const databases = await open();
    const counts = await databases.state.write(async (transaction) => {
      await transaction.insertInto('settings').values(setting('a')).execute();
      const update = (value: string) =>
        transaction
          .updateTable('settings')
          .set({ value: '2' })
          .where('key', '=', 'a')
          .where('value', '=', value)
          .executeTakeFirstOrThrow();
      return [(await update('1')).numUpdatedRows, (await update('1')).numUpdatedRows];
    });
    expect(counts).toEqual([1n, 0n]);
  });

  test('an upsert returns the stored row', async () => {
    const databases = await open();
    const store = (value: string) =>
      databases.state.write((transaction) =>
        transaction
          .insertInto('settings')
          .values(setting('a', value))
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
          .returning('value')
          .executeTakeFirstOrThrow(),
      );
    expect(await store('1')).toEqual({ value: '1' });
    expect(await store('2')).toEqual({ value: '2' });
  });

  test('a unique violation is recognised, other errors are not', async () => {
    const { state } = await open();
    const insert = () =>
      state.write((transaction) => transaction.insertInto('settings').values(setting('a')).execute());
    await insert();
    const error = await insert().catch((caught: unknown) => caught);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isForeignKeyViolation(error)).toBe(false);
    const other = await state
      .write((transaction) => sql`SELECT nonsense`.execute(transaction))
      .catch((e: unknown) => e);
    expect(isUniqueViolation(other)).toBe(false);
    expect(isUniqueViolation(undefined)).toBe(false);
  });

  test('a query that comes after its transaction has ended is refused and changes nothing', async () => {
    const { state } = await open();
    const leaked = await state.write(async (transaction) => ({ transaction }));
    await expect(leaked.transaction.updateTable('epoch').set({ epoch: 9 }).execute()).rejects.toThrow('committed');
    expect(await state.read.selectFrom('epoch').select('epoch').execute()).toEqual([{ epoch: 1 }]);
  });

  test('a value of another type is refused', async () => {
    const { state } = await open();
    const wrong = { ...setting('a'), updated_at: 'yesterday' as unknown as number };
    await expect(
      state.write((transaction) => transaction.insertInto('settings').values(wrong).execute()),
    ).rejects.toThrow();
  });
});
