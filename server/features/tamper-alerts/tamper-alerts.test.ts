import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUp } from '../../../test/people.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';

const REPORT = '/v1/sdk/tamper-alert';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let owner: Person;
  let stranger: Person;
  let orgId: string;
  let projectId: string;
  let key: string;

  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 10, 21, 12));
    appliance = await open({ clock });
    await appliance.operate('POST', '/operator/trial');
    owner = await signUp(appliance, 'owner@example.com');
    stranger = await signUp(appliance, 'stranger@example.com');
    orgId = (await owner.request('POST', '/api/orgs', { name: 'Acme' })).body.id;
  });

  beforeEach(async () => {
    const name = `agents-${randomBytes(4).toString('hex')}`;
    projectId = (await owner.request('POST', `/api/orgs/${orgId}/projects`, { name })).body.id;
    key = (await owner.request('POST', `/api/projects/${projectId}/api-keys`, { name: 'sdk' })).body.key;
  });

  const report = (body?: unknown, bearer = key) =>
    appliance.request('POST', REPORT, { bearer, ...(body === undefined ? {} : { body }) });
  const list = async (query = '', person = owner) =>
    person.request('GET', `/api/projects/${projectId}/tamper-alerts${query}`);

  describe('a report', () => {
    it('needs a live API key, and leaves nothing behind without one', async () => {
      expect((await appliance.request('POST', REPORT, { body: {} })).status).toBe(401);
      expect((await report({}, `cz_live_${'0'.repeat(64)}`)).status).toBe(401);
      expect((await list()).body.tamper_alerts).toEqual([]);
    });

    it('is refused when it is no JSON object or far too large', async () => {
      expect((await report('[1]')).status).toBe(400);
      expect((await report('{')).status).toBe(400);
      expect((await report({ reason: 'x'.repeat(300_000) })).status).toBe(413);
      expect((await list()).body.tamper_alerts).toEqual([]);
    });

    it('is taken in the words of the specification', async () => {
      const answer = await report({ machine_id: 'm-1', reason: 'signature mismatch', bundle_hash: 'abc' });
      expect([answer.status, answer.body]).toEqual([202, { accepted: true, alert_id: expect.any(String), count: 1 }]);
      const { tamper_alerts: alerts } = (await list()).body;
      expect(alerts).toEqual([
        {
          id: answer.body.alert_id,
          project_id: projectId,
          machine_id: 'm-1',
          hostname: null,
          source: null,
          reason: 'signature mismatch',
          bundle_hash: 'abc',
          details: {},
          reported_by: { kind: 'api-key', id: expect.any(String) },
          count: 1,
          first_seen_at: '2026-11-21T12:00:00.000Z',
          last_seen_at: '2026-11-21T12:00:00.000Z',
        },
      ]);
    });

    it('is taken in the words of the Python SDK, with findings', async () => {
      const details = { hook_findings: [{ config_path: '/home/u/.claude/settings.json', status: 'missing' }] };
      const body = { source: 'hook_tamper_detected', hostname: 'dev-7', machine_id: 'm-2', details };
      expect((await report(body)).status).toBe(202);
      expect((await list()).body.tamper_alerts[0]).toMatchObject(body);
    });

    it('may say nothing at all', async () => {
      expect((await report({})).status).toBe(202);
      expect((await report()).body.count).toBe(2);
    });

    it('counts up one alert when it repeats, and keeps different ones apart', async () => {
      const body = { source: 'policy_hmac', machine_id: 'm-3', details: { b: 1, a: [2] } };
      const first = await report(body);
      clock.advance(60_000);
      const again = await report({ details: { a: [2], b: 1 }, machine_id: 'm-3', source: 'policy_hmac' });
      expect(again.body).toEqual({ accepted: true, alert_id: first.body.alert_id, count: 2 });
      await report({ ...body, machine_id: 'm-4' });
      await report({ ...body, details: { b: 2 } });
      const { tamper_alerts: alerts } = (await list()).body;
      expect(alerts.map((alert: { count: number }) => alert.count)).toEqual([1, 1, 2]);
      const seen = [alerts[2].first_seen_at, alerts[2].last_seen_at].map((time) => Date.parse(time));
      expect(seen[1]! - seen[0]!).toBe(60_000);
    });

    it('alerts people once, and again after an hour of silence', async () => {
      const raised = async () =>
        (await appliance.services.alerts.list({ projectId, kind: 'tamper.reported' }, 10)).map((alert) => alert.count);
      await report({ source: 'audit_chain' });
      await report({ source: 'audit_chain' });
      expect(await raised()).toEqual([1]);
      clock.advance(3_600_000);
      await report({ source: 'audit_chain' });
      expect(await raised()).toEqual([2]);
    });

    it('never flags the project: its bundle goes on', async () => {
      await report({ reason: 'signature mismatch' });
      expect((await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key })).status).toBe(200);
    });

    it('with hostile content is cut, marked and kept', async () => {
      let deep: unknown = 'end';
      for (let level = 0; level < 5_000; level += 1) deep = [deep];
      const details = { long: 'y'.repeat(5_000), deep, many: Array.from({ length: 300 }, (_, index) => index) };
      expect((await report({ hostname: 'a\0b\ud800', details })).status).toBe(202);
      const [alert] = (await list()).body.tamper_alerts;
      expect(alert.hostname).toBe('a\uFFFDb\uFFFD');
      expect(alert.details.long).toBe(`${'y'.repeat(2_000)}…`);
      expect(JSON.stringify(alert.details.deep)).toBe('[[[[[[["…"]]]]]]]');
      expect(alert.details.many).toEqual([...Array(100).keys(), '…']);
      expect((await report('{"details":{"__proto__":{"x":1},"n":NaN}}')).status).toBe(202);
      expect((await list()).body.tamper_alerts[0].details).toMatchObject({ n: null });
      expect(({} as { x?: number }).x).toBeUndefined();
    });
  });

  describe('the list', () => {
    it('is for members of the organization', async () => {
      await report({ machine_id: 'm-1' });
      expect((await appliance.request('GET', `/api/projects/${projectId}/tamper-alerts`)).status).toBe(401);
      expect((await appliance.request('GET', `/api/projects/${projectId}/tamper-alerts`, { bearer: key })).status).toBe(
        401,
      );
      expect((await list('', stranger)).status).toBe(403);
      expect((await list('?limit=0')).status).toBe(400);
      expect((await list()).body.tamper_alerts).toHaveLength(1);
    });

    it('is filtered by machine, source and time, and comes in pages', async () => {
      await report({ machine_id: 'm-1', source: 'policy_hmac' });
      clock.advance(1_000);
      const since = new Date(clock.now()).toISOString();
      await report({ machine_id: 'm-2', source: 'policy_hmac' });
      await report({ machine_id: 'm-2', source: 'audit_chain' });
      const ids = async (query: string) =>
        (await list(query)).body.tamper_alerts.map((alert: { machine_id: string }) => alert.machine_id);
      expect(await ids('?machine_id=m-1')).toEqual(['m-1']);
      expect(await ids('?source=policy_hmac')).toEqual(['m-2', 'm-1']);
      expect(await ids(`?since=${since}`)).toEqual(['m-2', 'm-2']);
      const page = (await list('?limit=2')).body;
      expect(page.tamper_alerts).toHaveLength(2);
      const rest = (await list(`?limit=2&cursor=${page.next_cursor}`)).body;
      expect([rest.tamper_alerts.length, rest.next_cursor]).toEqual([1, null]);
    });
  });
});
