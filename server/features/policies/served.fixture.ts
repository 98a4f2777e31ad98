import { createHash } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import type { TestAppliance } from '../../../test/harness.ts';
import type { Person } from '../../../test/people.ts';
import { buildApp } from '../../app.ts';
import { type BundlePayload, buildPayload, verifyPayload } from '../../policy/bundle/index.ts';
import { toolsFeature } from '../tools/index.ts';
import { policiesFeature } from './index.ts';
import { livePolicies } from './live-policies.ts';
import type { BundleBuilder, SeenSdk } from './ports.ts';

/** Who asks: nobody, a person with a session, or the text of an API key. */
export type Caller = null | Person | string;

/** Builds real payloads and keeps the newest of each project, as of the last commit. */
export class RecordingBundles implements BundleBuilder {
  readonly payloads = new Map<string, BundlePayload>();
  readonly rebuilds: { projectId: string; reason: string }[] = [];
  seen: SeenSdk[] = [];
  private readonly appliance: TestAppliance;

  constructor(appliance: TestAppliance) {
    this.appliance = appliance;
  }

  rebuild: BundleBuilder['rebuild'] = async (trx, projectId, reason, effects) => {
    const project = await this.appliance.services.projects.get(projectId);
    const built = buildPayload({
      project: { id: project.id, names: [project.name, project.public_id] },
      policies: await livePolicies(trx, projectId),
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
