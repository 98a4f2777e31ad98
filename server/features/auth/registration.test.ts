import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { Answer, TestAppliance } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/inbox.ts';
import { operatorContext, PASSWORD, signUp } from '../../../test/people.ts';
import { manualClock } from '../../kernel/clock.ts';

const SETTINGS = { CZ_PUBLIC_URL: 'https://cz.test' };

/** What a caller can tell answers apart by. */
const visible = ({ status, headers, text, body }: Answer) => ({
  status,
  text: text.replaceAll(/"email":"[^"]*"/g, '').replace(body.request_id, ''),
  headers: { ...headers, date: '', 'x-request-id': '', 'content-length': '' },
});

describeEachAppliance((open) => {
  const clock = manualClock();
  let inbox: Inbox;
  let appliance: TestAppliance;
  let unmailed: TestAppliance;
  beforeAll(async () => {
    inbox = await openInbox();
    appliance = await open({ clock, settings: { ...SETTINGS, CZ_SMTP_URL: inbox.url } });
    unmailed = await open({ clock, settings: SETTINGS });
  });
  afterAll(() => inbox.close());
  beforeEach(async () => {
    await appliance.services.mail.drain();
    inbox.messages.length = 0;
    clock.advance(2 * 3_600_000);
  });

  const register = (email: string, password = PASSWORD, at = appliance) =>
    at.request('POST', '/auth/register', { body: { email, password } });
  const requestReset = (email: string, at = appliance) =>
    at.request('POST', '/auth/request-reset', { body: { email } });
  const mailed = async (address: string) => {
    await appliance.services.mail.drain();
    return inbox.to(address).text;
  };
  const tokenIn = (text: string) => /\?token=(\w+)/.exec(text)?.[1];

  it('mails a verification link of the configured address, whatever the Host header says', async () => {
    const body = { email: 'mail@example.com', password: PASSWORD, name: 'Mai' };
    const answer = await appliance.request('POST', '/auth/register', { body, headers: { host: 'evil.test' } });
    expect(answer.body.message).toContain('sent to this address');
    const text = await mailed('mail@example.com');
    expect(text).not.toContain('Mai');
    expect(text).toMatch(/https:\/\/cz\.test\/ui\/verify\?token=cz_verify_[0-9a-f]{64}/);
    expect(text).not.toContain('evil.test');
    const proof = { token: tokenIn(text), password: PASSWORD };
    expect((await appliance.request('POST', '/auth/verify-email', { body: proof })).status).toBe(200);
  });

  it('answers a known address like a new one, changes nothing and tells its owner', async () => {
    const person = await signUp(appliance, 'known@example.com');
    const known = await register('Known@example.com', 'seven quiet lanterns');
    const fresh = await register('fresh@example.com', 'seven quiet lanterns');
    expect(visible(known)).toEqual(visible(fresh));
    expect(await mailed('known@example.com')).toContain('it has an account there');
    expect(await mailed('fresh@example.com')).toContain('/ui/verify?token=');
    expect((await person.request('GET', '/auth/me')).status).toBe(200);
    const stolen = { email: 'known@example.com', password: 'seven quiet lanterns' };
    expect((await appliance.request('POST', '/auth/login', { body: stolen })).status).toBe(401);
  });

  it('makes one account of many registrations at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((n) => register('twice@example.com', `${PASSWORD} ${n}`)));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201]);
    await appliance.services.mail.drain();
    const token = inbox.messages.map(({ text }) => tokenIn(text)).find((sent) => sent !== undefined);
    const proofs = await Promise.all(
      [1, 2, 3, 4].map((n) => {
        const body = { token, password: `${PASSWORD} ${n}` };
        return appliance.request('POST', '/auth/verify-email', { body });
      }),
    );
    expect(proofs.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('is not told apart by signing in with what was registered, however often', async () => {
    await signUp(appliance, 'owner@example.com');
    const guessed = 'seven quiet lanterns';
    const tries = async (email: string) => {
      const answers = [visible(await register(email, guessed))];
      for (let n = 0; n < 12; n += 1)
        answers.push(visible(await appliance.request('POST', '/auth/login', { body: { email, password: guessed } })));
      return answers;
    };
    const taken = await tries('owner@example.com');
    const free = await tries('nobody@example.com');
    expect(taken).toEqual(free);
    expect(new Set(taken.map(({ status }) => status))).toEqual(new Set([201, 401, 429]));
  });

  it('lets who registered sign in at once where nothing is mailed, with an address that confers nothing', async () => {
    expect((await register('offline@example.com', PASSWORD, unmailed)).status).toBe(201);
    const body = { email: 'offline@example.com', password: PASSWORD };
    const answer = await unmailed.request('POST', '/auth/login', { body });
    expect(answer.status).toBe(200);
    expect(answer.body.user).toMatchObject({ email_verified: false, platform_admin: false });
  });

  it('does not let the link alone confirm an account that somebody else registered', async () => {
    const signIn = () =>
      appliance.request('POST', '/auth/login', { body: { email: 'target@example.com', password: PASSWORD } });
    expect((await register('target@example.com')).status).toBe(201);
    const token = tokenIn(await mailed('target@example.com'));
    const verify = (password: string) => appliance.request('POST', '/auth/verify-email', { body: { token, password } });
    expect((await verify('what the owner would type')).status).toBe(401);
    expect((await signIn()).status).toBe(401);

    inbox.messages.length = 0;
    await requestReset('target@example.com');
    const reset = { token: tokenIn(await mailed('target@example.com')), new_password: 'seven quiet lanterns' };
    expect((await appliance.request('POST', '/auth/reset-password', { body: reset })).status).toBe(200);
    expect((await signIn()).status).toBe(401);
    expect((await verify(PASSWORD)).status).toBe(400);
  });

  it('answers reset requests for known, unknown and disabled addresses alike', async () => {
    await signUp(appliance, 'forgot@example.com');
    const disabled = await signUp(appliance, 'disabled@example.com');
    await appliance.services.auth.users.setStatus(operatorContext(appliance), disabled.id, 'disabled');
    await appliance.services.mail.drain();
    inbox.messages.length = 0;
    const known = visible(await requestReset('forgot@example.com'));
    expect(known.status).toBe(202);
    expect(visible(await requestReset('unknown@example.com'))).toEqual(known);
    expect(visible(await requestReset('disabled@example.com'))).toEqual(known);
    expect(await mailed('forgot@example.com')).toMatch(/\/ui\/reset\?token=cz_reset_/);
    expect(inbox.messages).toHaveLength(1);
    expect((await requestReset('no address')).status).toBe(400);
  });

  it('gives one account at most five reset links an hour, and answers alike', async () => {
    await signUp(appliance, 'flood@example.com');
    const answers = [];
    for (let n = 0; n < 7; n += 1) answers.push(visible(await requestReset('flood@example.com')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const pending = await appliance.services.auth.links.pending(operatorContext(appliance));
    expect(pending.filter((link) => link.email === 'flood@example.com' && link.purpose === 'reset')).toHaveLength(5);
  });

  it('tells the owner that the password was changed', async () => {
    const person = await signUp(appliance, 'tell@example.com');
    inbox.messages.length = 0;
    const body = { current_password: PASSWORD, new_password: 'seven quiet lanterns' };
    expect((await person.request('POST', '/auth/change-password', body)).status).toBe(200);
    expect(await mailed('tell@example.com')).toContain('was changed');
  });

  it('keeps the link for the operator when no mail is sent', async () => {
    const answer = await register('kept@example.com', PASSWORD, unmailed);
    expect(answer.body.message).toContain('Ask the operator');
    const { links } = unmailed.services.auth;
    const context = operatorContext(unmailed);
    const pending = (await links.pending(context)).find((link) => link.email === 'kept@example.com');
    expect(pending).toMatchObject({ purpose: 'verify', expires_at: new Date(clock.now() + 3_600_000).toISOString() });
    expect(JSON.stringify(pending)).not.toContain('cz_verify_');

    const issued = await links.reissue(context, pending!.id);
    await expect(links.reissue(context, pending!.id)).rejects.toMatchObject({ status: 404 });
    const proof = { token: new URL(issued.url).searchParams.get('token'), password: PASSWORD };
    expect((await unmailed.request('POST', '/auth/verify-email', { body: proof })).status).toBe(200);
    expect((await links.pending(context)).filter((link) => link.email === 'kept@example.com')).toEqual([]);
  });

  describe('by mode', () => {
    const openMode = (mode: string) => open({ clock, settings: { ...SETTINGS, CZ_REGISTRATION: mode } });

    it('is refused with the reason when it is closed', async () => {
      const closed = await openMode('closed');
      const answer = await register('nobody@example.com', PASSWORD, closed);
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject({ reason: 'registration_closed' });
      expect((await closed.services.auth.users.list(operatorContext(closed), { limit: 10 })).users).toEqual([]);
    });

    it('is for invited addresses only when it is by invite', async () => {
      const invite = await openMode('invite');
      const asked: string[] = [];
      invite.services.auth.useInvites({
        hasPending: async (email) => {
          asked.push(email);
          return email === 'invited@example.com';
        },
      });
      const refused = await register('uninvited@example.com', PASSWORD, invite);
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ reason: 'invite_required' });
      expect((await register('Invited@example.com', PASSWORD, invite)).status).toBe(201);
      expect(asked).toEqual(['uninvited@example.com', 'invited@example.com']);
    });
  });
});
