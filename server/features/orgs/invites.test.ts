import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/inbox.ts';
import {
  operatorContext,
  PASSWORD,
  type Person,
  signIn,
  signUp,
  signUpAdmin,
  takeProofBack,
} from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';

const DAY = 86_400_000;

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  let home: Tenant;
  let admin: Person;
  let member: Person;
  let stranger: Person;
  let number = 0;
  let address: string;
  beforeAll(async () => {
    appliance = await open({ clock });
    home = await openTenant(appliance, 'home');
    admin = await joinTenant(appliance, home.orgId, 'admin');
    member = await joinTenant(appliance, home.orgId, 'member');
    stranger = (await openTenant(appliance, 'elsewhere')).owner;
  });
  beforeEach(() => {
    number += 1;
    address = `guest${number}@example.com`;
  });

  const inviteUrl = () => `/api/orgs/${home.orgId}/members/invite`;
  const invitesUrl = () => `/api/orgs/${home.orgId}/invites`;
  const invite = async (email: string, role: string, by = admin) => {
    const answer = await by.request('POST', inviteUrl(), { email, role });
    expect(answer.status).toBe(201);
    return { id: answer.body.id as string, token: new URL(answer.body.accept_url).searchParams.get('token') };
  };
  const outstanding = async () => (await home.owner.request('GET', invitesUrl())).body.invites;

  it('invites an address and gives the link to the inviter when no mail is sent', async () => {
    const body = { email: ` ${address.toUpperCase()} `, role: 'analyst' };
    expect((await appliance.request('POST', inviteUrl(), { body })).status).toBe(401);
    expect((await appliance.request('POST', inviteUrl(), { body, bearer: admin.token })).status).toBe(403);
    expect((await member.request('POST', inviteUrl(), body)).status).toBe(403);
    expect((await stranger.request('POST', inviteUrl(), body)).status).toBe(403);
    for (const wrong of [
      {},
      { email: 'nobody' },
      { email: 'a\u0000@example.com' },
      { email: address, role: 'king' },
      { email: address, extra: 1 },
    ]) {
      expect((await admin.request('POST', inviteUrl(), wrong)).status).toBe(400);
    }
    for (const role of ['admin', 'owner']) {
      expect((await admin.request('POST', inviteUrl(), { email: address, role })).status).toBe(403);
    }
    const already = await admin.request('POST', inviteUrl(), { email: member.email });
    expect([already.status, already.body.code]).toEqual([409, 'ALREADY_MEMBER']);
    expect(await outstanding()).toEqual([]);

    const answer = await admin.request('POST', inviteUrl(), body);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({ email: address, role: 'analyst', invited_by: admin.email });
    expect(answer.body.accept_url).toMatch(/\/ui\/invite\?token=cz_invite_[0-9a-f]{64}$/);
    expect(await outstanding()).toMatchObject([{ id: answer.body.id, email: address }]);
    expect((await member.request('GET', invitesUrl())).status).toBe(403);
    expect((await home.owner.request('GET', invitesUrl())).text).not.toContain('cz_invite_');
    expect(JSON.stringify(await activityOf(appliance, 'member.invite'))).not.toContain('cz_invite_');
    await admin.request('DELETE', `${invitesUrl()}/${answer.body.id}`);
  });

  it('is accepted once, by the owner of the invited address, when the address is verified', async () => {
    const { token } = await invite(address, 'analyst');
    const accept = (person: Person, body: unknown = { token }) => person.request('POST', '/invites/accept', body);
    expect((await appliance.request('POST', '/invites/accept', { body: { token } })).status).toBe(401);
    const other = await accept(stranger);
    expect([other.status, other.body.reason]).toEqual([403, 'other_address']);
    const guest = await signUp(appliance, address);
    await takeProofBack(appliance, guest);
    const early = await accept(guest);
    expect([early.status, early.body.reason]).toEqual([403, 'email_not_verified']);
    expect((await guest.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(403);
    expect(await outstanding()).toHaveLength(1);

    const verified = await verify(guest);
    expect(
      (await appliance.request('POST', '/invites/accept', { body: { token }, bearer: verified.token })).status,
    ).toBe(403);
    for (const body of [{}, { token: '' }, { token: 'cz_invite_nothing' }]) {
      expect((await accept(verified, body)).status).toBe(400);
    }
    const accepted = await accept(verified);
    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({
      org: { id: home.orgId, role: 'analyst' },
      member: { user_id: guest.id, role: 'analyst', email: address },
    });
    expect((await verified.request('GET', `/api/orgs/${home.orgId}`)).body.role).toBe('analyst');
    expect(await outstanding()).toEqual([]);
    const again = await accept(verified);
    expect([again.status, again.body.reason]).toEqual([400, 'invite_ended']);
  });

  it('is accepted only once when it is sent twice at the same time', async () => {
    const { token } = await invite(address, 'member');
    const guest = await signUp(appliance, address);
    const answers = await Promise.all([1, 2].map(() => guest.request('POST', '/invites/accept', { token })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
  });

  it('ends when it is taken back, replaced or older than seven days', async () => {
    const guest = await signUp(appliance, address);
    const accept = async (token: string | null) => (await guest.request('POST', '/invites/accept', { token })).status;
    const taken = await invite(address, 'member');
    expect((await member.request('DELETE', `${invitesUrl()}/${taken.id}`)).status).toBe(403);
    expect((await stranger.request('DELETE', `${invitesUrl()}/${taken.id}`)).status).toBe(403);
    expect((await admin.request('DELETE', `${invitesUrl()}/${taken.id}`)).status).toBe(204);
    expect((await admin.request('DELETE', `${invitesUrl()}/${taken.id}`)).status).toBe(404);
    expect(await accept(taken.token)).toBe(400);

    const replaced = await invite(address, 'member');
    const late = await invite(address, 'analyst');
    expect(await outstanding()).toHaveLength(1);
    expect(await accept(replaced.token)).toBe(400);
    expect(await appliance.services.orgs.invites.hasPending(address)).toBe(true);
    clock.advance(7 * DAY);
    const again = await signInAgain(guest);
    expect((await again.request('POST', '/invites/accept', { token: late.token })).status).toBe(400);
    expect(await appliance.services.orgs.invites.hasPending(address)).toBe(false);
    home.owner = await signInAgain(home.owner);
    expect(await outstanding()).toEqual([]);
    admin = await signInAgain(admin);
    member = await signInAgain(member);
    stranger = await signInAgain(stranger);
  });

  it('does not come back with a restored database', async () => {
    const { token } = await invite(address, 'member');
    const guest = await signUp(appliance, address);
    await appliance.kernel.databases.state.write((trx) =>
      trx
        .updateTable('epoch')
        .set((set) => ({ epoch: set('epoch', '+', 1), reason: 'restored' }))
        .execute(),
    );
    expect(await appliance.services.orgs.invites.hasPending(address)).toBe(false);
    await expect(appliance.services.orgs.invites.preview(token ?? '')).rejects.toMatchObject({ status: 400 });
    const records = await activityOf(appliance, 'invite.accept');
    expect(records.filter((row) => row.actor_id === guest.id)).toEqual([]);
    await appliance.kernel.databases.state.write((trx) =>
      trx
        .updateTable('epoch')
        .set((set) => ({ epoch: set('epoch', '-', 1) }))
        .execute(),
    );
  });

  it('is for owners when it makes an admin, and only owners take that back', async () => {
    const { id } = await invite(address, 'admin', home.owner);
    expect((await admin.request('DELETE', `${invitesUrl()}/${id}`)).status).toBe(403);
    expect((await home.owner.request('DELETE', `${invitesUrl()}/${id}`)).status).toBe(204);
  });

  async function verify(person: Person): Promise<Person> {
    const { url } = await appliance.services.auth.operator.verifyLink(operatorContext(appliance), person.email);
    const token = new URL(url).searchParams.get('token');
    await appliance.request('POST', '/auth/verify-email', { body: { token, password: PASSWORD } });
    return signIn(appliance, person.email);
  }
  function signInAgain(person: Person): Promise<Person> {
    return signIn(appliance, person.email);
  }
});

describeEachAppliance((open) => {
  let inbox: Inbox;
  let appliance: TestAppliance;
  let home: Tenant;
  beforeAll(async () => {
    inbox = await openInbox();
    appliance = await open({
      settings: { CZ_SMTP_URL: inbox.url, CZ_REGISTRATION: 'open', CZ_HOSTNAME: 'control.example.com' },
    });
    home = await openTenant(appliance, 'mailed');
  });
  afterAll(() => inbox.close());

  it('mails the link to the invited address and keeps it from the inviter', async () => {
    const url = `/api/orgs/${home.orgId}/members/invite`;
    const answer = await home.owner.request('POST', url, { email: 'grace@example.com', role: 'analyst' });
    expect(answer.body.accept_url).toBeNull();
    await expect.poll(() => inbox.messages.some((message) => message.to.includes('grace@example.com'))).toBe(true);
    const { text } = inbox.to('grace@example.com');
    expect(text).toContain('mailed');
    expect(text).toContain('analyst');
    const link = /http\S+\/ui\/invite\?token=(cz_invite_[0-9a-f]{64})/.exec(text);
    expect(link?.[0]).toContain('control.example.com');
    const grace = await signUp(appliance, 'grace@example.com');
    expect((await grace.request('POST', '/invites/accept', { token: link?.[1] })).status).toBe(200);
  });

  it('sends no mail in the name of somebody whose own address is not verified', async () => {
    const unproved = await signUp(appliance, 'unproved@example.com');
    await takeProofBack(appliance, unproved);
    const org = (await unproved.request('POST', '/api/orgs', { name: 'Prize! Click here' })).body;
    const answer = await unproved.request('POST', `/api/orgs/${org.id}/members/invite`, {
      email: 'victim@example.com',
    });
    expect([answer.status, answer.body.reason]).toEqual([403, 'email_not_verified']);
    expect((await unproved.request('GET', `/api/orgs/${org.id}/invites`)).body.invites).toEqual([]);
  });
});

describeEachAppliance((open) => {
  it('lets an invited address register where registration is by invite, and nobody else', async () => {
    const appliance = await open({ settings: { CZ_REGISTRATION: 'invite' } });
    const owner = await signUpAdmin(appliance, 'owner@example.com');
    const org = (await owner.request('POST', '/api/orgs', { name: 'Closed circle' })).body;
    const register = async (email: string) =>
      (await appliance.request('POST', '/auth/register', { body: { email, password: PASSWORD } })).status;
    expect(await register('grace@example.com')).toBe(403);
    const url = `/api/orgs/${org.id}/members/invite`;
    const { accept_url } = (await owner.request('POST', url, { email: 'Grace@example.com' })).body;
    expect(await register('stranger@example.com')).toBe(403);
    const grace = await signUp(appliance, 'grace@example.com');
    const token = new URL(accept_url).searchParams.get('token');
    expect((await grace.request('POST', '/invites/accept', { token })).status).toBe(200);
  });
});
