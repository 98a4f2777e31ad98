import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, signIn, signUp } from '../../../test/people.ts';
import { manualClock } from '../../kernel/clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  beforeAll(async () => {
    // The caller's address comes from the proxy header, so that a test can be many callers.
    appliance = await open({ clock, settings: { CZ_TRUSTED_PROXIES: '127.0.0.0/8' } });
  });
  beforeEach(() => clock.advance(2 * DAY));

  const login = (email: string, password: string, from = '198.51.100.7') =>
    appliance.request('POST', '/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': from } });
  const visible = ({ status, body, headers }: Awaited<ReturnType<typeof login>>) => {
    const { request_id: _, ...rest } = body;
    return { status, body: rest, retryAfter: headers['retry-after'] };
  };

  describe('of one account', () => {
    it('slows guessing down after ten failures and answers a right password like a wrong one', async () => {
      const { email } = await signUp(appliance, 'slow@example.com');
      for (let n = 0; n < 10; n += 1) expect((await login(email, 'wrong', `198.51.100.${n}`)).status).toBe(401);
      const wrong = await login(email, 'wrong', '198.51.100.20');
      expect(wrong.status).toBe(429);
      expect(wrong.headers['retry-after']).toBe('1');
      expect(visible(await login(email, PASSWORD, '198.51.100.21'))).toEqual(visible(wrong));
      clock.advance(1_000);
      expect((await login(email, PASSWORD, '198.51.100.21')).status).toBe(200);
    });

    it('doubles the wait up to five minutes and never locks out for ever', async () => {
      const { email } = await signUp(appliance, 'ever@example.com');
      for (let n = 0; n < 9; n += 1) await login(email, 'wrong', `203.0.113.${n}`);
      const waits: number[] = [];
      for (let n = 0; n < 11; n += 1) {
        expect((await login(email, 'wrong', `203.0.113.${50 + n}`)).status).toBe(401);
        const refused = await login(email, PASSWORD, `203.0.113.${100 + n}`);
        expect(refused.status).toBe(429);
        waits.push(Number(refused.headers['retry-after']));
        clock.advance(waits.at(-1)! * 1_000);
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
      expect((await login(email, PASSWORD)).status).toBe(200);
    });

    it('forgets the failures after a right password and after a day', async () => {
      const { email } = await signUp(appliance, 'forget@example.com');
      const fail = async (times: number) => {
        for (let n = 0; n < times; n += 1) expect((await login(email, 'wrong', `192.0.2.${n}`)).status).toBe(401);
      };
      await fail(9);
      expect((await login(email, PASSWORD)).status).toBe(200);
      await fail(10);
      expect((await login(email, PASSWORD)).status).toBe(429);
      clock.advance(DAY);
      await fail(10);
    });

    it('forgets the failures when the owner sets a new password with a link', async () => {
      const { email } = await signUp(appliance, 'owner@example.com');
      for (let n = 0; n < 10; n += 1) await login(email, 'wrong', `192.0.2.${n}`);
      const { url } = await appliance.services.auth.operator.resetLink(operatorContext(appliance), email);
      const body = { token: new URL(url).searchParams.get('token'), new_password: 'seven quiet lanterns' };
      expect((await appliance.request('POST', '/auth/reset-password', { body })).status).toBe(200);
      await signIn(appliance, email, 'seven quiet lanterns');
    });

    it('lets no more guesses through side by side than one after the other', async () => {
      const { email } = await signUp(appliance, 'burst@example.com');
      const guesses = Array.from({ length: 30 }, (_, n) => login(email, `guess ${n}`, `192.0.2.${n}`));
      const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    });

    it('does not wait on after the clock was set back', async () => {
      const { email } = await signUp(appliance, 'back@example.com');
      for (let n = 0; n < 10; n += 1) await login(email, 'wrong', `192.0.2.${n}`);
      clock.advance(-DAY);
      expect((await login(email, PASSWORD)).status).toBe(200);
      clock.advance(DAY);
    });
  });

  it('answers an unknown address exactly like a known one, through every wait', async () => {
    await signUp(appliance, 'known@example.com');
    for (let n = 0; n < 12; n += 1) {
      const known = await login('known@example.com', 'wrong', `198.51.100.${n}`);
      const unknown = await login('unknown@example.com', 'wrong', `203.0.113.${n}`);
      expect(visible(unknown)).toEqual(visible(known));
    }
  });

  it('slows one network address down over all accounts, but nobody else', async () => {
    const { email } = await signUp(appliance, 'victim@example.com');
    const from = '2001:db8:1:2:aaaa::1';
    for (let n = 0; n < 30; n += 1) expect((await login(`guess${n}@example.com`, 'wrong', from)).status).toBe(401);
    expect((await login(email, PASSWORD, from)).status).toBe(429);
    expect((await login(email, PASSWORD, '2001:db8:1:2:bbbb::2')).status).toBe(429);
    expect((await login(email, PASSWORD, '2001:db8:1:3::1')).status).toBe(200);
  });

  it('stores no address that was typed', async () => {
    await login('typed-by-mistake@example.com', 'wrong');
    const rows = await appliance.kernel.databases.state.read.selectFrom('sign_in_failures').selectAll().execute();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('typed-by-mistake');
  });
});
