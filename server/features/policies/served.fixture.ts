import { createHash } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import type { TestAppliance } from '../../../test/harness.ts';
import type { Person } from '../../../test/people.ts';
import { joinTenant, openTenant } from '../../../test/tenant.ts';
import { buildApp } from '../../app.ts';
import { unprocessable } from '../../kernel/errors.ts';
import { type BundlePayload, buildPayload, verifyPayload } from '../../policy/bundle/index.ts';
import type { BundleSource } from '../bundles/sources.ts';
import { toolsFeature } from '../tools/index.ts';
import { policiesFeature } from './index.ts';
import type { BundleBuilder, SeenSdk } from './ports.ts';

/** Who asks: nobody, a person with a session, or the text of an API key. */
export type Caller = null | Person | string;

/** Builds real payloads and keeps the newest of each project, as of the last commit. */
export class RecordingBundles implements BundleBuilder {
  readonly payloads = new Map<string, BundlePayload>();
  readonly rebuilds: { projectId: string; reason: string }[] = [];
  source: BundleSource = { name: 'none' };
  seen: SeenSdk[] = [];
  /** A project whose bundle cannot be built. */
  failFor: string | null = null;
  private readonly appliance: TestAppliance;

  constructor(appliance: TestAppliance) {
    this.appliance = appliance;
  }

  addSource(source: BundleSource): void {
    this.source = source;
  }

  rebuild: BundleBuilder['rebuild'] = async (trx, projectId, reason, effects) => {
    if (projectId === this.failFor) throw unprocessable('POLICY_UNREADABLE', 'The bundle does not read back.');
    const project = await this.appliance.services.projects.get(projectId);
    const built = buildPayload({
      project: { id: project.id, names: [project.name, project.public_id] },
      policies: (await this.source.policies?.(trx, projectId)) ?? [],
      defaults: project,
      mode: 'live',
      tagFor: (policyId, version, ruleIndex) => `r${digest([policyId, version, ruleIndex]).slice(0, 8)}`,
    });
    verifyPayload(built);
    effects.afterCommit(() => {
      this.payloads.set(projectId, built.payload);
      this.rebuilds.push({ projectId, reason });
    });
    return { etag: createHash('sha256').update(built.bytes).digest('hex') };
  };

  seenSdks = async () => this.seen;

  /** Patterns and effects in the order in which SDKs try them. */
  rulesOf(projectId: string): string[] {
    const policies = this.payloads.get(projectId)?.policies ?? [];
    return policies.map(({ rules: [rule] }) => `${rule.effect} ${rule.actions[0]}`);
  }
}

/** The routes of policies and tools over an open appliance, with bundles that are built but not signed. */
export async function servePolicies(appliance: TestAppliance) {
  const { kernel, services } = appliance;
  const bundles = new RecordingBundles(appliance);
  const tools = toolsFeature(kernel);
  const policies = policiesFeature(kernel, services.projects, tools.service, bundles);
  const app = await buildApp(kernel, [...appliance.features, tools, policies]);
  const ask = async (caller: Caller, method: string, url: string, body?: unknown) => {
    const headers: Record<string, string> = {};
    if (typeof caller === 'string') headers.authorization = `Bearer ${caller}`;
    else if (caller !== null)
      Object.assign(headers, { authorization: `Bearer ${caller.token}`, 'x-csrf-token': caller.csrf });
    const request: InjectOptions = { method: method as 'GET', url, headers };
    if (body !== undefined) {
      request.payload = typeof body === 'string' ? body : JSON.stringify(body);
      headers['content-type'] = 'application/json';
    }
    const answer = await app.inject(request);
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json(), headers: answer.headers };
  };
  return { ask, bundles, policies, tools, app };
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** An appliance with policies, an organization with people in every role, and another organization. */
export async function openPolicyWorld(appliance: TestAppliance) {
  const served = await servePolicies(appliance);
  const home = await openTenant(appliance, 'home');
  const foreign = await openTenant(appliance, 'foreign');
  const admin = await joinTenant(appliance, home.orgId, 'admin');
  const analyst = await joinTenant(appliance, home.orgId, 'analyst');
  const member = await joinTenant(appliance, home.orgId, 'member');
  let projects = 0;
  return {
    ...served,
    appliance,
    home,
    foreign,
    admin,
    analyst,
    member,
    /** Makes a project of the home organization and answers its id. */
    newProject: async (settings: object = {}): Promise<string> => {
      projects += 1;
      const body = { name: `project ${projects}`, ...settings };
      return (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, body)).body.id;
    },
    /** Makes an API key of a project and answers its text. */
    newKey: async (projectId: string, scopes: string[]): Promise<string> => {
      const body = { name: scopes.join(' '), scopes };
      return (await home.owner.request('POST', `/api/projects/${projectId}/api-keys`, body)).body.key;
    },
  };
}

export type PolicyWorld = Awaited<ReturnType<typeof openPolicyWorld>>;
