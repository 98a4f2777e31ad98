import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startAppliance, type TestAppliance } from '../harness.ts';
import { type Person, signUp } from '../people.ts';
import { accepted, nameOf, pathOf, UNKNOWN_ID } from './route-table.ts';

let appliance: TestAppliance;
let owner: Person;
let stranger: Person;
let orgID: string;
let projectID: string;

beforeAll(async () => {
  appliance = await startAppliance();
  await appliance.operate('POST', '/operator/trial');
  owner = await signUp(appliance, 'owner@example.com');
  stranger = await signUp(appliance, 'stranger@example.com');
  orgID = (await owner.request('POST', '/api/orgs', { name: 'Owned' })).body.id;
  projectID = (await owner.request('POST', `/api/orgs/${orgID}/projects`, { name: 'owned' })).body.id;
  await stranger.request('POST', '/api/orgs', { name: 'Strange' });
});
afterAll(() => appliance.discard());

/** What a caller could compare: everything but the ids of the request itself. */
function comparable(answer: Answer): string {
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
  return JSON.stringify([answer.status, headers, answer.text.replace(/"request_id":"[^"]*"/, '')]);
}

describe('routes below an organization or a project', () => {
  it('answer a stranger with the same 403 for existing and unknown ids', async () => {
    const routes = appliance.kernel.routes.filter(
      (route) => /:(orgID|projectID)/.test(route.path) && accepted(route).includes('session'),
    );
    expect(routes.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const route of routes) {
      const body = route.method === 'GET' ? undefined : {};
      const existing = await stranger.request(route.method, pathOf(route, { orgID, projectID }), body);
      const unknown = await stranger.request(
        route.method,
        pathOf(route, { orgID: UNKNOWN_ID, projectID: UNKNOWN_ID }),
        body,
      );
      if (existing.status !== 403) wrong.push(`${nameOf(route)} → ${existing.status}`);
      else if (comparable(existing) !== comparable(unknown))
        wrong.push(`${nameOf(route)} tells an existing id from an unknown one`);
    }
    expect(wrong).toEqual([]);
  });

  it('left no change without an activity record', async () => {
    const metric = await appliance.kernel.metrics.unrecordedChanges.get();
    expect(metric.values).toEqual([]);
  });
});
