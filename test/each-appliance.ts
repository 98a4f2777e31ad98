import { afterAll, describe } from 'vitest';
import { type ApplianceOptions, startAppliance, type TestAppliance } from './harness.ts';
import { temporaryPostgres } from './postgres.ts';

/** Opens an appliance over empty databases of the engine at hand; it is closed and removed after the suite. */
export type OpenAppliance = (options?: Omit<ApplianceOptions, 'databaseUrl'>) => Promise<TestAppliance>;

/**
 * Runs a suite against whole appliances on SQLite and on PostgreSQL, each in its own `describe`.
 *
 *     describeEachAppliance((open) => {
 *       let appliance: TestAppliance;
 *       beforeAll(async () => { appliance = await open({ clock }); });
 *       it('…', async () => { await appliance.request('GET', '/'); });
 *     });
 *
 * `TEST_DATABASES=sqlite` leaves PostgreSQL out, for a quick look while working.
 */
export function describeEachAppliance(suite: (open: OpenAppliance) => void): void {
  describe('on SQLite', () => {
    const opened: TestAppliance[] = [];
    suite(async (options) => {
      const appliance = await startAppliance(options);
      opened.push(appliance);
      return appliance;
    });
    afterAll(async () => {
      for (const appliance of opened) await appliance.discard();
    });
  });
  describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('on PostgreSQL', () => {
    const removals: (() => Promise<void>)[] = [];
    suite(async (options) => {
      const { location, remove } = await temporaryPostgres();
      const appliance = await startAppliance({ ...options, databaseUrl: location.databaseUrl });
      removals.push(async () => {
        await appliance.discard();
        await remove();
      });
      return appliance;
    });
    afterAll(async () => {
      for (const removal of removals) await removal();
    });
  });
}
