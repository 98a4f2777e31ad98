import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, type Person } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { createToken, digestToken } from '../../crypto/tokens.ts';
import { manualClock } from '../../kernel/clock.ts';

const HOUR = 3_600_000;

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  let home: Tenant;
  let stranger: Tenant;
  let admin: Person;
  let analyst: Person;
  let member: Person;
  let url: string;
  beforeAll(async () => {
    appliance = await open({ clock, settings: { CZ_SESSION_HOURS: '720' } });
    home = await openTenant(appliance, 'home');
    stranger = await openTenant(appliance, 'elsewhere');
    admin = await joinTenant(appliance, home.orgId, 'admin');
    analyst = await joinTenant(appliance, home.orgId, 'analyst');
    member = await joinTenant(appliance, home.orgId, 'member');
  });
  beforeEach(async () => {
    const project = await admin.request('POST', `/api/orgs/${home.orgId}/projects`, { name: `p${clock.now()}` });
    url = `/api/projects/${project.body.id}/api-keys`;
    clock.advance(1000);
  });

  const create = async (body: Record<string, unknown> = {}) => {
    const answer = await admin.request('POST', url, { name: 'build server', ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const listed = async () => (await admin.request('GET', url)).body.api_keys;
  const resolve = (text: string) => appliance.services.apiKeys.live.resolve(text);
  const inSeconds = (seconds: number) => new Date(clock.now() + seconds * 1000).toISOString();

  it('is made by admins and shown once', async () => {
    const body = { name: 'build server', scopes: ['write', 'read'], mode: 'test' };
    expect((await appliance.request('POST', url, { body })).status).toBe(401);
    expect((await appliance.request('POST', url, { body, bearer: home.key })).status).toBe(401);
    expect((await appliance.request('POST', url, { body, bearer: admin.token })).status).toBe(403);
    expect((await analyst.request('POST', url, body)).status).toBe(403);
    expect((await stranger.owner.request('POST', url, body)).status).toBe(403);
    for (const wrong of [
      {},
      { name: ' ' },
      { name: 'k', scopes: [] },
      { name: 'k', scopes: ['admin'] },
      { name: 'k', scopes: ['read', 'read'] },
      { name: 'k', mode: 'dry' },
      { name: 'k', expires_at: 'tomorrow' },
      { name: 'k', expires_at: inSeconds(-1) },
      { name: 'k', expires_at: '9999-12-31T23:59:59-01:00' },
      { name: 'k', key: 'cz_live_own' },
    ]) {
      expect((await admin.request('POST', url, wrong)).status).toBe(400);
    }
    expect(await listed()).toEqual([]);

    const answer = await admin.request('POST', url, body);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body.key).toMatch(/^cz_test_[0-9a-f]{64}$/);
    expect(answer.body).toMatchObject({
      prefix: answer.body.key.slice(0, 12),
      mode: 'test',
      scopes: ['read', 'write'],
      status: 'active',
      created_by: admin.email,
      expires_at: null,
      last_used_at: null,
    });
    const { key, ...shown } = answer.body;
    expect(await listed()).toEqual([shown]);
    const stored = await appliance.kernel.databases.state.read
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', shown.id)
      .executeTakeFirstOrThrow();
    expect(stored.digest).toBe(digestToken(key));
    expect(JSON.stringify(stored)).not.toContain(key.slice(12));
    expect(JSON.stringify(await activityOf(appliance, 'api-key.create'))).not.toContain(key.slice(12));
  });

  it('is listed for analysts, newest first', async () => {
    const first = await create();
    const second = await create();
    expect((await appliance.request('GET', url)).status).toBe(401);
    expect((await member.request('GET', url)).status).toBe(403);
    expect((await stranger.owner.request('GET', url)).status).toBe(403);
    const page = (await analyst.request('GET', `${url}?limit=1`)).body;
    expect(page.api_keys).toMatchObject([{ id: second.id }]);
    const next = (await analyst.request('GET', `${url}?limit=1&cursor=${page.next_cursor}`)).body;
    expect(next.api_keys).toMatchObject([{ id: first.id }]);
    expect(next.next_cursor).toBeNull();
  });

  it('stands for its project, in memory after the first use', async () => {
    const { id, key } = await create({ scopes: ['scout'] });
    const actor = await resolve(key);
    expect(actor).toMatchObject({ kind: 'api-key', keyId: id, orgId: home.orgId, scopes: ['scout'], mode: 'live' });
    expect(resolve(key)).toBe(actor);
    expect(resolve('cz_live_short')).toBeNull();
    expect(resolve(key.toUpperCase())).toBeNull();
    const never = createToken('live_api_key').text;
    expect(await resolve(never)).toBeNull();
    expect(resolve(never)).toBeNull();
  });

  it('ends at once when it is revoked', async () => {
    const { id, key } = await create();
    expect(await resolve(key)).not.toBeNull();
    const ended: unknown[] = [];
    appliance.kernel.events.on('api-key.revoked', (event) => {
      if (event.keyId === id) ended.push(event.endsAt);
    });
    expect((await analyst.request('DELETE', `${url}/${id}`)).status).toBe(403);
    expect((await stranger.owner.request('DELETE', `${url}/${id}`)).status).toBe(403);
    const elsewhere = `/api/projects/${stranger.projectId}/api-keys/${id}`;
    expect((await stranger.owner.request('DELETE', elsewhere)).status).toBe(404);
    expect((await admin.request('DELETE', `${url}/nothing`)).status).toBe(404);
    expect(await resolve(key)).not.toBeNull();

    expect((await admin.request('DELETE', `${url}/${id}`)).status).toBe(204);
    expect(await resolve(key)).toBeNull();
    expect(ended).toEqual([clock.now()]);
    const again = await admin.request('DELETE', `${url}/${id}`);
    expect([again.status, again.body.code]).toEqual([409, 'API_KEY_REVOKED']);
    expect(await listed()).toMatchObject([{ id, status: 'revoked', revoked_at: new Date(clock.now()).toISOString() }]);
    expect((await activityOf(appliance, 'api-key.revoke')).at(-1)).toMatchObject({ target_id: id, actor_id: admin.id });
  });

  it('expires by the clock on every request', async () => {
    const { key } = await create({ expires_at: inSeconds(60) });
    expect(await resolve(key)).not.toBeNull();
    clock.advance(59_999);
    expect(resolve(key)).not.toBeNull();
    clock.advance(1);
    expect(await resolve(key)).toBeNull();
    expect(await listed()).toMatchObject([{ status: 'expired' }]);
  });

  it('is rotated: the new key counts at once, the old one until the overlap ends', async () => {
    const old = await create({ name: 'agent', scopes: ['read', 'scout'], mode: 'test' });
    const rotate = `${url}/${old.id}/rotate`;
    expect((await analyst.request('POST', rotate, {})).status).toBe(403);
    for (const wrong of [{ overlap_seconds: -1 }, { overlap_seconds: 2_592_001 }, { expires_at: inSeconds(-1) }]) {
      expect((await admin.request('POST', rotate, wrong)).status).toBe(400);
    }
    expect(await listed()).toHaveLength(1);

    const answer = await admin.request('POST', rotate, {});
    expect(answer.status).toBe(201);
    const fresh = answer.body;
    expect(fresh).toMatchObject({ name: 'agent', scopes: ['read', 'scout'], mode: 'test', expires_at: null });
    expect((await listed())[1]).toMatchObject({ id: old.id, rotated_to: fresh.id, expires_at: inSeconds(86_400) });
    expect([await resolve(old.key), await resolve(fresh.key)]).toMatchObject([{ keyId: old.id }, { keyId: fresh.id }]);
    const twice = await admin.request('POST', rotate, {});
    expect([twice.status, twice.body.code]).toEqual([409, 'API_KEY_ROTATED']);
    clock.advance(24 * HOUR);
    expect([await resolve(old.key), await resolve(fresh.key)]).toMatchObject([null, { keyId: fresh.id }]);
    expect((await admin.request('POST', rotate, {})).body.code).toBe('API_KEY_EXPIRED');

    const last = (await admin.request('POST', `${url}/${fresh.id}/rotate`, { overlap_seconds: 0 })).body;
    expect(await resolve(fresh.key)).toBeNull();
    expect((await listed()).map((key: { status: string }) => key.status)).toEqual(['active', 'revoked', 'expired']);
    expect(await resolve(last.key)).not.toBeNull();
  });

  it('keeps its span of life through a rotation, which never prolongs the old key', async () => {
    const old = await create({ expires_at: inSeconds(3600) });
    clock.advance(600_000);
    const fresh = (await admin.request('POST', `${url}/${old.id}/rotate`, { overlap_seconds: 86_400 })).body;
    expect(fresh.expires_at).toBe(inSeconds(3600));
    expect((await listed())[1]).toMatchObject({ id: old.id, expires_at: old.expires_at });

    const far = await create({ expires_at: '9999-12-31T23:59:00Z' });
    clock.advance(600_000);
    const next = await admin.request('POST', `${url}/${far.id}/rotate`, {});
    expect([next.status, next.body.expires_at]).toEqual([201, '9999-12-31T23:59:59.999Z']);
  });

  it('is rotated only once when asked twice at the same time', async () => {
    const old = await create();
    const answers = await Promise.all([1, 2].map(() => admin.request('POST', `${url}/${old.id}/rotate`, {})));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    expect(await listed()).toHaveLength(2);
  });

  it('begins with characters that no other key of the organization has', async () => {
    const { state } = appliance.kernel.databases;
    const { org_id, project_id } = await state.read
      .selectFrom('api_keys')
      .select(['org_id', 'project_id'])
      .where('id', '=', stranger.keyId)
      .executeTakeFirstOrThrow();
    const hexadecimal = (number: number, length: number) => number.toString(16).padStart(length, '0');
    // All but the beginnings that end in 0: fifteen of sixteen draws meet a taken one.
    const taken = Array.from({ length: 0x10000 }, (_, number) => number).filter((number) => number % 16 !== 0);
    await state.write(async (trx) => {
      for (let start = 0; start < taken.length; start += 1000) {
        const rows = taken.slice(start, start + 1000).map((number) => ({
          id: `taken-${number}`,
          org_id,
          project_id,
          name: 'taken',
          mode: 'test' as const,
          scopes: '["read"]',
          digest: hexadecimal(number, 64),
          prefix: `cz_test_${hexadecimal(number, 4)}`,
          created_by: null,
          created_by_label: 'test',
          created_at: 0,
          expires_at: null,
          revoked_at: 1,
          last_used_at: null,
          rotated_to: null,
        }));
        await trx
          .insertInto('api_keys')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
    const body = { name: 'scarce', mode: 'test' };
    const make = async () =>
      (await stranger.owner.request('POST', `/api/projects/${stranger.projectId}/api-keys`, body)).body;
    const keys = [await make(), await make()];
    for (const { prefix } of keys) expect(prefix).toMatch(/^cz_test_[0-9a-f]{3}0$/);
    expect(new Set(keys.map((key) => key.prefix)).size).toBe(2);
  });

  it('tells when it was last used, with the next flush', async () => {
    const { id, key } = await create();
    await resolve(key);
    clock.advance(5000);
    resolve(key);
    const usedAt = new Date(clock.now()).toISOString();
    expect(await listed()).toMatchObject([{ id, last_used_at: null }]);
    await appliance.services.apiKeys.flushUses();
    expect(await listed()).toMatchObject([{ id, last_used_at: usedAt }]);
    clock.advance(5000);
    await appliance.services.apiKeys.flushUses();
    expect(await listed()).toMatchObject([{ id, last_used_at: usedAt }]);
  });

  it('is made, listed and revoked by the command line as well', async () => {
    const operator = operatorContext(appliance);
    const { apiKeys } = appliance.services;
    const { key, text } = await apiKeys.create(operator, home.projectId, { name: 'from the terminal' });
    expect(key).toMatchObject({ created_by: null, created_by_label: 'uid:0', scopes: '["read"]', mode: 'live' });
    expect((await apiKeys.list(home.projectId, { limit: 1 })).rows).toMatchObject([{ id: key.id }]);
    expect(await resolve(text)).not.toBeNull();
    await apiKeys.revoke(operator, home.projectId, key.id);
    expect(await resolve(text)).toBeNull();
    const unknown = '00000000-0000-7000-8000-000000000000';
    await expect(apiKeys.create(operator, unknown, { name: 'k' })).rejects.toMatchObject({ status: 404 });
  });
});
