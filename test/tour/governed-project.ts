import type { TestAppliance } from '../harness.ts';
import type { Person } from '../people.ts';
import { openTenant } from '../tenant.ts';

/** A project with its owner, a live key, and what tests do to it. */
export class GovernedProject {
  readonly appliance: TestAppliance;
  readonly owner: Person;
  readonly orgId: string;
  readonly id: string;
  readonly keyId: string;
  readonly key: string;

  constructor(parts: Pick<GovernedProject, 'appliance' | 'owner' | 'orgId' | 'id' | 'keyId' | 'key'>) {
    this.appliance = parts.appliance;
    this.owner = parts.owner;
    this.orgId = parts.orgId;
    this.id = parts.id;
    this.keyId = parts.keyId;
    this.key = parts.key;
  }

  /** A project in an organization of its own; the name must be new on the appliance. */
  static async open(appliance: TestAppliance, name: string): Promise<GovernedProject> {
    const { owner, orgId, projectId: id, keyId, key } = await openTenant(appliance, name);
    return new GovernedProject({ appliance, owner, orgId, id, keyId, key });
  }

  /** Another project of the same organization. */
  async sibling(name: string): Promise<GovernedProject> {
    const { id } = await this.org('POST', 'projects', { name });
    const body = { name: 'test key', scopes: ['read', 'write'] };
    const made = await this.asked('POST', `/api/projects/${id}/api-keys`, body);
    return new GovernedProject({ ...this, id, keyId: made.id, key: made.key });
  }

  /** Creates a policy that is in force at once, whatever older SDKs make of it; answers its id. */
  async policy(rules: object[], more: Record<string, unknown> = {}, name = 'guards'): Promise<string> {
    const document = { version: '1', rules, ...more };
    return (await this.change('POST', 'policies', { name, document, accept_older_sdk_impact: true })).id;
  }

  /** Replaces the document of a policy. */
  async rewrite(policyId: string, rules: object[]): Promise<void> {
    const document = { version: '1', rules };
    await this.change('PATCH', `policies/${policyId}`, { document, accept_older_sdk_impact: true });
  }

  /** A request below the project that must succeed. */
  change(method: string, path: string, body?: unknown): Promise<TestBody> {
    const sent = method === 'DELETE' ? undefined : (body ?? {});
    return this.asked(method, `/api/projects/${this.id}/${path}`, sent);
  }

  /** What the project's audit log holds, the newest first. */
  async entries(filter = ''): Promise<TestBody[]> {
    return (await this.asked('GET', `/api/projects/${this.id}/logs?limit=100${filter}`)).logs;
  }

  private org(method: string, path: string, body: unknown): Promise<TestBody> {
    return this.asked(method, `/api/orgs/${this.orgId}/${path}`, body);
  }

  /** A request of the owner that must succeed. */
  async asked(method: string, path: string, body?: unknown): Promise<TestBody> {
    const answer = await this.owner.request(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
type TestBody = any;
