import { createHmac, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, type Person, signIn, signUp, signUpAdmin, takeProofBack } from '../../../test/people.ts';
import { manualClock } from '../../kernel/clock.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  beforeAll(async () => {
    appliance = await open({ clock, settings: { CZ_ADMIN_EMAILS: 'root@example.com' } });
  });

  const status = async (bearer: string) => (await appliance.request('GET', '/auth/me', { bearer })).status;

  describe('tokens', () => {
    it('count only when this appliance signed them, unchanged', async () => {
      const person = await signUp(appliance, 'token@example.com');
      const [header, payload, signature] = person.token.split('.') as [string, string, string];
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const foreign = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' });
      const hs512 = createHmac('sha512', randomBytes(32)).update('x').digest('base64url');
      const forgeries = {
        'no algorithm': `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
        'no algorithm, old signature': `${part({ alg: 'none' })}.${payload}.${signature}`,
        'another algorithm': `${part({ alg: 'HS512', typ: 'JWT' })}.${payload}.${hs512}`,
        'another key': await foreign.sign(randomBytes(32)),
        'another person': `${header}.${part({ ...claims, sub: randomBytes(16).toString('hex') })}.${signature}`,
        'a longer life': `${header}.${part({ ...claims, exp: claims.exp + 9_999 })}.${signature}`,
        'a cut signature': `${header}.${payload}.${signature.slice(0, -2)}`,
        'no signature': `${header}.${payload}`,
        'a huge text': `${header}.${payload}.${'A'.repeat(10_000)}`,
        'the session id': claims.jti,
      };
      for (const [name, token] of Object.entries(forgeries)) expect([name, await status(token)]).toEqual([name, 401]);
      expect(await status(person.token)).toBe(200);
    });

    it('of another appliance do not count', async () => {
      const other = await open({ clock });
      const person = await signUp(other, 'token@example.com');
      expect(await status(person.token)).toBe(401);
    });

    it('signed with the right key but for something else do not count', async () => {
      const person = await signUp(appliance, 'audience@example.com');
      const { sessions } = appliance.services.auth;
      const [, payload] = person.token.split('.') as [string, string];
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const stale = { id: claims.jti, userId: person.id, issuedAt: 0, expiresAt: clock.now() - 1_000 };
      expect(await status(await sessions.sign(stale))).toBe(401);
      const somebody = { ...stale, userId: 'somebody', expiresAt: clock.now() + 1_000 };
      expect(await status(await sessions.sign(somebody))).toBe(401);
      const unknown = { ...stale, id: 'unknown', expiresAt: clock.now() + 1_000 };
      expect(await status(await sessions.sign(unknown))).toBe(401);
    });
  });

  it('end after the configured hours', async () => {
    const person = await signUp(appliance, 'hours@example.com');
    clock.advance(12 * 3_600_000 - 2_000);
    expect(await status(person.token)).toBe(200);
    clock.advance(2_000);
    expect(await status(person.token)).toBe(401);
  });

  it('end at once when the account is disabled, and stay ended when it is enabled again', async () => {
    const person = await signUp(appliance, 'off@example.com');
    const { users } = appliance.services.auth;
    const context = operatorContext(appliance);
    expect(await status(person.token)).toBe(200);
    expect(await users.setStatus(context, person.id, 'disabled')).toMatchObject({ status: 'disabled' });
    expect(await status(person.token)).toBe(401);
    await expect(signIn(appliance, person.email)).rejects.toThrow('got 401');
    await users.setStatus(context, person.id, 'active');
    expect(await status(person.token)).toBe(401);
    await signIn(appliance, person.email);
  });

  it('that a restore brought back do not count', async () => {
    const person = await signUp(appliance, 'restored@example.com');
    const link = await appliance.services.auth.operator.resetLink(operatorContext(appliance), person.email);
    await appliance.kernel.databases.state.write(async (trx, { publish }) => {
      await trx.updateTable('epoch').set({ epoch: 2 }).execute();
      await publish('auth.sessions', 'all');
    });
    expect(await status(person.token)).toBe(401);
    const token = new URL(link.url).searchParams.get('token');
    const reset = { body: { token, new_password: 'seven quiet lanterns' } };
    expect((await appliance.request('POST', '/auth/reset-password', reset)).status).toBe(400);
  });

  it('are accepted from the cookie, where a change needs the CSRF token', async () => {
    const person = await signUp(appliance, 'cookie@example.com');
    const headers = { cookie: `theme=dark; cz_session=${person.token}` };
    expect((await appliance.request('GET', '/auth/me', { headers })).status).toBe(200);
    const body = { email: person.email, password: 'x' };
    expect((await appliance.request('DELETE', '/api/account', { headers, body })).body).toMatchObject({
      code: 'CSRF_TOKEN_INVALID',
    });
  });

  it('note when they were last used, in batches', async () => {
    const person = await signUp(appliance, 'seen@example.com');
    clock.advance(5_000);
    await person.request('GET', '/auth/me');
    const seenAt = async () => {
      const { read } = appliance.kernel.databases.state;
      const row = await read
        .selectFrom('sessions')
        .select('last_seen_at')
        .where('user_id', '=', person.id)
        .executeTakeFirstOrThrow();
      return row.last_seen_at;
    };
    expect(await seenAt()).toBe(clock.now() - 5_000);
    await appliance.services.auth.flush();
    expect(await seenAt()).toBe(clock.now());
  });

  it('are removed from the store some time after they ended, with links and failures', async () => {
    const { read } = appliance.kernel.databases.state;
    const stored = async () =>
      Promise.all(
        (['sessions', 'one_time_links', 'sign_in_failures'] as const).map(async (table) => {
          const rows = await read
            .selectFrom(table)
            .select(({ fn }) => fn.countAll().as('count'))
            .execute();
          return Number(rows[0]?.count) > 0;
        }),
      );
    await signUp(appliance, 'purged@example.com');
    await expect(signIn(appliance, 'purged@example.com', 'wrong')).rejects.toThrow('got 401');
    await appliance.services.auth.purge();
    expect(await stored()).toEqual([true, true, true]);
    clock.advance(49 * 3_600_000);
    await appliance.services.auth.purge();
    expect(await stored()).toEqual([false, false, false]);
  });

  describe('platform admins', () => {
    const isAdmin = async (person: Person) => (await person.request('GET', '/auth/me')).body.platform_admin;

    it('are verified addresses of the configuration', async () => {
      const root = await signUp(appliance, 'root@example.com');
      expect(await isAdmin(root)).toBe(true);
      await takeProofBack(appliance, root);
      expect(await isAdmin(root)).toBe(false);
      const { operator, registration } = appliance.services.auth;
      const link = await operator.verifyLink(operatorContext(appliance), 'root@example.com');
      const token = new URL(link.url).searchParams.get('token') ?? '';
      await registration.verify(operatorContext(appliance), token, 'violet tram kettle');
      expect(await isAdmin(root)).toBe(true);
      await expect(
        appliance.services.auth.admins.remove(operatorContext(appliance), 'root@example.com'),
      ).rejects.toMatchObject({ status: 409, code: 'ADMIN_FROM_CONFIGURATION' });
    });

    it('gain and lose the right at once with their place on the list', async () => {
      const { admins } = appliance.services.auth;
      const context = operatorContext(appliance);
      const person = await signUp(appliance, 'soon@example.com');
      expect(await isAdmin(person)).toBe(false);
      await admins.add(context, 'Soon@example.com');
      await expect(admins.add(context, 'soon@example.com')).rejects.toMatchObject({ status: 409 });
      expect(await isAdmin(person)).toBe(true);
      expect(await admins.list(context)).toMatchObject([
        { email: 'root@example.com', source: 'configuration' },
        { email: 'soon@example.com', source: 'list' },
      ]);
      await admins.remove(context, 'soon@example.com');
      expect(await isAdmin(person)).toBe(false);
      await expect(admins.remove(context, 'soon@example.com')).rejects.toMatchObject({ status: 404 });
    });

    it('lose their place on the list with their account', async () => {
      const admin = await signUpAdmin(appliance, 'leaving@example.com');
      expect(await isAdmin(admin)).toBe(true);
      await appliance.services.auth.users.remove(operatorContext(appliance), admin.id);
      const again = await signUp(appliance, 'leaving@example.com');
      expect(await isAdmin(again)).toBe(false);
    });
  });
});
