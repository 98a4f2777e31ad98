import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { PASSWORD } from '../../test/people.ts';
import { BuiltCzctl, type ServedDeployment } from '../../test/tour/built-czctl.ts';
import { type Member, setUp } from '../../test/tour/visitor.ts';

/** Limits stay switched on, with figures that no bench reaches. */
const RAISED = [
  'CZ_RATE_IP',
  'CZ_RATE_KEY',
  'CZ_RATE_BUNDLE',
  'CZ_RATE_INGEST',
  'CZ_RATE_SESSION',
  'CZ_RATE_SIGN_IN',
  'CZ_RATE_FAILURES',
];

/** A quickstart deployment of the built program, served in a process of its own as in production. */
export class MeasuredDeployment {
  readonly home: string;
  readonly server: ServedDeployment;
  readonly admin: Member;
  readonly projectId: string;
  /** The headers with which the published Python SDK polls and delivers. */
  readonly sdkHeaders: Record<string, string>;
  private readonly czctl: BuiltCzctl;

  private constructor(parts: {
    czctl: BuiltCzctl;
    home: string;
    server: ServedDeployment;
    admin: Member;
    projectId: string;
    key: string;
  }) {
    this.czctl = parts.czctl;
    this.home = parts.home;
    this.server = parts.server;
    this.admin = parts.admin;
    this.projectId = parts.projectId;
    this.sdkHeaders = {
      authorization: `Bearer ${parts.key}`,
      accept: '*/*',
      'accept-encoding': 'gzip, deflate',
      'user-agent': 'python-httpx/0.28.1',
      connection: 'keep-alive',
    };
  }

  static async start(): Promise<MeasuredDeployment> {
    const czctl = new BuiltCzctl();
    const home = czctl.home('deployment');
    const { setup_links, quickstart } = await czctl.quickstart(home);
    appendFileSync(path.join(home, '.env'), RAISED.map((name) => `${name}=100000000\n`).join(''));
    const server = await czctl.serve(home);
    const { email, url } = setup_links[0]!;
    const admin = await setUp(url, email);
    return new MeasuredDeployment({
      czctl,
      home,
      server,
      admin,
      projectId: quickstart.project_id,
      key: quickstart.api_key,
    });
  }

  /** Writes policies until the bundle has at least so many bytes; answers its size and ETag. */
  async fillBundle(bytes: number): Promise<{ size: number; etag: string }> {
    for (let count = 1; ; count += 1) {
      const rules = Array.from({ length: 20 }, (_, index) => ({
        id: `rule-${count}-${index}`,
        deny: `tool_${count}_${index}:*`,
        reason: 'This tool is closed to agents of this project; ask its owner.',
      }));
      const body = { name: `policy-${count}`, document: { version: '1', rules } };
      await this.admin.expect(201, 'POST', `/api/projects/${this.projectId}/policies`, body);
      const pulled = await fetch(`${this.server.url}/v1/sdk/policies/pull`, { headers: this.sdkHeaders });
      const size = (await pulled.arrayBuffer()).byteLength;
      if (size >= bytes) return { size, etag: pulled.headers.get('etag')! };
    }
  }

  /** The body of a sign-in that succeeds. */
  signIn(): string {
    return JSON.stringify({ email: this.admin.email, password: PASSWORD });
  }

  async discard(): Promise<void> {
    await this.czctl.discard();
  }
}
