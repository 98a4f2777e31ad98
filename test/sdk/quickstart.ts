import { BuiltCzctl, type ServedDeployment } from '../tour/built-czctl.ts';
import { type Member, setUp } from '../tour/visitor.ts';
import type { SdkUser } from './sdk-process.ts';
import { SdkUsers } from './sdk-users.ts';
import { sdkPython } from './venv.ts';

/** The Python with the published SDK, or why the tests that need it are skipped. */
export const sdk = await sdkPython();

/** The name of a suite; where Python or the package is missing it says why the suite is skipped. */
export function titled(name: string): string {
  return sdk.python === undefined ? `${name} (skipped: ${sdk.reason})` : name;
}

/** A served quickstart deployment, its admin, and users of the published SDK. */
export class Quickstart {
  readonly czctl: BuiltCzctl;
  readonly home: string;
  readonly url: string;
  readonly projectId: string;
  readonly orgId: string;
  readonly key: string;
  readonly admin: Member;
  server: ServedDeployment;
  private readonly users: SdkUsers;

  private constructor(
    parts: Pick<Quickstart, 'czctl' | 'home' | 'url' | 'projectId' | 'orgId' | 'key' | 'admin' | 'server'>,
  ) {
    this.czctl = parts.czctl;
    this.home = parts.home;
    this.url = parts.url;
    this.projectId = parts.projectId;
    this.orgId = parts.orgId;
    this.key = parts.key;
    this.admin = parts.admin;
    this.server = parts.server;
    this.users = new SdkUsers(sdk.python!, this.url);
  }

  /** `czctl init --quickstart`, `czctl serve`, and the admin's set-up link, as the first hour goes. */
  static async start(): Promise<Quickstart> {
    const czctl = new BuiltCzctl();
    const home = czctl.home('deployment');
    const { setup_links, quickstart } = await czctl.quickstart(home);
    const server = await czctl.serve(home);
    const admin = await setUp(setup_links[0]!.url, setup_links[0]!.email);
    const projectId = quickstart.project_id;
    const project = await admin.expect(200, 'GET', `/api/projects/${projectId}`);
    const { api_key: key, api_url: url } = quickstart;
    return new Quickstart({ czctl, home, url, projectId, orgId: project.org_id, key, admin, server });
  }

  /** Somebody who uses the SDK with a home directory of his own. */
  user(name: string, variables: Record<string, string> = {}): SdkUser {
    return this.users.user(name, variables);
  }

  /** A project of its own, so that tests do not meet each other's policies. */
  async project(name: string): Promise<{ id: string; key: string }> {
    const project = await this.admin.expect(201, 'POST', `/api/orgs/${this.orgId}/projects`, { name });
    return { id: project.id, key: (await this.newKey(project.id)).key };
  }

  /** A new key of a project, live and without an end unless told otherwise. */
  async newKey(
    projectId: string,
    wanted: { mode?: 'test'; expires_at?: string } = {},
  ): Promise<{ id: string; key: string }> {
    const body = { name: 'another key', scopes: ['read', 'write'], ...wanted };
    return this.admin.expect(201, 'POST', `/api/projects/${projectId}/api-keys`, body);
  }

  /** Creates a policy that is in force when this returns. */
  async policy(projectId: string, name: string, document: object): Promise<string> {
    const body = { name, document: { version: '1', ...document } };
    return (await this.admin.expect(201, 'POST', `/api/projects/${projectId}/policies`, body)).id;
  }

  /** Replaces a policy's document. */
  async change(projectId: string, policyId: string, document: object): Promise<void> {
    const path = `/api/projects/${projectId}/policies/${policyId}`;
    await this.admin.expect(200, 'PATCH', path, { document: { version: '1', ...document } });
  }

  async discard(): Promise<void> {
    await this.users.discard();
    await this.czctl.discard();
  }
}
