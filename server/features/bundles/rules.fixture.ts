import { openBundle } from '../../../test/clients/go/bundle.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUp } from '../../../test/people.ts';
import type { PolicyRule } from '../../policy/document/index.ts';
import type { Delivered } from './delivery.ts';
import type { DeliveredPolicy } from './sources.ts';

/** Rules of a test, delivered like those of policies. */
export class TestRules {
  private readonly appliance: TestAppliance;
  private readonly byProject = new Map<string, DeliveredPolicy[]>();

  constructor(appliance: TestAppliance) {
    this.appliance = appliance;
    appliance.services.bundles.addSource({
      name: 'test rules',
      policies: async (_trx, projectId) => this.byProject.get(projectId) ?? [],
      locateRule: async (_db, policyId) =>
        policyId.startsWith('p') ? { policyName: 'Shell', line: 7, column: 5 } : null,
    });
  }

  /** Brings policies into force and builds the bundle, in one transaction as a feature does it. */
  apply(projectId: string, policies: DeliveredPolicy[]): Promise<Delivered> {
    const before = this.byProject.get(projectId) ?? [];
    const { state } = this.appliance.kernel.databases;
    return state
      .write((trx, effects) => {
        this.byProject.set(projectId, policies);
        return this.appliance.services.bundles.rebuild(trx, projectId, 'test', effects);
      })
      .catch((error) => {
        this.byProject.set(projectId, before);
        throw error;
      });
  }
}

/** A live policy of a project. */
export function policy(rules: PolicyRule[], changes: Partial<DeliveredPolicy> = {}): DeliveredPolicy {
  return {
    policyId: 'policy-1',
    name: 'Shell',
    version: 1,
    scope: 'project',
    priority: 100,
    createdAt: 1,
    document: { version: '1', rules },
    ...changes,
  };
}

/** An organization with a project, its owner and an API key. */
export interface TestProject {
  owner: Person;
  orgId: string;
  projectId: string;
  key: string;
}

let count = 0;

/** Signs somebody up who owns an organization with one project. */
export async function makeProject(appliance: TestAppliance): Promise<TestProject> {
  count += 1;
  const owner = await signUp(appliance, `owner-${count}@example.com`);
  const orgId = (await owner.request('POST', '/api/orgs', { name: `Acme ${count}` })).body.id;
  return { owner, orgId, ...(await addProject(owner, orgId, 'agents')) };
}

/** Makes another project with an API key in an organization. */
export async function addProject(owner: Person, orgId: string, name: string) {
  const projectId: string = (await owner.request('POST', `/api/orgs/${orgId}/projects`, { name })).body.id;
  return { projectId, key: await addKey(owner, projectId, 'live') };
}

export async function addKey(owner: Person, projectId: string, mode: 'live' | 'test'): Promise<string> {
  return (await owner.request('POST', `/api/projects/${projectId}/api-keys`, { name: mode, mode })).body.key;
}

export function pull(appliance: TestAppliance, key: string, ifNoneMatch?: string) {
  const headers = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch };
  return appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key, headers });
}

export function bootstrap(appliance: TestAppliance, key: string) {
  return appliance.request('GET', '/v1/sdk/bootstrap', { bearer: key });
}

/** The keys of a bootstrap answer, as a client holds them. */
// biome-ignore lint/suspicious/noExplicitAny: a parsed answer
export function keysOf(body: any) {
  return {
    encryptionKey: Buffer.from(body.project_encryption_key_b64, 'base64'),
    signingKey: Buffer.from(body.signing_pubkey_hex, 'hex'),
  };
}

/** Pulls with fresh keys and opens the bundle with code that shares nothing with the server's. */
export async function pullAndOpen(appliance: TestAppliance, key: string) {
  const keys = keysOf((await bootstrap(appliance, key)).body);
  const answer = await pull(appliance, key);
  if (answer.status !== 200) throw new Error(`The pull answered ${answer.status}: ${answer.text}`);
  return { ...openBundle(answer.bytes, keys), bytes: answer.bytes, etag: String(answer.headers['etag']) };
}

type SentPolicy = { rules: { id: string; actions: string[]; effect: string; reason?: string }[] };

/** The rules of an opened payload, in their order. */
export function sentRules(payload: Record<string, unknown>) {
  return (payload['policies'] as SentPolicy[]).map((entry) => entry.rules[0]!);
}

/** A rule that denies one action. */
export function deny(action: string, extra: Partial<PolicyRule> = {}): PolicyRule {
  return { effect: 'deny', actions: [action], ...extra };
}
