import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildPayload, STANDARD_PRIORITY, verifyPayload } from './bundle/index.ts';
import {
  checkPolicyDocument,
  documentYaml,
  type PolicyDocument,
  parsePolicyDocument,
  STANDARD_DEFAULTS,
} from './document/index.ts';
import { decide, extractAction } from './evaluator/index.ts';

const folder = path.join(import.meta.dirname, '../../templates/policies');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const source = (name: string) => readFileSync(path.join(folder, name), 'utf8');

function document(name: string): PolicyDocument {
  const result = checkPolicyDocument(source(name), 'yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.document;
}

/** Decides `tool:method`, `hook Tool argument` or `secret name`, and answers effect and rule id. */
function decisions(name: string): (call: string) => string {
  const author = document(name);
  const built = buildPayload({
    project: { id: 'proj-1' },
    policies: [
      { policyId: 'p', version: 1, scope: 'project', priority: STANDARD_PRIORITY, createdAt: 0, document: author },
    ],
    defaults: STANDARD_DEFAULTS,
    mode: 'live',
    tagFor: (_policy, _version, ruleIndex) => `r${ruleIndex}`,
  });
  const policy = verifyPayload(built);
  return (call) => {
    const { effect, ruleIndex } = decide(policy, question(call));
    const place = ruleIndex === null ? undefined : built.ruleIndex[ruleIndex]?.ruleIndex;
    return `${effect} ${place === null || place === undefined ? 'default' : author.rules[place]?.id}`;
  };
}

function question(call: string) {
  const hook = /^hook (\S+) ?(.*)$/s.exec(call);
  if (hook) {
    const args = { command: hook[2], sql: hook[2], method: hook[2] };
    return { ...extractAction(hook[1]!, args), args, hook: hook[1]! };
  }
  const [action = '', resource] = call.split(' ');
  const [tool = '', method = '*'] = action.split(':');
  return { tool, method, ...(resource !== undefined && { context: { resource } }) };
}

it('there is a choice of starter policies', () => {
  expect(names.length).toBeGreaterThanOrEqual(8);
});

describe.each(names)('%s', (name) => {
  it('begins with a title and a description, and names every rule', () => {
    expect(source(name)).toMatch(/^# \S.{2,60}\n# \S/);
    for (const rule of document(name).rules)
      expect(rule).toMatchObject({ id: expect.any(String), name: expect.any(String) });
  });

  it('is valid, without a warning but where older SDKs stay behind', () => {
    const { ok, problems } = checkPolicyDocument(source(name), 'yaml');
    expect(ok).toBe(true);
    expect(problems.filter((problem) => problem.code !== 'older_sdk_misses')).toEqual([]);
  });

  it('survives being rendered and read again', () => {
    const again = parsePolicyDocument(documentYaml(document(name)), 'yaml');
    expect(again.ok && again.document).toEqual(document(name));
  });
});

describe.each<[string, Record<string, string>]>([
  [
    'read-only-agent.yaml',
    {
      'hook Read': 'allow read-files',
      'hook NotebookRead': 'allow read-files',
      'Read:read': 'allow read-files',
      'hook Grep': 'allow read-files',
      'hook WebSearch': 'allow search-web',
      'hook database SELECT 1': 'allow query-database',
      'hook database DROP TABLE t': 'deny default',
      'hook Edit': 'deny no-changes',
      'hook MultiEdit': 'deny no-changes',
      'hook Bash ls': 'deny no-shell',
      'mcp__x__y:*': 'deny default',
    },
  ],
  [
    'database-guard.yaml',
    {
      'hook database DROP TABLE t': 'deny no-schema-changes',
      'hook PostgreSQL GRANT ALL ON t TO u': 'deny no-schema-changes',
      'hook database CALL p()': 'deny procedures-need-approval',
      'hook database INSERT INTO t VALUES (1)': 'warn writes-are-noted',
      'hook database SELECT 1; DROP TABLE t': 'deny no-schema-changes',
      'hook database SELECT 1': 'allow everything-else',
      'hook Bash ls': 'allow everything-else',
    },
  ],
  [
    'shell-guard.yaml',
    {
      'hook Bash rm -rf /': 'deny no-deletion',
      'hook Bash ls; find . -delete': 'deny no-deletion',
      'hook Bash sudo ls': 'deny no-accounts',
      'hook Bash dd if=/dev/zero of=/dev/sda': 'deny no-disks',
      'hook Bash mkfs /dev/sda': 'deny no-deletion',
      'hook Bash kill 1': 'deny no-shutdown',
      'hook Bash curl http://x': 'warn network-is-noted',
      'hook Bash ls -la': 'allow everything-else',
      'hook Read': 'allow everything-else',
    },
  ],
  [
    'git-protect-main.yaml',
    {
      'hook Bash git push origin main': 'deny no-push-to-main',
      'hook Bash git push --force origin HEAD:refs/heads/main': 'deny no-push-to-main',
      'hook Bash git push origin HEAD:master': 'deny no-push-to-main',
      'hook Bash git push origin +main': 'deny no-push-to-main',
      'hook Bash git push origin release-1.2': 'deny releases-need-approval',
      'hook Bash git push origin feature/x': 'warn other-pushes-are-noted',
      'hook Bash git push': 'warn other-pushes-are-noted',
      'hook Bash git status': 'allow everything-else',
    },
  ],
  [
    'mcp-allow-list.yaml',
    {
      'mcp__github__get_issue:*': 'allow github-reading',
      'mcp__github__create_issue:*': 'warn github-issues',
      'mcp__github__delete_repo:*': 'deny no-other-mcp',
      'mcp__docs__search:*': 'allow docs',
      'mcp__other__get_x:*': 'deny no-other-mcp',
      'hook Read': 'allow everything-else',
    },
  ],
  [
    'cost-aware-llm.yaml',
    {
      'llm:generate model/gpt-4o-mini': 'allow small-models',
      'llm:generate model/claude-opus-4': 'deny expensive-models-need-approval',
      'llm:generate model/claude-sonnet-4': 'warn large-models-are-noted',
      'llm:generate model/unknown': 'deny default',
      'llm:generate': 'deny default',
    },
  ],
  [
    'secrets-with-approval.yaml',
    {
      'Secrets:read prod-database-password': 'deny production-database',
      'Secrets:read prod-payment-key': 'deny production-payment',
      'Secrets:read dev-database': 'allow development',
      'Secrets:read prod-other': 'deny no-other-secrets',
    },
  ],
  [
    'observe.yaml',
    {
      'hook Bash rm x': 'warn deletion',
      'hook Bash git push origin main': 'warn outside',
      'hook Bash kubectl get pods': 'warn infrastructure',
      'hook http post': 'warn outside',
      'Secrets:read x': 'warn secrets',
      'hook Bash ls': 'allow everything-else',
      'anything:at/all': 'allow everything-else',
    },
  ],
])('%s decides', (name, expected) => {
  const decided = decisions(name);
  it.each(Object.entries(expected))('%s → %s', (call, outcome) => {
    expect(decided(call)).toBe(outcome);
  });
});
