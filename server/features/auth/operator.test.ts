import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, signIn, signUp, takeProofBack } from '../../../test/people.ts';
import type { RequestContext } from '../../kernel/request-context.ts';

const BETTER = 'seven quiet lanterns';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let context: RequestContext;
  beforeAll(async () => {
    appliance = await open({ settings: { CZ_ADMIN_EMAILS: 'root@example.com' } });
    context = operatorContext(appliance);
  });
  const auth = () => appliance.services.auth;
  const tokenOf = (link: { url: string }) => new URL(link.url).searchParams.get('token');
  const setPassword = (token: string | null, new_password: string) =>
    appliance.request('POST', '/auth/reset-password', { body: { token, new_password } });

  describe('bootstrapping an admin', () => {
    it('makes a verified platform admin who can sign in', async () => {
      const account = { email: 'First@example.com', password: PASSWORD, name: 'First' };
      await expect(auth().operator.bootstrapAdmin(context, { ...account, password: 'short' })).rejects.toMatchObject({
        status: 400,
      });
      expect(await auth().users.byEmail(context, 'first@example.com')).toBeNull();
      expect(await auth().operator.bootstrapAdmin(context, account)).toMatchObject({
        email: 'first@example.com',
        email_verified: true,
        platform_admin: true,
      });
      const person = await signIn(appliance, 'first@example.com');
      expect((await person.request('GET', '/auth/me')).body).toMatchObject({ platform_admin: true });
    });

    it('refuses an address with a verified account and changes nothing', async () => {
      const person = await signUp(appliance, 'taken@example.com');
      const account = { email: 'taken@example.com', password: BETTER, name: '' };
      await expect(auth().operator.bootstrapAdmin(context, account)).rejects.toMatchObject({ code: 'ACCOUNT_EXISTS' });
      expect((await person.request('GET', '/auth/me')).body).toMatchObject({ platform_admin: false });
      await signIn(appliance, 'taken@example.com', PASSWORD);
    });

    it('takes over an unverified account and ends what its registrant had', async () => {
      const squatter = await signUp(appliance, 'squat@example.com');
      await takeProofBack(appliance, squatter);
      const link = await auth().operator.verifyLink(context, 'squat@example.com');
      await auth().operator.bootstrapAdmin(context, { email: 'squat@example.com', password: BETTER, name: 'Owner' });
      expect((await squatter.request('GET', '/auth/me')).status).toBe(401);
      const body = { token: tokenOf(link), password: PASSWORD };
      expect((await appliance.request('POST', '/auth/verify-email', { body })).status).toBe(400);
      await signIn(appliance, 'squat@example.com', BETTER);
    });
  });

  describe('a set-up link', () => {
    it('is made for admin addresses only', async () => {
      await expect(auth().operator.setupLink(context, 'other@example.com')).rejects.toMatchObject({
        code: 'NOT_AN_ADMIN',
      });
      expect(await auth().users.byEmail(context, 'other@example.com')).toBeNull();
    });

    it('lets an admin of the configuration choose a password, once', async () => {
      const first = await auth().operator.setupLink(context, 'root@example.com');
      const second = await auth().operator.setupLink(context, 'root@example.com');
      expect(second.url).toMatch(/\/ui\/setup\?token=cz_setup_[0-9a-f]{64}$/);
      expect((await setPassword(tokenOf(second), BETTER)).status).toBe(200);
      expect((await setPassword(tokenOf(first), PASSWORD)).status).toBe(400);
      const person = await signIn(appliance, 'root@example.com', BETTER);
      expect((await person.request('GET', '/auth/me')).body).toMatchObject({ platform_admin: true });
      await expect(auth().operator.setupLink(context, 'root@example.com')).rejects.toMatchObject({
        code: 'ACCOUNT_EXISTS',
      });
    });
  });

  it('prints reset and verification links for existing accounts only', async () => {
    const person = await signUp(appliance, 'links@example.com');
    const { operator, users } = auth();
    await expect(operator.resetLink(context, 'nobody@example.com')).rejects.toMatchObject({ status: 404 });
    await expect(operator.verifyLink(context, 'nobody@example.com')).rejects.toMatchObject({ status: 404 });
    await expect(operator.verifyLink(context, person.email)).rejects.toMatchObject({ code: 'ALREADY_VERIFIED' });
    const link = await operator.resetLink(context, person.email);
    await users.setStatus(context, person.id, 'disabled');
    await expect(operator.resetLink(context, person.email)).rejects.toMatchObject({ code: 'ACCOUNT_DISABLED' });
    await users.setStatus(context, person.id, 'active');
    expect((await setPassword(tokenOf(link), BETTER)).status).toBe(400);
  });

  it('lists accounts by page and tells about one', async () => {
    for (const name of ['a', 'b', 'c']) await signUp(appliance, `page-${name}@example.com`);
    const first = await auth().users.list(context, { limit: 2, after: 'page' });
    expect(first.users.map((user) => user.email)).toEqual(['page-a@example.com', 'page-b@example.com']);
    const second = await auth().users.list(context, { limit: 2, after: first.next ?? '' });
    expect(second.users[0]?.email).toBe('page-c@example.com');
    const { id } = second.users[0]!;
    expect(await auth().users.get(context, id)).toMatchObject({
      email: 'page-c@example.com',
      status: 'active',
      has_password: true,
      last_sign_in_at: expect.stringMatching(/Z$/),
    });
    await expect(auth().users.get(context, 'unknown')).rejects.toMatchObject({ status: 404 });
    await expect(auth().users.setStatus(context, 'unknown', 'disabled')).rejects.toMatchObject({ status: 404 });
    await expect(auth().users.remove(context, 'unknown')).rejects.toMatchObject({ status: 404 });
  });

  it('leaves a record of what the operator did, without tokens', async () => {
    const rows = await appliance.kernel.databases.state.read
      .selectFrom('activity_outbox')
      .selectAll()
      .where('actor_kind', '=', 'operator')
      .execute();
    const verbs = new Set(rows.map((row) => row.verb));
    for (const verb of ['admin.bootstrap', 'link.issue', 'user.disable', 'user.enable']) expect(verbs).toContain(verb);
    expect(JSON.stringify(rows)).not.toMatch(/cz_(setup|reset|verify)_|argon2|lanterns/);
  });
});
