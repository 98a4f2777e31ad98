import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryPostgres } from '../../test/postgres.ts';
import { Czctl, type QuickstartReport } from '../testing/czctl.ts';

const OWN = ['config', 'data', 'run', 'backups', 'recovery-key.txt', '.env'];

describe('an interrupted init', () => {
  let czctl: Czctl;
  beforeAll(() => {
    czctl = new Czctl();
  });
  afterAll(() => czctl.discard());

  /** Runs init and ends it with a signal as soon as a file of its unfinished work is there. */
  async function killAt(home: string, file: string, args: string[] = [], signal: NodeJS.Signals = 'SIGKILL') {
    const { child, ended } = czctl.start(['init', '--quickstart', '--dir', home, '--port', '0', ...args]);
    const awaited = join(home, '.init-partial', file);
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!existsSync(awaited) && !over) await nextTurn();
    child.kill(signal);
    expect(await ended).toMatchObject({ code: null, stdout: '' });
    expect(child.signalCode).toBe(signal);
  }

  async function works(home: string, report: QuickstartReport): Promise<void> {
    expect(readdirSync(home).sort()).toEqual([...OWN].sort());
    const { orgs } = await czctl.json<{ orgs: { name: string }[] }>(['org', 'list', '--dir', home]);
    expect(orgs.map(({ name }) => name)).toEqual(['Quickstart']);
    const { projects } = await czctl.json<{ projects: { id: string }[] }>(['project', 'list', '--dir', home]);
    expect(projects.map(({ id }) => id)).toEqual([report.quickstart.project_id]);
  }

  const again = (home: string, args: string[] = []) =>
    czctl.json<QuickstartReport>(['init', '--quickstart', '--dir', home, '--port', '0', ...args]);

  it.each(['config', 'config/master.key', 'config/certs/ca.pem', '.env', 'data/state.db', 'data/audit.db'])(
    'that was killed when %s was there is no deployment, and the next one succeeds',
    async (file) => {
      const home = czctl.path();
      await killAt(home, file);
      expect((await czctl.run(['org', 'list', '--dir', home])).code).toBe(3);
      await works(home, await again(home));
    },
  );

  it.each([
    ['SIGINT', 'config'],
    ['SIGINT', 'config/certs/ca.pem'],
    ['SIGINT', 'data/state.db'],
    ['SIGTERM', 'data/state.db'],
    ['SIGHUP', 'data/state.db'],
  ] as const)('by %s when %s was there leaves nothing at all', async (signal, file) => {
    const home = czctl.path();
    await killAt(home, file, [], signal);
    expect(existsSync(home)).toBe(false);
  });

  it.each(OWN.map((entry, moved) => [moved, entry] as const))(
    'that was killed when %i parts had been moved (before %s) is no deployment, and the next one succeeds',
    async (moved) => {
      const { home } = await czctl.quickstart();
      mkdirSync(join(home, '.init-partial'));
      for (const entry of OWN.slice(moved)) renameSync(join(home, entry), join(home, '.init-partial', entry));
      expect((await czctl.run(['org', 'list', '--dir', home])).code).toBe(3);
      await works(home, await again(home));
    },
  );

  it('that was killed after the last part is a deployment, and nothing is lost', async () => {
    const { home, report } = await czctl.quickstart();
    mkdirSync(join(home, '.init-partial'));
    expect((await czctl.run(['init', '--quickstart', '--dir', home])).code).toBe(7);
    await works(home, report);
  });

  it('on a PostgreSQL server is gone on with by the next one, with the same master key', async () => {
    const { location, remove } = await temporaryPostgres();
    try {
      const home = czctl.path();
      const database = ['--database-url', location.databaseUrl];
      const bad = czctl.run([
        'init',
        '--quickstart',
        '--dir',
        home,
        ...database,
        '--license-key',
        'cz_ent_bm90aGluZw==',
      ]);
      expect((await bad).code).toBe(1);
      const key = readFileSync(join(home, '.init-partial/config/master.key'));
      expect(existsSync(join(home, '.env'))).toBe(false);
      await killAt(home, 'run/claims', database);
      const report = await again(home, database);
      expect(readFileSync(join(home, 'config/master.key'))).toEqual(key);
      const { orgs } = await czctl.json<{ orgs: unknown[] }>(['org', 'list', '--dir', home]);
      expect(orgs).toHaveLength(1);
      expect(report.quickstart.api_key).toMatch(/^cz_live_/);
    } finally {
      await remove();
    }
  });

  it('that still runs keeps a second one out', async () => {
    const home = czctl.path();
    const first = czctl.start(['init', '--dir', home, '--quickstart', '--port', '0']);
    while (!existsSync(join(home, '.init-partial/run/lock.pid'))) await nextTurn();
    first.child.kill('SIGSTOP');
    const second = await czctl.run(['init', '--dir', home, '--quickstart', '--port', '0']);
    expect(second.code).toBe(5);
    expect(second.stderr).toContain('in use by another process');
    first.child.kill('SIGCONT');
    expect((await first.ended).code).toBe(0);
    expect((await czctl.run(['org', 'list', '--dir', home])).code).toBe(0);
  });

  it('leaves a directory alone that only looks like its own', async () => {
    const home = czctl.path();
    mkdirSync(home);
    writeFileSync(join(home, '.init-partial-notes'), 'mine');
    expect((await czctl.run(['init', '--quickstart', '--dir', home])).code).toBe(7);
    expect(readdirSync(home)).toEqual(['.init-partial-notes']);
  });
});
