import type { LightMyRequestResponse as Response } from 'fastify';
import { expect } from 'vitest';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { digestDatabases } from '../database-digest.ts';
import { accepted, contractHeaders, UNKNOWN_ID } from '../guards/route-table.ts';
import type { TestAppliance } from '../harness.ts';
import { type Person, signUpAdmin } from '../people.ts';

/** A request with a body of whatever bytes. */
export interface RawRequest {
  /** Below the route; the path of the route with every parameter filled in when absent. */
  url?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
}

/** An appliance with one of everything, and somebody who may do everything there. */
export interface World {
  readonly appliance: TestAppliance;
  readonly admin: Person;
  readonly key: string;
  /** What every path parameter must be for a route to find something. */
  readonly params: Readonly<Record<string, string>>;
}

const POLICY = { name: 'guards', document: { version: '1', rules: [{ deny: 'Bash:rm' }] } };

/** Furnishes an appliance: organization, project, key, policy, tool, invite, member, audit entry. */
export async function furnish(appliance: TestAppliance): Promise<World> {
  await appliance.operate('POST', '/operator/trial');
  const admin = await signUpAdmin(appliance, 'admin@example.com');
  const made = async (method: string, url: string, body: unknown) => {
    const answer = await admin.request(method, url, body);
    expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
    return answer.body;
  };
  const { id: orgID } = await made('POST', '/api/orgs', { name: 'Bad input' });
  const { id: projectID } = await made('POST', `/api/orgs/${orgID}/projects`, { name: 'bad-input' });
  const below = `/api/projects/${projectID}`;
  const { id: keyID, key } = await made('POST', `${below}/api-keys`, { name: 'k', scopes: ['read', 'write', 'scout'] });
  const { id: policyID } = await made('POST', `${below}/policies`, POLICY);
  const { id: toolID } = await made('POST', `${below}/tools`, { name: 'ledger' });
  const { id: inviteID } = await made('POST', `/api/orgs/${orgID}/members/invite`, {
    email: 'guest@example.com',
    role: 'member',
  });
  const entries = [{ id: 'entry-1', tool_name: 'Bash', decision: 'deny' }, 'no entry'];
  const sent = await appliance.request('POST', '/v1/sdk/audit', { bearer: key, body: { entries } });
  expect(sent.body).toEqual({ accepted: 1, rejected: 1, dropped: 0 });
  const params = {
    orgID,
    projectID,
    keyID,
    policyID,
    toolID,
    inviteID,
    memberID: admin.id,
    userID: admin.id,
    version: '1',
    entryID: 'entry-1',
    seq: '1',
    kid: UNKNOWN_ID,
  };
  return { appliance, admin, key, params };
}

/** The path of a route with every parameter filled in; fails for a parameter that nobody furnished. */
export function pathIn(world: World, route: RouteRecord, given: Record<string, string> = {}): string {
  return route.path.replace(/:([A-Za-z_]+)/g, (_, name: string) => {
    const value = given[name] ?? world.params[name];
    if (value === undefined) throw new Error(`${route.path} has the parameter ${name}; furnish one in world.ts`);
    return value;
  });
}

/** Sends a request with a credential that the route takes. */
export function sendTo(world: World, route: RouteRecord, request: RawRequest = {}): Promise<Response> {
  const { appliance, admin, key } = world;
  const kinds = accepted(route);
  const credential: Record<string, string> = kinds.includes('session')
    ? { authorization: `Bearer ${admin.token}`, 'x-csrf-token': admin.csrf }
    : kinds.includes('api-key')
      ? { authorization: `Bearer ${key}` }
      : {};
  const app = route.contract === 'operator' ? appliance.operatorApp : appliance.app;
  return app.inject({
    method: route.method as 'POST',
    url: request.url ?? pathIn(world, route),
    headers: { ...contractHeaders(route), ...credential, ...request.headers },
    ...(request.body === undefined ? {} : { payload: request.body }),
  });
}

/** Runs `work` and says what it changed: tables, and the verbs of its activity records. */
export async function changedBy(world: World, work: () => Promise<unknown>): Promise<string[]> {
  const { databases } = world.appliance.kernel;
  const recorded = async () => {
    const rows = await databases.state.read.selectFrom('activity_outbox').select(['id', 'verb']).execute();
    return new Map(rows.map((row) => [row.id, row.verb]));
  };
  const [before, recordsBefore] = [await digestDatabases(databases), await recorded()];
  await work();
  const [after, records] = [await digestDatabases(databases), await recorded()];
  const tables = Object.keys({ ...before, ...after }).filter((table) => before[table] !== after[table]);
  const verbs = [...records].filter(([id]) => !recordsBefore.has(id)).map(([, verb]) => verb);
  return [...tables, ...new Set(verbs)];
}
