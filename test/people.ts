import { ownContext } from '../server/kernel/activity.ts';
import type { RequestContext } from '../server/kernel/request-context.ts';
import type { Answer, TestAppliance } from './harness.ts';

/** Good enough for the password policy, and the same for everybody. */
export const PASSWORD = 'violet tram kettle';

/** A signed-in person of a test. */
export interface Person {
  id: string;
  email: string;
  token: string;
  /** Fits the token's session. */
  csrf: string;
  /** A request with the session, and with the CSRF token when it changes something. */
  request(method: string, url: string, body?: unknown): Promise<Answer>;
}

/** What the command line acts with. */
export function operatorContext(appliance: TestAppliance): RequestContext {
  return ownContext(appliance.kernel, { kind: 'operator', uid: 0, claimedBy: null }, 'test');
}

/** Registers an address over HTTP; it is not verified yet. */
export async function register(appliance: TestAppliance, email: string, name = ''): Promise<void> {
  const body = { email, password: PASSWORD, name };
  expectStatus(await appliance.request('POST', '/auth/register', { body }), 201);
}

/** Registers an address over HTTP, verifies it with its link, and signs in. */
export async function signUp(
  appliance: TestAppliance,
  email: string,
  options: { name?: string } = {},
): Promise<Person> {
  await register(appliance, email, options.name);
  const { url } = await appliance.services.auth.operator.verifyLink(operatorContext(appliance), email);
  const token = new URL(url).searchParams.get('token');
  const proof = { token, password: PASSWORD };
  expectStatus(await appliance.request('POST', '/auth/verify-email', { body: proof }), 200);
  return signIn(appliance, email);
}

/** Takes the proof of a person's address back in the database; sessions stay. What an address confers must end with it. */
export async function takeProofBack(appliance: TestAppliance, { id }: Pick<Person, 'id'>): Promise<void> {
  await appliance.kernel.databases.state.write(async (trx, effects) => {
    await trx.updateTable('users').set({ email_verified_at: null }).where('id', '=', id).execute();
    await appliance.services.auth.sessions.refreshOf(effects, id);
  });
}

/** Makes a verified platform admin, as the command line does, and signs in. */
export async function signUpAdmin(appliance: TestAppliance, email: string): Promise<Person> {
  const account = { email, password: PASSWORD, name: '' };
  await appliance.services.auth.operator.bootstrapAdmin(operatorContext(appliance), account);
  return signIn(appliance, email);
}

/** Signs in over HTTP. */
export async function signIn(appliance: TestAppliance, email: string, password = PASSWORD): Promise<Person> {
  const answer = await appliance.request('POST', '/auth/login', { body: { email, password } });
  expectStatus(answer, 200);
  const { token, user } = answer.body;
  const { csrf_token: csrf } = (await appliance.request('GET', '/api/csrf-token', { bearer: token })).body;
  const request = (method: string, url: string, body?: unknown) =>
    appliance.request(method, url, { bearer: token, csrf, ...(body === undefined ? {} : { body }) });
  return { id: user.id, email: user.email, token, csrf, request };
}

function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status) throw new Error(`Expected ${status} but got ${answer.status}: ${answer.text}`);
}
