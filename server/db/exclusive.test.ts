import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { describeEachDatabase } from '../../test/postgres.ts';

describeEachDatabase((open, engine) => {
  test('work of one name runs once at a time, work of another name beside it', async () => {
    const { tryExclusively } = await open();
    const result = await tryExclusively('sealer', async (signal) => {
      expect(await tryExclusively('sealer', async () => 'second')).toEqual({ ran: false });
      expect(await tryExclusively('sweeper', async () => 'other')).toEqual({ ran: true, result: 'other' });
      expect(signal.aborted).toBe(false);
      return 'first';
    });
    expect(result).toEqual({ ran: true, result: 'first' });
    expect(await tryExclusively('sealer', async () => 'again')).toEqual({ ran: true, result: 'again' });
  });

  test('work that fails throws its error and frees its name', async () => {
    const { tryExclusively } = await open();
    const failing = tryExclusively('sealer', async () => {
      throw new Error('disk is full');
    });
    await expect(failing).rejects.toThrow('disk is full');
    expect(await tryExclusively('sealer', async () => 'again')).toEqual({ ran: true, result: 'again' });
  });

  test.runIf(engine.dialect === 'postgres')('the name is taken for other processes too', async () => {
    const location = await engine.location();
    const [here, there] = await Promise.all([open({ location }), open({ location })]);
    await here.tryExclusively('sealer', async () => {
      expect(await there.tryExclusively('sealer', async () => 'second')).toEqual({ ran: false });
    });
  });

  test.runIf(engine.dialect === 'postgres')('work hears at once that it may no longer be the only one', async () => {
    const { tryExclusively, state } = await open();
    const result = await tryExclusively('sealer', async (signal) => {
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sql`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database WHERE locktype = 'advisory' AND datname = current_database()`.execute(
        state.read,
      );
      await aborted;
      return signal.reason;
    });
    expect(result).toMatchObject({ ran: true, result: expect.any(Error) });
  });
});
