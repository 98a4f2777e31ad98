import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GovernedProject } from '../tour/governed-project.ts';
import { type ListeningAppliance, listen } from '../tour/listening.ts';
import { askHook, installHook } from './claude-code.ts';
import { sdk, titled } from './quickstart.ts';
import type { SdkUser } from './sdk-process.ts';
import { SdkUsers } from './sdk-users.ts';

const SECRET = 'the-name-of-a-customer';

/** A spool delivers what it holds of every key under the key that is at hand. */
describe.skipIf(sdk.python === undefined)(titled('spools of the published SDK that change hands'), () => {
  let appliance: ListeningAppliance;
  let users: SdkUsers;
  beforeAll(async () => {
    appliance = await listen();
    users = new SdkUsers(sdk.python!, appliance.url);
  });
  afterAll(async () => {
    await users?.discard();
    await appliance?.discard();
  });

  async function writeAndKeep(name: string, project: GovernedProject): Promise<SdkUser> {
    const user = users.user(name, { CLAUDECODE: '1', CONTROLZERO_SPOOL: 'spool_only' });
    await installHook(user, project.key);
    await askHook(user, `grep ${SECRET} list`);
    return user;
  }

  it('go to another project of the organization: kept there, marked, and out of its statistics', async () => {
    const one = await GovernedProject.open(appliance, 'one');
    const other = await one.sibling('other');
    expect(await (await writeAndKeep('moved', one)).flush(other.key)).toBe(1);
    expect(await one.entries()).toEqual([]);
    expect(await other.entries()).toMatchObject([{ tool_name: 'Bash', method: 'grep', foreign_project_id: one.id }]);
    expect(await other.entries('&foreign=false')).toEqual([]);
  });

  it('go to another organization: only the decision, nothing of what was said', async () => {
    const one = await GovernedProject.open(appliance, 'here');
    const other = await GovernedProject.open(appliance, 'there');
    await other.asked('PATCH', `/api/orgs/${other.orgId}/settings`, { audit_redaction: 'full' });
    expect(await (await writeAndKeep('strayed', one)).flush(other.key)).toBe(1);
    expect(await one.entries()).toEqual([]);
    const entries = await other.entries();
    expect(entries).toMatchObject([{ tool_name: 'Bash', decision: 'allow', has_payload: false }]);
    expect(JSON.stringify(entries)).not.toContain(SECRET);
    expect(await (await writeAndKeep('at-home', other)).flush(other.key)).toBe(1);
    expect((await other.entries()).map((entry) => entry.has_payload)).toEqual([true, false]);
  });

  it('deliver for two clients at once under whichever key comes first: every row is somewhere, once', async () => {
    const one = await GovernedProject.open(appliance, 'shared');
    const other = await one.sibling('shared-too');
    const user = users.user('shared');
    await user.open('one', one.key);
    await user.open('other', other.key);
    await user.startBurst('one', { from: 0, until: 40, tool: 'work', pause: 0.01 });
    await user.startBurst('other', { from: 40, until: 80, tool: 'work', pause: 0.01 });
    for (const client of ['one', 'other']) await user.finishBurst(client);
    for (const client of ['one', 'other']) await user.closeClient(client);
    await user.flush(one.key);
    const steps = [...(await one.entries()), ...(await other.entries())].map((entry) => entry.method);
    expect(steps.sort()).toEqual(Array.from({ length: 80 }, (_, number) => `step-${number}`).sort());
  });

  it('name the SDK, which is new enough for everything', async () => {
    const project = await GovernedProject.open(appliance, 'seen');
    const policy = await project.policy([{ allow: 'Bash:*' }]);
    expect(await (await writeAndKeep('seen', project)).flush(project.key)).toBe(1);
    const status = await project.asked('GET', `/api/projects/${project.id}/policies/bundle`);
    expect(JSON.stringify(status)).toContain('1.13.16');
    const document = { version: '1', rules: [{ allow: 'Bash:*', clients: ['claude-code'] }] };
    await project.change('PATCH', `policies/${policy}`, { document });
  });
});
