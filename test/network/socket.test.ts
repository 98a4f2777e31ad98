import { existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimHeaders } from '../../cli/client.ts';
import { PATHS } from '../../server/deployment.ts';
import { PASSWORD } from '../people.ts';
import { serveDeployment, type TestDeployment } from './deployment.ts';
import { exchange, type WireRequest } from './http.ts';

const uid = process.getuid?.() ?? -1;
const admin = { email: 'root@appliance.example', password: PASSWORD, name: 'Root' };

let deployment: TestDeployment;
let token: string;
beforeAll(async () => {
  deployment = await serveDeployment();
  expect((await overSocket('/operator/admins', { method: 'POST', body: admin })).status).toBeLessThan(300);
  const { email, password } = admin;
  const login = await exchange(`${deployment.url}/auth/login`, { method: 'POST', body: { email, password } });
  token = login.body.token;
});
afterAll(() => deployment.discard());

function overSocket(path: string, request: WireRequest = {}) {
  return exchange(`http://appliance${path}`, { ...request, socketPath: deployment.server.socket });
}

/** Makes an organization over the socket and gives who is recorded for it. */
async function recordedOperator(headers: Record<string, string>) {
  const body = { name: 'Made by hand', owner_email: admin.email };
  const answer = await overSocket('/operator/orgs', { method: 'POST', headers, body });
  expect(answer.status).toBe(201);
  const url = `${deployment.url}/api/admin/audit-logs?verb=org.create&org_id=${answer.body.id}`;
  const { audit_logs } = (await exchange(url, { headers: { authorization: `Bearer ${token}` } })).body;
  return audit_logs[0].actor;
}

const claims = () => join(deployment.home, PATHS.claims);
const modeOf = (path: string) => lstatSync(path).mode & 0o7777;

describe('the socket of the operator', () => {
  it('and its folder are for the owner of the deployment only', () => {
    const { socket } = deployment.server;
    expect(lstatSync(socket).isSocket()).toBe(true);
    expect(modeOf(socket)).toBe(0o600);
    expect(modeOf(dirname(socket))).toBe(0o700);
    expect(modeOf(claims())).toBe(0o1777);
  });

  it('is the only way to the routes of the operator', async () => {
    expect((await overSocket('/operator/license')).status).toBe(200);
    for (const headers of [{}, { authorization: `Bearer ${token}` }, claimHeaders(deployment.home, {})]) {
      expect((await exchange(`${deployment.url}/operator/license`, { headers })).status).toBe(404);
    }
  });

  it('serves none of the published routes beside health and metrics', async () => {
    expect((await overSocket('/health')).status).toBe(200);
    expect((await overSocket('/api/orgs', { headers: { authorization: `Bearer ${token}` } })).status).toBe(404);
  });
});

describe('the claim of an operator', () => {
  it('proves the user id by the owner of a file, once', async () => {
    const headers = claimHeaders(deployment.home, {});
    expect(await recordedOperator(headers)).toEqual({ kind: 'operator', id: `uid:${uid}`, label: `uid:${uid}` });
    expect(existsSync(join(claims(), headers['x-cz-claim']!))).toBe(false);
    expect(await recordedOperator(headers)).toMatchObject({ id: 'operator' });
  });

  it('carries the name behind sudo as a claim only', async () => {
    const headers = claimHeaders(deployment.home, { SUDO_USER: 'ada' });
    expect(await recordedOperator(headers)).toEqual({
      kind: 'operator',
      id: `uid:${uid}`,
      label: `uid:${uid} (sudo by ada, as claimed)`,
    });
  });

  it('without a file proves nothing', async () => {
    expect(await recordedOperator({})).toEqual({ kind: 'operator', id: 'operator', label: 'operator' });
    expect(await recordedOperator({ 'x-cz-claim': '0'.repeat(32) })).toMatchObject({ id: 'operator' });
  });

  it('never reaches a file outside of its folder', async () => {
    const outside = join(deployment.home, 'run', 'f'.repeat(32));
    writeFileSync(outside, '');
    for (const name of [`../${'f'.repeat(32)}`, outside, `${'f'.repeat(32)}/..`]) {
      expect(await recordedOperator({ 'x-cz-claim': name })).toMatchObject({ id: 'operator' });
    }
    expect(existsSync(outside)).toBe(true);
  });

  it('made as a link counts for who made the link, and leaves what it points to alone', async () => {
    const target = join(deployment.home, '.env');
    symlinkSync(target, join(claims(), 'a'.repeat(32)));
    expect(await recordedOperator({ 'x-cz-claim': 'a'.repeat(32) })).toMatchObject({ id: `uid:${uid}` });
    expect(existsSync(target)).toBe(true);
    expect(readdirSync(claims())).not.toContain('a'.repeat(32));
  });
});
