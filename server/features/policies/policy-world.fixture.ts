import type { InjectOptions } from 'fastify';
import { openBundle } from '../../../test/clients/go/bundle.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import type { Person } from '../../../test/people.ts';
import { joinTenant, openTenant } from '../../../test/tenant.ts';
import { unprocessable } from '../../kernel/errors.ts';

/** Who asks: nobody, a person with a session, or the text of an API key. */
export type Caller = null | Person | string;

/** Organizations with people in every role, and a look at what SDKs get. */
export async function openPolicyWorld(appliance: TestAppliance) {
  const home = await openTenant(appliance, 'home');
  const foreign = await openTenant(appliance, 'foreign');
  const admin = await joinTenant(appliance, home.orgId, 'admin');
  const analyst = await joinTenant(appliance, home.orgId, 'analyst');
  const member = await joinTenant(appliance, home.orgId, 'member');
  const keys = new Map<string, string>();
  let projects = 0;

  const ask = async (caller: Caller, method: string, url: string, body?: unknown) => {
    const headers: Record<string, string> = {};
    if (caller !== null) headers.authorization = `Bearer ${typeof caller === 'string' ? caller : caller.token}`;
    if (caller !== null && typeof caller !== 'string') headers['x-csrf-token'] = caller.csrf;
    const request: InjectOptions = { method: method as 'GET', url, headers };
    if (body !== undefined) {
      request.payload = typeof body === 'string' ? body : JSON.stringify(body);
      headers['content-type'] = 'application/json';
    }
    const answer = await appliance.app.inject(request);
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json(), headers: answer.headers };
  };
  /** Makes an API key of a project and answers its text. */
  const newKey = async (projectId: string, scopes: string[]): Promise<string> => {
    const body = { name: scopes.join(' '), scopes };
    return (await home.owner.request('POST', `/api/projects/${projectId}/api-keys`, body)).body.key;
  };
  /** Pulls the bundle as an SDK does and opens it with the keys of its bootstrap. */
  const pull = async (projectId: string) => {
    const bearer = keys.get(projectId) ?? (await newKey(projectId, ['read']));
    keys.set(projectId, bearer);
    const bootstrap = await appliance.request('GET', '/v1/sdk/bootstrap', { bearer });
    const pulled = await appliance.request('GET', '/v1/sdk/policies/pull', { bearer });
    const { payload } = openBundle(pulled.bytes, {
      encryptionKey: Buffer.from(bootstrap.body.project_encryption_key_b64, 'base64'),
      signingKey: Buffer.from(bootstrap.body.signing_pubkey_hex, 'hex'),
    });
    return { etag: String(pulled.headers.etag).replaceAll('"', ''), payload: payload as unknown as Delivered };
  };

  return {
    appliance,
    home,
    foreign,
    admin,
    analyst,
    member,
    ask,
    newKey,
    /** Makes a project of the home organization and answers its id. */
    newProject: async (settings: object = {}): Promise<string> => {
      projects += 1;
      const body = { name: `project ${projects}`, ...settings };
      return (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, body)).body.id;
    },
    /** The ETag of what SDKs get. */
    etagOf: async (projectId: string): Promise<string> => (await pull(projectId)).etag,
    /** Patterns and effects in the order in which SDKs try them. */
    rulesOf: async (projectId: string): Promise<string[]> =>
      (await pull(projectId)).payload.policies.map(({ rules: [rule] }) => `${rule.effect} ${rule.actions[0]}`),
    /** An SDK of this version was in touch with the project. */
    see: (projectId: string, name: string, version: string) =>
      appliance.services.bundles.sdks.note(projectId, name, version),
    /** Runs `work` while the bundle of a project cannot be built. */
    withoutBuildsOf: async <R>(projectId: string, work: () => Promise<R>): Promise<R> => {
      const { bundles } = appliance.services;
      const { rebuild } = bundles;
      bundles.rebuild = (trx, id, ...rest) => {
        if (id === projectId) throw unprocessable('BUNDLE_UNREADABLE', 'The bundle does not read back.');
        return rebuild.call(bundles, trx, id, ...rest);
      };
      try {
        return await work();
      } finally {
        bundles.rebuild = rebuild;
      }
    },
  };
}

interface Delivered {
  policies: { rules: [{ id: string; effect: string; actions: [string]; reason?: string }] }[];
}

export type PolicyWorld = Awaited<ReturnType<typeof openPolicyWorld>>;
