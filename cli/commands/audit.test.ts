import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Czctl, type QuickstartReport } from '../testing/czctl.ts';

describe('czctl audit', () => {
  let czctl: Czctl;
  let home: string;
  let report: QuickstartReport;
  let url: string;
  beforeAll(async () => {
    czctl = new Czctl();
    ({ home, report } = await czctl.quickstart());
    ({ url } = await czctl.serve(home));
  });
  afterAll(() => czctl.discard());

  async function deliver(...rows: Record<string, unknown>[]): Promise<void> {
    const entries = rows.map((row) => ({
      id: randomUUID(),
      ts: new Date().toISOString(),
      tool_name: 'files',
      extracted_method: 'read',
      decision: 'allow',
      ...row,
    }));
    const answer = await fetch(`${url}/v1/sdk/audit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${report.quickstart.api_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    });
    expect(await answer.json()).toMatchObject({ accepted: rows.length, rejected: 0 });
  }
  const search = (...args: string[]) => czctl.run(['audit', 'search', ...args, '--dir', home]);

  it('finds entries, newest first, by the filters of the logs', async () => {
    await deliver(
      {
        tool_name: 'files',
        extracted_method: 'read',
        decision: 'allow',
        ts: new Date(Date.now() - 3_600_000).toISOString(),
      },
      {
        tool_name: 'files',
        extracted_method: 'delete',
        decision: 'deny',
        reason: 'no deleting',
        ts: new Date(Date.now() - 60_000).toISOString(),
      },
      { tool_name: 'shell', extracted_method: 'run', decision: 'warn' },
    );
    const all = await czctl.json<{
      version: number;
      kind: string;
      more: boolean;
      entries: { tool_name: string; method: string }[];
    }>(['audit', 'search', '--dir', home]);
    expect(all).toMatchObject({ version: 1, kind: 'audit-entries', more: false });
    expect(all.entries.map(({ method }) => method)).toEqual(['run', 'delete', 'read']);
    const denied = await search('--decision', 'deny', '--since', '10m');
    expect(denied.stdout.trim().split('\n')).toHaveLength(1);
    expect(denied.stdout).toMatch(/^\d{4}-\S+Z {2}deny {3}files:delete .*no deleting\n$/);
    expect((await search('--until', '30m')).stdout).toContain('files:read');
    expect(await search('--q', 'nothing like it')).toMatchObject({ code: 0, stdout: '', stderr: 'No entry fits.\n' });
    const first = await search('--limit', '1');
    expect(first.stdout.trim().split('\n')).toHaveLength(1);
    expect(first.stderr).toContain('--limit 2');
  });

  it('ends quietly when its reader has enough', async () => {
    const { execFileSync } = await import('node:child_process');
    const command = `${process.execPath} ${czctl.launcher} audit search --dir ${home} | true; echo "\${PIPESTATUS[0]}"`;
    expect(execFileSync('bash', ['-c', command], { encoding: 'utf8', env: czctl.environment() })).toBe('0\n');
  });

  it('refuses filters that make no sense', async () => {
    expect(await search('--since', 'yesterday')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('RFC 3339'),
    });
    expect((await search('--limit', '0')).code).toBe(2);
    expect((await search('--test', 'perhaps')).code).toBe(2);
    expect(await search('--client', 'nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('client') });
    expect((await search('--since', '1h', '--until', '2h')).code).toBe(1);
  });

  it('lets nothing that an agent sent move the cursor', async () => {
    await deliver({ tool_name: 'evil\u001b[2Jtool', decision: 'deny', reason: 'line\r\nbreak\u202e' });
    const { stdout } = await search('--limit', '1');
    expect(stdout).toContain('evil\ufffd[2Jtool');
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('follows what arrives, whatever time the entries tell, until it is stopped', async () => {
    const tail = czctl.start(['audit', 'tail', '--decision', 'deny', '--dir', home, '--json']);
    const people = czctl.start(['audit', 'tail', '--dir', home]);
    await people.printed(/Waiting for entries/);
    // The other one says nothing beforehand: its first entry shows that it follows.
    const delivering = setInterval(
      () => void deliver({ extracted_method: 'late', decision: 'deny', ts: '2020-01-01T00:00:00Z' }),
      300,
    );
    await Promise.all([tail.printed(/"audit-entry".*\n/), people.printed(/files:late.*\n/)]).finally(() =>
      clearInterval(delivering),
    );
    for (const { child } of [tail, people]) child.kill('SIGINT');
    const [ended] = await Promise.all([tail.ended, people.ended]);
    expect(ended.code).toBe(0);
    const [first] = ended.stdout.split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      version: 1,
      kind: 'audit-entry',
      entry: { method: 'late', decision: 'deny' },
    });
  });
});
