import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GoClient } from '../clients/go/client.ts';
import { BuiltCzctl, type QuickstartReport, type ServedDeployment } from './built-czctl.ts';
import { beginPost } from './half-sent.ts';
import { entriesOf, followLink, type Member, setUp } from './visitor.ts';
import { waitFor } from './wait.ts';

/** The steps build on each other, in the order in which somebody takes them. */
describe('the first hour', () => {
  let czctl: BuiltCzctl;
  let home: string;
  let report: QuickstartReport;
  let server: ServedDeployment;
  let admin: Member;
  let projectId: string;
  let key: string;
  beforeAll(() => {
    czctl = new BuiltCzctl();
    home = czctl.home('deployment');
  });
  afterAll(() => czctl?.discard());

  it('makes a deployment without a question', async () => {
    report = await czctl.quickstart(home);
    expect(report.setup_links).toMatchObject([{ email: 'admin@localhost' }]);
    expect(existsSync(path.join(home, 'recovery-key.txt'))).toBe(true);
  });

  it('serves it on the loopback', async () => {
    server = await czctl.serve(home);
    expect(server.url).toBe(report.url);
    const health = await fetch(`${server.url}/health`);
    expect(health.status).toBe(200);
  });

  it('lets the admin in through the set-up link, once', async () => {
    const { url, email } = report.setup_links[0]!;
    admin = await setUp(url, email);
    expect((await admin.request('GET', '/auth/me')).body).toMatchObject({ email });
    const again = await followLink(url, { new_password: 'another tram kettle' });
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('it was used already')]);
  });

  it('takes an organization, a project, a key and a policy over HTTP', async () => {
    const org = await admin.expect(201, 'POST', '/api/orgs', { name: 'Example Corp' });
    const project = await admin.expect(201, 'POST', `/api/orgs/${org.id}/projects`, { name: 'production-agents' });
    projectId = project.id;
    const wanted = { name: 'agent', scopes: ['read'] };
    ({ key } = await admin.expect(201, 'POST', `/api/projects/${projectId}/api-keys`, wanted));
    const document = {
      version: '1',
      rules: [{ id: 'no-delete', deny: 'github:delete_repo', reason: 'Not by agents' }],
    };
    const policies = `/api/projects/${projectId}/policies`;
    const policy = await admin.expect(201, 'POST', policies, { name: 'guards', document });
    expect(policy).toMatchObject({ status: 'live', live_version: 1 });
  });

  it('denies an SDK, and the denial is found over HTTP and on the command line', async () => {
    const client = await GoClient.start(server.url, key);
    expect(client.guard({ tool: 'github', method: 'delete_repo' })).toMatchObject({ effect: 'deny' });
    expect(await client.flush()).toBe(200);
    const told = {
      tool_name: 'github',
      method: 'delete_repo',
      decision: 'deny',
      reason: 'Not by agents',
      policy_name: 'guards',
      policy_version: 1,
      rule_id: 'no-delete',
    };
    expect(await entriesOf(admin, projectId)).toMatchObject([told]);
    expect(await search()).toMatchObject([told]);
    expect(await search('--decision', 'allow')).toEqual([]);
  });

  it('finishes cleanly when it is asked to: what was begun is answered, and everything is still there', async () => {
    const entries = [{ id: 'late', tool_name: 'github', decision: 'allow', pad: 'x'.repeat(100_000) }];
    const late = await beginPost(`${server.url}/v1/sdk/audit`, key, JSON.stringify({ entries }));
    const stopped = server.stop('SIGTERM');
    await waitFor('the end of listening', () =>
      fetch(`${server.url}/health`).then(
        () => undefined,
        () => true,
      ),
    );
    expect(await late.finish()).toEqual([200, { accepted: 1, rejected: 0, dropped: 0 }]);
    expect(await stopped).toBe(0);
    expect(await search()).toMatchObject([{ id: 'late' }, { decision: 'deny' }]);
    server = await czctl.serve(home);
    expect((await admin.request('GET', '/auth/me')).status).toBe(200);
    expect((await GoClient.start(server.url, key)).guard({ tool: 'github', method: 'delete_repo' }).effect).toBe(
      'deny',
    );
    expect(await server.stop('SIGTERM')).toBe(0);
  });

  async function search(...filter: string[]): Promise<unknown[]> {
    const args = ['audit', 'search', '--project', projectId, ...filter, '--dir', home];
    return (await czctl.json<{ entries: unknown[] }>(args)).entries;
  }
});
