import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf } from '../tour/visitor.ts';
import { waitFor } from '../tour/wait.ts';
import { Quickstart, sdk, titled } from './quickstart.ts';

const ROWS = 240;

describe.skipIf(sdk.python === undefined)(
  titled('audit rows of the published SDK while the server comes and goes'),
  () => {
    let quickstart: Quickstart;
    beforeAll(async () => {
      quickstart = await Quickstart.start();
    });
    afterAll(() => quickstart?.discard());

    /** The numbers of the steps that were stored, in order, doubles included. */
    async function stored(projectId: string): Promise<number[]> {
      const entries = await entriesOf(quickstart.admin, projectId);
      return entries.map(({ method }) => Number(method.replace('step-', ''))).sort((a, b) => a - b);
    }

    async function restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
      await quickstart.server.stop(signal);
      quickstart.server = await quickstart.czctl.serve(quickstart.home);
    }

    const steps = (until: number) => Array.from({ length: until }, (_, number) => number);

    it.each(['SIGTERM', 'SIGKILL'] as const)(
      '%s, again and again, while two clients write: no row is lost and none is there twice',
      async (signal) => {
        const projects = [await quickstart.project(`one-${signal}`), await quickstart.project(`other-${signal}`)];
        const writers = projects.map(({ id, key }) => ({ id, key, user: quickstart.user(id) }));
        for (const { user, key } of writers) {
          await user.open('writer', key);
          await user.startBurst('writer', { from: 0, until: ROWS, tool: 'work', pause: 0.02 });
        }
        for (const share of [0.15, 0.4, 0.65]) {
          for (const { id } of writers) {
            await waitFor(`${share * 100} percent of the rows`, async () =>
              (await stored(id)).length >= ROWS * share ? true : undefined,
            );
          }
          await restart(signal);
        }
        await quickstart.server.stop(signal);
        await Promise.all(writers.map(({ user }) => user.finishBurst('writer')));
        await Promise.all(writers.map(({ user }) => user.closeClient('writer')));
        await Promise.all(writers.map(({ user }) => user.end()));
        quickstart.server = await quickstart.czctl.serve(quickstart.home);
        for (const { user, key, id } of writers) {
          await user.flush(key);
          expect(await stored(id)).toEqual(steps(ROWS));
        }
      },
    );

    it('a client that is killed itself has its rows in the spool, and whoever comes next delivers them', async () => {
      const { id, key } = await quickstart.project('killed-client');
      const user = quickstart.user('killed-client', { CONTROLZERO_SPOOL: 'spool_only' });
      await user.open('writer', key);
      await user.startBurst('writer', { from: 0, until: 600, tool: 'work' });
      await user.finishBurst('writer');
      await user.end();
      expect(await stored(id)).toEqual([]);
      await user.flush(key);
      expect(await stored(id)).toEqual(steps(600));
      await user.flush(key);
      expect(await stored(id)).toEqual(steps(600));
    });

    it('a restart changes no bundle: clients that ask again are told so', async () => {
      const { key } = await quickstart.project('restarted');
      const user = quickstart.user('restarted');
      await user.open('reader', key);
      await restart('SIGKILL');
      expect(await user.refresh('reader')).toBe(false);
      const headers = { authorization: `Bearer ${key}` };
      const bundle = async () =>
        Buffer.from(await (await fetch(`${quickstart.url}/v1/sdk/policies/pull`, { headers })).arrayBuffer());
      const before = await bundle();
      await restart('SIGTERM');
      expect(before.equals(await bundle())).toBe(true);
    });

    it('without a spool the SDK itself loses what it holds while the server is away, and nothing that it sent', async () => {
      const { id, key } = await quickstart.project('no-spool');
      const user = quickstart.user('no-spool', { CONTROLZERO_SPOOL: 'off' });
      const write = async (client: string, from: number, until: number) => {
        await user.startBurst(client, { from, until, tool: 'work' });
        await user.finishBurst(client);
        await user.closeClient(client);
      };
      await user.open('before', key);
      await user.open('during', key);
      await user.open('after', key);
      await write('before', 0, 10);
      await quickstart.server.stop('SIGKILL');
      await write('during', 10, 20);
      quickstart.server = await quickstart.czctl.serve(quickstart.home);
      await write('after', 20, 30);
      await waitFor('the last rows', async () => ((await stored(id)).includes(29) ? true : undefined));
      expect(await stored(id)).toEqual([...steps(10), ...steps(10).map((number) => number + 20)]);
    });

    it('without a spool flushes overlap and send rows again: each is there once', async () => {
      const { id, key } = await quickstart.project('overlap');
      const user = quickstart.user('overlap', { CONTROLZERO_SPOOL: 'off' });
      await user.open('writer', key);
      await user.startBurst('writer', { from: 0, until: 120, tool: 'work' });
      await user.finishBurst('writer');
      await user.closeClient('writer');
      const numbers = await stored(id);
      expect(numbers.length).toBeGreaterThan(50);
      expect(new Set(numbers).size).toBe(numbers.length);
    });
  },
);
