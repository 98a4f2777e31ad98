import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import type { Writer } from './key-store.ts';
import { addProject, bootstrap, makeProject, pull, pullAndOpen, type TestProject } from './rules.fixture.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let project: TestProject;

  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 10, 21, 12));
    appliance = await open({ clock });
    await appliance.operate('POST', '/operator/trial');
  });
  beforeEach(async () => {
    project = await makeProject(appliance);
  });

  /** Changes the database behind the appliance's back, and makes it load the bundle again. */
  async function meddle(change: (trx: Writer) => Promise<unknown>): Promise<void> {
    await appliance.kernel.databases.state.write(async (trx, { publish }) => {
      await change(trx);
      await publish('bundles', project.projectId);
    });
  }

  async function storedBytes(): Promise<Buffer> {
    const row = await appliance.kernel.databases.state.read
      .selectFrom('builds')
      .select('bytes')
      .where('project_id', '=', project.projectId)
      .where('mode', '=', 'live')
      .where('superseded_at', 'is', null)
      .executeTakeFirstOrThrow();
    return row.bytes!;
  }

  const setBuild = (values: { bytes?: Buffer | null; digest?: string; signature?: Buffer }) =>
    meddle((trx) =>
      trx
        .updateTable('builds')
        .set(values)
        .where('project_id', '=', project.projectId)
        .where('mode', '=', 'live')
        .execute(),
    );

  const flipped = (bytes: Buffer, at: number) => {
    const changed = Buffer.from(bytes);
    changed[at] = changed[at]! ^ 1;
    return changed;
  };

  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const status = async () =>
    (await project.owner.request('GET', `/api/projects/${project.projectId}/policies/bundle`)).body;
  const alerts = () => appliance.services.alerts.list({ projectId: project.projectId, kind: 'bundle.tampered' }, 10);

  describe('a stored build that was changed', () => {
    it('answers 409, flags its project with both digests and alerts, once', async () => {
      const bytes = await storedBytes();
      const changed = flipped(bytes, 60);
      await setBuild({ bytes: changed });
      for (const known of [undefined, digest(bytes)]) {
        const answer = await pull(appliance, project.key, known);
        expect([answer.status, answer.body]).toMatchObject([
          409,
          { code: 'BUNDLE_TAMPERED', expected_digest: digest(bytes), found_digest: digest(changed) },
        ]);
      }
      expect(await status()).toMatchObject({
        status: 'tampered',
        tampered: { check: 'digest', expected_digest: digest(bytes), found_digest: digest(changed) },
      });
      expect((await alerts()).map((alert) => [alert.severity, alert.count])).toEqual([['critical', 1]]);
      const recorded = await appliance.kernel.databases.state.read
        .selectFrom('activity_outbox')
        .select(['verb', 'actor_kind'])
        .where('project_id', '=', project.projectId)
        .where('verb', '=', 'bundle.flag')
        .execute();
      expect(recorded).toEqual([{ verb: 'bundle.flag', actor_kind: 'system' }]);
      expect((await bootstrap(appliance, project.key)).status).toBe(200);
    });

    it('is found by its signature where the digest was changed too', async () => {
      const changed = flipped(await storedBytes(), 60);
      await setBuild({ bytes: changed, digest: digest(changed) });
      expect((await pull(appliance, project.key)).status).toBe(409);
      expect((await status()).tampered.check).toBe('signature');
    });

    it('stays flagged through changes of policies, also when the old bytes come back', async () => {
      const bytes = await storedBytes();
      await setBuild({ bytes: flipped(bytes, 60) });
      expect((await pull(appliance, project.key)).status).toBe(409);
      await setBuild({ bytes });
      const change = { default_on_empty: 'warn' };
      expect((await project.owner.request('PATCH', `/api/projects/${project.projectId}`, change)).status).toBe(200);
      expect((await pull(appliance, project.key)).status).toBe(409);
    });

    it.each(['policies/bundle', 'keys/rotate'])('is good again after %s', async (path) => {
      const bytes = await storedBytes();
      await setBuild({ bytes: flipped(bytes, 60) });
      expect((await pull(appliance, project.key)).status).toBe(409);
      const cleared = await project.owner.request('POST', `/api/projects/${project.projectId}/${path}`, {});
      expect(cleared.status).toBe(200);
      const opened = await pullAndOpen(appliance, project.key);
      expect(opened.bytes.equals(bytes)).toBe(false);
      expect((await status()).status).toBe('live');
    });

    it('concerns no other project', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      await setBuild({ bytes: flipped(await storedBytes(), 60) });
      expect((await pull(appliance, project.key)).status).toBe(409);
      await pullAndOpen(appliance, second.key);
    });
  });

  describe('a fault of the appliance', () => {
    const ready = async () => {
      clock.advance(11_000);
      return appliance.request('GET', '/ready');
    };

    it('is a project key that does not open: 503 for pull, bootstrap and /ready, and nothing is flagged', async () => {
      expect((await ready()).status).toBe(200);
      const { key } = await appliance.kernel.databases.state.read
        .selectFrom('project_keys')
        .select('key')
        .where('project_id', '=', project.projectId)
        .executeTakeFirstOrThrow();
      const setKey = (value: Buffer) =>
        meddle((trx) =>
          trx.updateTable('project_keys').set({ key: value }).where('project_id', '=', project.projectId).execute(),
        );
      await setKey(flipped(key, key.length - 1));
      const answer = await pull(appliance, project.key);
      expect([answer.status, answer.body.code]).toEqual([503, 'KEY_UNAVAILABLE']);
      expect((await bootstrap(appliance, project.key)).status).toBe(503);
      const unready = await ready();
      expect([unready.status, unready.body.checks.delivery_keys.status]).toEqual([503, 'failed']);
      expect(await status()).toMatchObject({ status: 'live', tampered: null });
      expect(await alerts()).toEqual([]);
      await setKey(key);
      await pullAndOpen(appliance, project.key);
      expect((await ready()).status).toBe(200);
    });

    it('is a signing key that does not open', async () => {
      const { seed, id } = await appliance.kernel.databases.state.read
        .selectFrom('signing_keys')
        .select(['seed', 'id'])
        .where('org_id', '=', project.orgId)
        .executeTakeFirstOrThrow();
      const setSeed = (value: Buffer) =>
        meddle((trx) => trx.updateTable('signing_keys').set({ seed: value }).where('id', '=', id).execute());
      await setSeed(randomBytes(seed.length));
      expect((await ready()).status).toBe(503);
      expect((await pull(appliance, project.key)).status).toBe(503);
      expect(await alerts()).toEqual([]);
      await setSeed(seed);
      expect((await ready()).status).toBe(200);
      expect((await pull(appliance, project.key)).status).toBe(200);
    });

    it('is a build without bytes or without its row', async () => {
      const bytes = await storedBytes();
      await setBuild({ bytes: null });
      const answer = await pull(appliance, project.key);
      expect([answer.status, answer.body.code]).toEqual([503, 'BUNDLE_UNREADABLE']);
      await setBuild({ bytes });
      expect((await pull(appliance, project.key)).status).toBe(200);
      await meddle((trx) =>
        trx.updateTable('bundles').set({ live_build_id: 'gone' }).where('project_id', '=', project.projectId).execute(),
      );
      expect((await pull(appliance, project.key)).status).toBe(503);
      expect(await alerts()).toEqual([]);
    });
  });
});
