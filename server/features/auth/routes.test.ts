import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, register, signIn, signUp, takeProofBack } from '../../../test/people.ts';
import { manualClock } from '../../kernel/clock.ts';

const BETTER = 'seven quiet lanterns';

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  beforeAll(async () => {
    appliance = await open({ clock });
  });
  // Every test leaves the failures of the one test address behind it.
  beforeEach(() => clock.advance(25 * 3_600_000));

  const post = (url: string, body?: unknown, bearer?: string) =>
    appliance.request('POST', url, { ...(body === undefined ? {} : { body }), ...(bearer ? { bearer } : {}) });
  const userOf = (email: string) => appliance.services.auth.users.byEmail(operatorContext(appliance), email);
  const linkToken = async (purpose: 'reset' | 'verify', email: string) => {
    const context = operatorContext(appliance);
    const { operator } = appliance.services.auth;
    const link = purpose === 'reset' ? operator.resetLink(context, email) : operator.verifyLink(context, email);
    return new URL((await link).url).searchParams.get('token');
  };
  const activity = async (verb: string) =>
    appliance.kernel.databases.state.read.selectFrom('activity_outbox').selectAll().where('verb', '=', verb).execute();

  it('registers an address, unverified and in lower case', async () => {
    for (const body of [
      undefined,
      { email: 'new@example.com' },
      { email: 'no address', password: PASSWORD },
      { email: 'a\u0000b@example.com', password: PASSWORD },
      { email: 'new@example.com', password: PASSWORD, name: 'two\nlines' },
      { email: 'new@example.com', password: PASSWORD, name: 'N\u0000' },
      { email: 'new@example.com', password: 'short' },
      { email: 'new@example.com', password: 'password123' },
      { email: 'new@example.com', password: PASSWORD, admin: true },
    ]) {
      expect((await post('/auth/register', body)).status).toBe(400);
    }
    expect(await userOf('new@example.com')).toBeNull();

    const answer = await post('/auth/register', { email: ' New@Example.com', password: PASSWORD, name: 'New' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ status: 'registered', email: 'new@example.com', email_verified: false });
    expect(await userOf('new@example.com')).toMatchObject({ email_verified: false, status: 'active', name: 'New' });
    expect(await activity('user.register')).toHaveLength(1);
  });

  it('signs in with address and password only', async () => {
    await signUp(appliance, 'in@example.com', { name: 'Ina' });
    const wrong = await post('/auth/login', { email: 'in@example.com', password: BETTER });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({ code: 'INVALID_CREDENTIALS', reason: 'invalid_credentials' });
    expect((await post('/auth/login', { email: 'in@example.com' })).status).toBe(400);
    expect((await post('/auth/login', { email: 'in@example.com', password: ['x'] })).status).toBe(400);

    const answer = await post('/auth/login', { email: 'IN@example.com', password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_at: new Date(clock.now() + 12 * 3_600_000).toISOString(),
      user: {
        id: expect.any(String),
        email: 'in@example.com',
        name: 'Ina',
        email_verified: true,
        platform_admin: false,
      },
    });
    expect(answer.text).not.toContain('argon2');
  });

  it('tells who is signed in, hands out the CSRF token and says that the account is ready', async () => {
    for (const url of ['/auth/me', '/api/csrf-token', '/api/users/ensure']) {
      expect((await appliance.request('GET', url)).status).toBe(401);
      expect((await appliance.request('GET', url, { bearer: 'made.up.token' })).status).toBe(401);
    }
    const person = await signUp(appliance, 'me@example.com');
    expect((await person.request('GET', '/auth/me')).body).toMatchObject({ id: person.id, email: 'me@example.com' });
    expect((await person.request('GET', '/api/users/ensure')).body).toEqual({ ready: true, user_id: person.id });
    const again = await signIn(appliance, 'me@example.com');
    expect(again.csrf).not.toBe(person.csrf);
  });

  it('ends the session at logout, and no other one', async () => {
    const person = await signUp(appliance, 'out@example.com');
    const other = await signIn(appliance, 'out@example.com');
    expect((await post('/auth/logout')).status).toBe(401);
    expect((await post('/auth/logout', undefined, 'made.up.token')).status).toBe(401);
    expect((await person.request('GET', '/auth/me')).status).toBe(200);

    expect((await post('/auth/logout', undefined, person.token)).status).toBe(200);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
    expect((await post('/auth/logout', undefined, person.token)).status).toBe(401);
    expect((await other.request('GET', '/auth/me')).status).toBe(200);
  });

  it('changes the password, ends every session and opens a new one', async () => {
    const person = await signUp(appliance, 'change@example.com');
    const other = await signIn(appliance, 'change@example.com');
    const change = (current_password: string, new_password: string) =>
      person.request('POST', '/auth/change-password', { current_password, new_password });
    expect((await post('/auth/change-password', { current_password: PASSWORD, new_password: BETTER })).status).toBe(
      401,
    );
    expect((await change(BETTER, BETTER.toUpperCase())).status).toBe(401);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, PASSWORD)).body).toMatchObject({ reason: 'unchanged' });
    expect((await other.request('GET', '/auth/me')).status).toBe(200);

    const answer = await change(PASSWORD, BETTER);
    expect(answer.status).toBe(200);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
    expect((await other.request('GET', '/auth/me')).status).toBe(401);
    expect((await appliance.request('GET', '/auth/me', { bearer: answer.body.token })).status).toBe(200);
    expect((await post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401);
    expect((await post('/auth/login', { email: person.email, password: BETTER })).status).toBe(200);
  });

  it('sets a password with a reset link once, and ends every session', async () => {
    const person = await signUp(appliance, 'reset@example.com');
    await takeProofBack(appliance, person);
    const token = await linkToken('reset', person.email);
    const second = await linkToken('reset', person.email);
    const reset = (body: unknown) => post('/auth/reset-password', body);
    expect((await reset({ token: `cz_reset_${'0'.repeat(64)}`, new_password: BETTER })).status).toBe(400);
    expect((await reset({ token, new_password: 'short' })).body).toMatchObject({ reason: 'too_short' });
    expect((await reset({ token: await linkToken('verify', person.email), new_password: BETTER })).status).toBe(400);
    expect((await person.request('GET', '/auth/me')).body).toMatchObject({ email_verified: false });

    expect((await reset({ token, new_password: BETTER })).status).toBe(200);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
    expect(await userOf(person.email)).toMatchObject({ email_verified: true });
    for (const replayed of [token, second]) {
      const refused = await reset({ token: replayed, new_password: PASSWORD });
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ reason: 'link_not_usable' });
    }
    expect((await post('/auth/login', { email: person.email, password: BETTER })).status).toBe(200);
  });

  it('uses a link up once when it is sent many times at once', async () => {
    const { email } = await signUp(appliance, 'race@example.com');
    const token = await linkToken('reset', email);
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => post('/auth/reset-password', { token, new_password: `${BETTER} ${n}` })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400, 400, 400]);
  });

  it('lets links run out after 60 minutes', async () => {
    const { email } = await signUp(appliance, 'late@example.com');
    const token = await linkToken('reset', email);
    clock.advance(60 * 60_000);
    expect((await post('/auth/reset-password', { token, new_password: BETTER })).status).toBe(400);
  });

  it('verifies an address with its link and the password of its registration', async () => {
    const email = 'verify@example.com';
    await register(appliance, email);
    const token = await linkToken('verify', email);
    const verify = (body: unknown) => post('/auth/verify-email', body);
    expect((await verify({ token: 'cz_verify_0', password: PASSWORD })).status).toBe(400);
    expect((await verify({ token, password: BETTER })).status).toBe(401);
    expect(await userOf(email)).toMatchObject({ email_verified: false });

    expect((await verify({ token, password: PASSWORD })).status).toBe(200);
    const person = await signIn(appliance, email);
    expect((await person.request('GET', '/auth/me')).body).toMatchObject({ email_verified: true });
    expect((await verify({ token, password: PASSWORD })).status).toBe(400);
  });

  it('removes the own account only with typed address, password and CSRF token', async () => {
    const person = await signUp(appliance, 'gone@example.com');
    const other = await signUp(appliance, 'stays@example.com');
    const right = { email: 'gone@example.com', password: PASSWORD };
    expect((await appliance.request('DELETE', '/api/account', { body: right })).status).toBe(401);
    expect((await appliance.request('DELETE', '/api/account', { body: right, bearer: person.token })).status).toBe(403);
    const foreign = { body: right, bearer: person.token, csrf: other.csrf };
    expect((await appliance.request('DELETE', '/api/account', foreign)).status).toBe(403);
    expect((await person.request('DELETE', '/api/account', { ...right, email: other.email })).status).toBe(400);
    expect((await person.request('DELETE', '/api/account', { ...right, password: BETTER })).status).toBe(401);
    expect((await person.request('DELETE', '/api/account', { email: right.email })).status).toBe(401);
    expect(await userOf(person.email)).not.toBeNull();

    expect((await person.request('DELETE', '/api/account', right)).status).toBe(200);
    expect(await userOf(person.email)).toBeNull();
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
    expect((await other.request('GET', '/auth/me')).status).toBe(200);
    expect((await activity('user.remove')).at(-1)).toMatchObject({ target_id: person.id, actor_id: person.id });
  });

  it('keeps an account with everything when a feature refuses its removal', async () => {
    const person = await signUp(appliance, 'needed@example.com');
    const seen: string[] = [];
    appliance.services.auth.onRemove(async (trx, user, { context }) => {
      if (user.email !== 'needed@example.com') return;
      await trx.deleteFrom('sessions').where('user_id', '=', user.id).execute();
      seen.push(`${user.id} by ${context.actor.kind}`);
      throw Object.assign(new Error('still needed'), { statusCode: 409 });
    });
    const answer = await person.request('DELETE', '/api/account', { email: person.email, password: PASSWORD });
    expect(answer.status).toBe(409);
    expect(seen).toEqual([`${person.id} by user`]);
    expect((await person.request('GET', '/auth/me')).status).toBe(200);
  });
});
