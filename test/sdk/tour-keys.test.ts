import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GovernedProject } from '../tour/governed-project.ts';
import { type ListeningAppliance, listen } from '../tour/listening.ts';
import { sdk, titled } from './quickstart.ts';
import { SdkUsers } from './sdk-users.ts';

const CALL = { tool: 'github', method: 'list' };
const ALLOW = [{ id: 'open', allow: 'github:*' }];
const DENY = [{ id: 'closed', deny: 'github:*' }];

describe.skipIf(sdk.python === undefined)(titled('keys that change under the published SDK'), () => {
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

  it.each([
    ['project-key', { signing_key: false }],
    ['signing-key', { project_key: false }],
    ['both-keys', {}],
  ])('are rotated (%s): running clients, those with a cache and new ones go on', async (name, rotation) => {
    const project = await GovernedProject.open(appliance, name);
    const sibling = await project.sibling(`${name}-sibling`);
    const policy = await project.policy(ALLOW);
    const siblingPolicy = await sibling.policy(ALLOW);
    const user = users.user(name);
    const neighbour = users.user(`${name}-sibling`);
    await user.open('running', project.key);
    await neighbour.open('running', sibling.key);
    expect(await user.guard('running', CALL)).toMatchObject({ effect: 'allow' });

    await project.change('POST', 'keys/rotate', rotation);
    await project.rewrite(policy, DENY);
    await sibling.rewrite(siblingPolicy, DENY);

    expect(await user.refresh('running')).toBe(true);
    expect(await user.guard('running', CALL)).toMatchObject({ effect: 'deny' });
    expect(await neighbour.refresh('running')).toBe(true);
    expect(await neighbour.guard('running', CALL)).toMatchObject({ effect: 'deny' });
    await user.end();
    await user.open('with the cache', project.key);
    expect(await user.guard('with the cache', CALL)).toMatchObject({ effect: 'deny' });
    const newcomer = users.user(`${name}-newcomer`);
    await newcomer.open('fresh', project.key);
    expect(await newcomer.guard('fresh', CALL)).toMatchObject({ effect: 'deny' });
  });

  it('are API keys: clients of the old one keep their policy, and the new one delivers what they wrote', async () => {
    const project = await GovernedProject.open(appliance, 'api-key');
    await project.policy(DENY);
    const user = users.user('api-key');
    await user.open('old', project.key);
    await user.guard('old', { ...CALL, method: 'before' });
    const { key } = await project.change('POST', `api-keys/${project.keyId}/rotate`, { overlap_seconds: 0 });
    expect(await user.refresh('old')).toBe(false);
    expect(await user.guard('old', { ...CALL, method: 'after' })).toMatchObject({ effect: 'deny' });
    await expect(users.user('api-key-late').open('late', project.key)).rejects.toThrow(/E1101/);

    await user.open('new', key);
    expect(await user.guard('new', { ...CALL, method: 'anew' })).toMatchObject({ effect: 'deny' });
    await user.closeClient('old');
    await user.closeClient('new');
    await user.end();
    await user.flush(key);
    expect((await project.entries()).map((entry) => entry.method).sort()).toEqual(['after', 'anew', 'before']);
  });

  it('are API keys with an overlap: both count', async () => {
    const project = await GovernedProject.open(appliance, 'overlap');
    const policy = await project.policy(ALLOW);
    const user = users.user('overlap');
    await user.open('old', project.key);
    const { key } = await project.change('POST', `api-keys/${project.keyId}/rotate`, { overlap_seconds: 60 });
    await project.rewrite(policy, DENY);
    expect(await user.refresh('old')).toBe(true);
    await user.open('new', key);
    for (const client of ['old', 'new']) expect(await user.guard(client, CALL)).toMatchObject({ effect: 'deny' });
  });
});
