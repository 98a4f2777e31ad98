import { ownContext } from '../../kernel/activity.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AlertsService } from '../alerts/service.ts';
import { changeBundle } from './build-store.ts';
import type { StoredDelivery } from './live-store.ts';
import { BUNDLES_CHANNEL, type TamperFlag } from './schema.ts';

/**
 * Flags a project whose stored build is not what was signed, with an alert and an activity record. Once, and only while
 * that build is still the delivered one: with several processes the first to find it does it.
 */
export async function flagProject(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>,
  alerts: Pick<AlertsService, 'raiseWithin'>,
  stored: StoredDelivery,
  flag: TamperFlag,
): Promise<void> {
  const { project_id: projectId, org_id: orgId } = stored.bundle;
  await kernel.databases.state.write(async (trx, effects) => {
    const now = kernel.clock.now();
    const change = { flagged_at: now, flag: JSON.stringify(flag), updated_at: now };
    if (!(await changeBundle(trx, stored.bundle, change))) return;
    await alerts.raiseWithin(trx, {
      kind: 'bundle.tampered',
      severity: 'critical',
      orgId,
      projectId,
      repeats: flag.build_id,
      message: `The stored ${flag.mode} bundle of project ${projectId} fails its ${flag.check} check: expected ${flag.expected_digest}, found ${flag.found_digest}. SDKs get 409 and go on with what they have. Find out who changed the database, then publish the bundle again.`,
      details: { ...flag },
    });
    const system = ownContext(kernel, { kind: 'system', task: 'bundle check' }, 'bundle-check');
    const target = { type: 'project', id: projectId };
    await system.record(trx, { verb: 'bundle.flag', orgId, projectId, target, details: { ...flag } });
    await effects.publish(BUNDLES_CHANNEL, projectId);
    effects.afterCommit(() => kernel.events.emit('bundle.tampered', { orgId, projectId, at: now }));
  });
}
