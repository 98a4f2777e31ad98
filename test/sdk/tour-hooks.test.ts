import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf } from '../tour/visitor.ts';
import { waitFor } from '../tour/wait.ts';
import { askHook, installHook, permission } from './claude-code.ts';
import { Quickstart, sdk, titled } from './quickstart.ts';

const GUARDS = {
  rules: [
    { id: 'no-delete', deny: 'file_delete:*', reason: 'Files are not removed by agents' },
    { id: 'shell', allow: 'Bash:*' },
  ],
};

describe.skipIf(sdk.python === undefined)(titled('the hook that Claude Code calls'), () => {
  let quickstart: Quickstart;
  beforeAll(async () => {
    quickstart = await Quickstart.start();
  });
  afterAll(() => quickstart?.discard());

  async function hooked(name: string) {
    const project = await quickstart.project(name);
    await quickstart.policy(project.id, 'guards', GUARDS);
    const user = quickstart.user(name, { CLAUDECODE: '1' });
    await installHook(user, project.key);
    return { ...project, user };
  }

  const found = (projectId: string, count: number) =>
    waitFor(
      `${count} entries`,
      async () => {
        const entries = await entriesOf(quickstart.admin, projectId);
        return entries.length >= count ? entries : undefined;
      },
      60,
    );

  it('denies, and the denial is found in the audit log without the command itself', async () => {
    const { id, user } = await hooked('denied');
    const denied = permission(await askHook(user, 'rm -rf /srv/data'));
    expect(denied).toMatchObject({ code: 2, decision: 'deny' });
    expect(denied.reason).toContain('Files are not removed by agents');
    expect(permission(await askHook(user, 'ls -la'))).toMatchObject({ code: 0, decision: 'allow' });

    const entries = await found(id, 2);
    expect(entries.find((entry) => entry.decision === 'deny')).toMatchObject({
      tool_name: 'Bash',
      method: 'rm',
      client: 'claude_code',
      attribution: 'tag',
      policy_name: 'guards',
      policy_version: 1,
      rule_id: 'no-delete',
      reason: 'Files are not removed by agents',
    });
    expect(JSON.stringify(entries)).not.toContain('/srv/data');
  });

  it('runs many times at once, and every call is there once', async () => {
    const { id, key, user } = await hooked('at-once');
    // The first hook of a home makes the key of the SDK's spool. The SDK makes it without a lock: of several first hooks
    // at once each keeps a key of its own, and what all but one wrote can never be read again, by the SDK itself either.
    await askHook(user, 'first');
    const commands = Array.from({ length: 8 }, (_, number) => `program-${number} --now`);
    const answers = await Promise.all(commands.map((command) => askHook(user, command)));
    expect(answers.map(({ code }) => code)).toEqual(commands.map(() => 0));
    await user.flush(key);
    const methods = (await found(id, 9)).map((entry) => entry.method).sort();
    expect(methods).toEqual(['first', ...commands.map((command) => command.split(' ')[0])]);
  });

  it('keeps to its policy while the server is away, and its rows come later', async () => {
    const { id, key, user } = await hooked('away');
    await askHook(user, 'first');
    await quickstart.server.stop('SIGKILL');
    const denied = permission(await askHook(user, 'rm second'));
    quickstart.server = await quickstart.czctl.serve(quickstart.home);
    expect(denied).toMatchObject({ code: 2, decision: 'deny' });
    await user.flush(key);
    expect((await found(id, 2)).map((entry) => entry.method).sort()).toEqual(['first', 'rm']);
  });

  it('denies everything where there is no bundle to be had, and says what to do', async () => {
    const project = await quickstart.project('withdrawn');
    await quickstart.admin.expect(200, 'POST', `/api/projects/${project.id}/policies/withdraw`, {});
    const user = quickstart.user('withdrawn', { CLAUDECODE: '1' });
    await installHook(user, project.key);
    const denied = permission(await askHook(user, 'ls'));
    expect(denied).toMatchObject({ code: 2, decision: 'deny' });
    expect(denied.reason).toContain('was withdrawn');
    const [entry] = await found(project.id, 1);
    expect(entry).toMatchObject({ decision: 'deny', reason_code: 'BUNDLE_MISSING', attribution: 'synthetic' });
  });
});
