import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GoClient } from '../clients/go/client.ts';
import { entriesOf } from '../tour/visitor.ts';
import { waitFor } from '../tour/wait.ts';
import { Quickstart, sdk, titled } from './quickstart.ts';
import type { SdkCall, SdkUser } from './sdk-process.ts';

const TEMPLATES = path.resolve(import.meta.dirname, '../../templates/policies');
const shell = (command: string): SdkCall => ({ tool: 'Bash', args: { command } });
const sql = (text: string): SdkCall => ({ tool: 'database', method: 'query', args: { sql: text } });
const model = (name: string): SdkCall => ({ tool: 'llm', method: 'generate', resource: `model/${name}` });
const secret = (name: string): SdkCall => ({ tool: 'Secrets', method: 'read', resource: name });

const EXPECTED: Record<string, [SdkCall, string][]> = {
  'cost-aware-llm': [
    [model('gpt-4o-mini'), 'allow'],
    [model('claude-opus-4'), 'deny'],
    [model('claude-sonnet-4'), 'warn'],
    [model('unknown'), 'deny'],
  ],
  'database-guard': [
    [sql('DROP TABLE people'), 'deny'],
    [sql('UPDATE people SET name = 1'), 'warn'],
    [sql('SELECT 1'), 'allow'],
  ],
  'git-protect-main': [
    [shell('git push origin main'), 'deny'],
    [shell('git push origin feature'), 'warn'],
    [shell('git status'), 'allow'],
  ],
  'mcp-allow-list': [
    [{ tool: 'mcp__github__get_issue' }, 'allow'],
    [{ tool: 'mcp__github__create_issue' }, 'warn'],
    [{ tool: 'mcp__other__anything' }, 'deny'],
    [shell('ls'), 'allow'],
  ],
  observe: [
    [shell('rm -rf build'), 'warn'],
    [shell('ls'), 'allow'],
  ],
  'read-only-agent': [
    [{ tool: 'Read', method: 'read' }, 'allow'],
    [{ tool: 'Write', method: 'write' }, 'deny'],
    [shell('ls'), 'deny'],
  ],
  'secrets-with-approval': [
    [secret('dev-token'), 'allow'],
    [secret('prod-payment-key'), 'deny'],
    [secret('another'), 'deny'],
  ],
  'shell-guard': [
    [shell('rm -rf build'), 'deny'],
    [shell('curl https://example.com'), 'warn'],
    [shell('ls'), 'allow'],
  ],
};

describe.skipIf(sdk.python === undefined)(titled('the policy templates, applied and met by the published SDKs'), () => {
  let quickstart: Quickstart;
  let user: SdkUser;
  beforeAll(async () => {
    quickstart = await Quickstart.start();
    user = quickstart.user('library', { CONTROLZERO_LOCALE: 'de' });
  });
  afterAll(() => quickstart?.discard());

  async function applied(template: string): Promise<{ id: string; key: string }> {
    const project = await quickstart.project(template);
    const file = path.join(TEMPLATES, `${template}.yaml`);
    await quickstart.czctl.json(['policy', 'apply', '-f', file, '--project', project.id, '--dir', quickstart.home]);
    return project;
  }

  it('are all here', () => {
    expect(readdirSync(TEMPLATES).sort()).toEqual(
      Object.keys(EXPECTED)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });

  it.each(Object.entries(EXPECTED))('%s', async (template, expected) => {
    const { key } = await applied(template);
    await user.open(template, key);
    const decided = await user.guardAll(
      template,
      expected.map(([call]) => call),
    );
    expect(decided.map(({ effect }) => effect)).toEqual(expected.map(([, effect]) => effect));
    await GoClient.start(quickstart.url, key);
  });

  it("quotes a reason in the reader's language, and is understood all the same", async () => {
    const { id } = await quickstart.project('localised');
    const { key } = await quickstart.newKey(id);
    const file = path.join(TEMPLATES, 'git-protect-main.yaml');
    await quickstart.czctl.json(['policy', 'apply', '-f', file, '--project', id, '--dir', quickstart.home]);
    const reader = quickstart.user('reader', { CONTROLZERO_LOCALE: 'ko' });
    await reader.open('agent', key);
    const { reason } = await reader.guard('agent', shell('git push origin main'));
    expect(reason).toMatch(/^브랜치에 푸시한 뒤 풀 리퀘스트를 여세요\. \[r\w+\]$/);
    await reader.closeClient('agent');
    const entry = await waitFor('the entry', async () => (await entriesOf(quickstart.admin, id)).at(0));
    expect(entry).toMatchObject({
      reason: '브랜치에 푸시한 뒤 풀 리퀘스트를 여세요.',
      rule_id: 'no-push-to-main',
      policy_name: 'git-protect-main',
    });
  });
});
