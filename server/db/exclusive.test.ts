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
});
