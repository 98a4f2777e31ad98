import { beforeAll, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import type { AlertReport } from './service.ts';
import { MOST_ALIKE } from './service.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let loud: Tenant;
  let quiet: Tenant;
  beforeAll(async () => {
    appliance = await open();
    loud = await openTenant(appliance, 'loud');
    quiet = await openTenant(appliance, 'quiet');
  });

  const report = ({ orgId, projectId }: Tenant, repeats: string): AlertReport => ({
    kind: 'tamper.reported',
    severity: 'warning',
    orgId,
    projectId,
    repeats,
    message: `Look at ${repeats}.`,
    details: { repeats },
  });
  const alertsOf = ({ orgId }: Tenant) => appliance.services.alerts.list({ orgId, open: true }, 5_000);

  it('keeps a thousand of one kind for a project and counts the rest, so that no client fills the table', async () => {
    const { alerts } = appliance.services;
    await appliance.kernel.databases.state.write(async (trx) => {
      for (let index = 0; index < MOST_ALIKE; index += 1) await alerts.raiseWithin(trx, report(loud, `m-${index}`));
    });
    for (const repeats of ['m-7', 'one more', 'and another']) await alerts.raise(report(loud, repeats));
    await alerts.raise(report(quiet, 'm-1'));
    const kept = await alertsOf(loud);
    expect(kept).toHaveLength(MOST_ALIKE + 1);
    expect(kept.filter(({ count }) => count === 2).map(({ message }) => message)).toEqual([
      expect.stringMatching(/further ones are only counted here\. The last one: Look at and another\.$/),
      'Look at m-7.',
    ]);
    expect(await alertsOf(quiet)).toMatchObject([{ message: 'Look at m-1.', count: 1 }]);
  });

  it('are closed with the project that they are about', async () => {
    const { alerts } = appliance.services;
    const gone = await openTenant(appliance, 'gone');
    await alerts.raise(report(gone, 'm-1'));
    await alerts.raise({ ...report(gone, '2026-01'), kind: 'usage.limit-exceeded', projectId: null });
    await gone.owner.request('DELETE', `/api/projects/${gone.projectId}?confirm=gone-project`);
    await expect.poll(() => alertsOf(gone)).toMatchObject([{ kind: 'usage.limit-exceeded' }]);
    await gone.owner.request('DELETE', `/api/orgs/${gone.orgId}?confirm=gone`);
    await expect.poll(() => alertsOf(gone)).toEqual([]);
  });
});
