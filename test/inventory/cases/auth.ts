import { expect } from 'vitest';
import { operatorContext, PASSWORD, signIn, signUp } from '../../people.ts';
import type { Cases, World } from '../case.ts';

const BETTER = 'seven quiet lanterns';

const post = ({ appliance }: World, url: string, body: unknown) => appliance.request('POST', url, { body });
const accountOf = ({ appliance }: World, email: string) =>
  appliance.services.auth.users.byEmail(operatorContext(appliance), email);

/** Accounts and sessions of the main contract. */
export const authCases: Cases = {
  'control-zero POST /auth/register': async (world) => {
    const answer = await post(world, '/auth/register', { email: 'registered@example.com', password: PASSWORD });
    expect(answer.status).toBe(201);
    expect(await accountOf(world, 'registered@example.com')).toMatchObject({ status: 'active', email_verified: false });
  },
  'control-zero POST /auth/login': async (world) => {
    const { id } = await signUp(world.appliance, 'signing-in@example.com');
    const answer = await post(world, '/auth/login', { email: 'signing-in@example.com', password: PASSWORD });
    expect(answer.status).toBe(200);
    const me = await world.appliance.request('GET', '/auth/me', { bearer: answer.body.token });
    expect(me.body.id).toBe(id);
  },
  'control-zero POST /auth/request-reset': async (world) => {
    const person = await signUp(world.appliance, 'forgetful@example.com');
    const answer = await post(world, '/auth/request-reset', { email: person.email });
    expect(answer.status).toBe(202);
    const links = await world.appliance.kernel.databases.state.read
      .selectFrom('one_time_links')
      .select('purpose')
      .where('user_id', '=', person.id)
      .where('used_at', 'is', null)
      .execute();
    expect(links).toEqual([{ purpose: 'reset' }]);
  },
  'control-zero POST /auth/reset-password': async (world) => {
    const { appliance } = world;
    const person = await signUp(appliance, 'resetting@example.com');
    const { url } = await appliance.services.auth.operator.resetLink(operatorContext(appliance), person.email);
    const token = new URL(url).searchParams.get('token');
    const answer = await post(world, '/auth/reset-password', { token, new_password: BETTER });
    expect(answer.status).toBe(200);
    expect((await signIn(appliance, person.email, BETTER)).id).toBe(person.id);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
  },
  'control-zero POST /auth/logout': async ({ appliance }) => {
    const person = await signUp(appliance, 'leaving@example.com');
    expect((await person.request('POST', '/auth/logout')).status).toBe(200);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
  },
  'control-zero POST /auth/change-password': async ({ appliance }) => {
    const person = await signUp(appliance, 'changing@example.com');
    const body = { current_password: PASSWORD, new_password: BETTER };
    const answer = await person.request('POST', '/auth/change-password', body);
    expect(answer.status).toBe(200);
    expect(answer.body.token).toEqual(expect.any(String));
    expect((await signIn(appliance, person.email, BETTER)).id).toBe(person.id);
  },
  'control-zero GET /auth/me': async ({ admin }) => {
    const answer = await admin.request('GET', '/auth/me');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: admin.id, email: admin.email, platform_admin: true });
  },
  'control-zero GET /api/csrf-token': async ({ appliance, admin }) => {
    const answer = await admin.request('GET', '/api/csrf-token');
    expect(answer.status).toBe(200);
    const create = (csrf?: string) =>
      appliance.request('POST', '/api/orgs', {
        body: { name: 'Protected' },
        bearer: admin.token,
        ...(csrf === undefined ? {} : { csrf }),
      });
    expect((await create()).status).toBe(403);
    expect((await create(answer.body.csrf_token)).status).toBe(201);
  },
  'control-zero GET /api/users/ensure': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/users/ensure');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ready: true, user_id: admin.id });
  },
  'control-zero DELETE /api/account': async (world) => {
    const person = await signUp(world.appliance, 'gone@example.com');
    const answer = await person.request('DELETE', '/api/account', { email: person.email, password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(await accountOf(world, person.email)).toBeNull();
  },
};
