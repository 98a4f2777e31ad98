import type { Answer, TestAppliance } from '../harness.ts';
import { operatorContext, PASSWORD, type Person, register, signIn, signUp, signUpAdmin } from '../people.ts';
import { openTenant, type Tenant } from '../tenant.ts';

/** A credential of some kind, and the request that it is for. */
export interface Issued {
  token: string;
  /** Sends the request with this or another text in the place of the token. */
  use(text: string, appliance?: TestAppliance): Promise<Answer>;
}

/** A kind of credential that is nothing but a text. */
export interface TokenKind {
  name: string;
  issue(): Promise<Issued>;
  /** How long one counts, in milliseconds. */
  lifetime: number;
  /** Whether it is used up by its first use. */
  once: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Longer than every other token counts, so that people stay signed in while theirs are tried. */
export const SESSION_HOURS = 720;
export const NEXT_PASSWORD = 'amber quiet stairway';

/** Every kind of token that this appliance hands out, each issue for an account of its own. */
export async function tokenKinds(appliance: TestAppliance, now: () => number): Promise<TokenKind[]> {
  const home: Tenant = await openTenant(appliance, 'tokens');
  const { email: adminEmail } = await signUpAdmin(appliance, 'admin@tokens.example');
  const { operator } = appliance.services.auth;
  const context = operatorContext(appliance);
  let number = 0;
  const address = () => `person${++number}@tokens.example`;
  const post =
    (url: string, body: (text: string) => object, person?: Person) =>
    (text: string, at = appliance) =>
      at.request('POST', url, {
        body: body(text),
        ...(person === undefined ? {} : { bearer: person.token, csrf: person.csrf }),
      });
  const tokenOf = (url: string) => new URL(url).searchParams.get('token')!;
  const reset = post('/auth/reset-password', (token) => ({ token, new_password: NEXT_PASSWORD }));

  return [
    {
      name: 'session',
      lifetime: SESSION_HOURS * HOUR,
      once: false,
      issue: async () => {
        const { token } = await signUp(appliance, address());
        return { token, use: (text, at = appliance) => at.request('GET', '/auth/me', { bearer: text }) };
      },
    },
    {
      name: 'session cookie',
      lifetime: SESSION_HOURS * HOUR,
      once: false,
      issue: async () => {
        const { token } = await signUp(appliance, address());
        const headers = (text: string) => ({ cookie: `cz_session=${text}` });
        return { token, use: (text, at = appliance) => at.request('GET', '/auth/me', { headers: headers(text) }) };
      },
    },
    {
      name: 'API key',
      lifetime: HOUR,
      once: false,
      issue: async () => {
        const body = { name: address(), scopes: ['read'], expires_at: new Date(now() + HOUR).toISOString() };
        const owner = await signIn(appliance, home.owner.email);
        const made = await owner.request('POST', `/api/projects/${home.projectId}/api-keys`, body);
        return {
          token: made.body.key,
          use: (text, at = appliance) => at.request('GET', '/v1/sdk/policies/pull', { bearer: text }),
        };
      },
    },
    {
      name: 'set-up link',
      lifetime: HOUR,
      once: true,
      issue: async () => {
        const email = address();
        const admin = await signIn(appliance, adminEmail);
        await admin.request('POST', '/api/admin/admins', { email });
        return { token: tokenOf((await operator.setupLink(context, email)).url), use: reset };
      },
    },
    {
      name: 'reset link',
      lifetime: HOUR,
      once: true,
      issue: async () => {
        const { email } = await signUp(appliance, address());
        return { token: tokenOf((await operator.resetLink(context, email)).url), use: reset };
      },
    },
    {
      name: 'verification link',
      lifetime: HOUR,
      once: true,
      issue: async () => {
        const email = address();
        await register(appliance, email);
        const { url } = await operator.verifyLink(context, email);
        return { token: tokenOf(url), use: post('/auth/verify-email', (token) => ({ token, password: PASSWORD })) };
      },
    },
    {
      name: 'invite',
      lifetime: 7 * 24 * HOUR,
      once: true,
      issue: async () => {
        const guest = await signUp(appliance, address());
        const url = `/api/orgs/${home.orgId}/members/invite`;
        const owner = await signIn(appliance, home.owner.email);
        const made = await owner.request('POST', url, { email: guest.email, role: 'member' });
        const use = post('/invites/accept', (token) => ({ token }), guest);
        return { token: tokenOf(made.body.accept_url), use };
      },
    },
  ];
}
