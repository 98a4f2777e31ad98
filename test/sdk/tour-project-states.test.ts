import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../server/kernel/clock.ts';
import { GovernedProject } from '../tour/governed-project.ts';
import { type ListeningAppliance, listen, tamperWith, unprovision } from '../tour/listening.ts';
import { sdk, titled } from './quickstart.ts';
import { SdkUsers } from './sdk-users.ts';

const CALL = { tool: 'github', method: 'list' };
const RULES = [{ id: 'closed', deny: 'github:*' }, { allow: 'mail:*' }];
const DAY = 86_400_000;

describe.skipIf(sdk.python === undefined)(titled('projects in every state, seen by the published SDK'), () => {
  let clock: ManualClock;
  let appliance: ListeningAppliance;
  let users: SdkUsers;
  beforeAll(async () => {
    clock = manualClock(Date.now());
    appliance = await listen({ clock });
    users = new SdkUsers(sdk.python!, appliance.url);
  });
  afterAll(async () => {
    await users?.discard();
    await appliance?.discard();
  });

  /** When the bundle that is delivered says it was made (bytes 6 to 13 of its header, seconds). */
  async function builtAt(key: string): Promise<number> {
    const { bytes } = await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key });
    return Number(bytes.readBigUInt64LE(6)) * 1000;
  }

  it.each([
    ['flagged', /not what was signed/, (project: GovernedProject) => tamperWith(appliance, project.id)],
    ['withdrawn', /was withdrawn/, (project: GovernedProject) => project.change('POST', 'policies/withdraw')],
  ])('%s: clients that have a bundle keep to it, new ones are told what to do', async (name, told, interrupt) => {
    const project = await GovernedProject.open(appliance, name);
    const policy = await project.policy(RULES);
    const user = users.user(name);
    await user.open('running', project.key);
    await interrupt(project);

    expect(await user.refresh('running')).toBe(false);
    await user.open('with the cache', project.key);
    for (const client of ['running', 'with the cache']) {
      expect(await user.guard(client, CALL)).toMatchObject({ effect: 'deny', policy_id: 'rule-0' });
      expect(await user.guard(client, { tool: 'mail' })).toMatchObject({ effect: 'allow' });
    }
    const newcomer = users.user(`${name}-newcomer`);
    await expect(newcomer.open('fresh', project.key)).rejects.toThrow(told);
    await expect(newcomer.open('fresh', project.key)).rejects.toThrow(/E1205/);

    await project.change('POST', 'policies/bundle');
    await project.rewrite(policy, [{ allow: 'github:*' }]);
    await newcomer.open('fresh', project.key);
    expect(await user.refresh('running')).toBe(true);
    expect(await user.guard('running', CALL)).toMatchObject({ effect: 'allow' });
    expect(await newcomer.guard('fresh', CALL)).toMatchObject({ effect: 'allow' });
  });

  it('never provisioned: says so, and works once it is', async () => {
    const project = await GovernedProject.open(appliance, 'unprovisioned');
    await unprovision(appliance, project.id);
    const user = users.user('unprovisioned');
    await expect(user.open('fresh', project.key)).rejects.toThrow(/no keys yet/);
    await project.change('POST', 'keys/provision');
    await user.open('fresh', project.key);
    expect(await user.guard('fresh', CALL)).toMatchObject({ reason_code: 'OBSERVE_MODE_NO_POLICY' });
  });

  it('observing for 30 days: still observes, fresh, from the cache, and when the appliance fails', async () => {
    clock.advance(-30 * DAY);
    const project = await GovernedProject.open(appliance, 'observing');
    clock.advance(30 * DAY);
    expect(clock.now() - (await builtAt(project.key))).toBeGreaterThanOrEqual(30 * DAY);
    const observed = { effect: 'allow', reason_code: 'OBSERVE_MODE_NO_POLICY' };
    const user = users.user('observing');
    await user.open('fresh', project.key);
    expect(await user.guard('fresh', CALL)).toMatchObject(observed);
    await user.end();
    await user.open('from the cache', project.key);
    expect(await user.guard('from the cache', CALL)).toMatchObject(observed);
    expect(await user.refresh('from the cache')).toBe(false);
    expect(await user.guard('from the cache', CALL)).toMatchObject(observed);
    await tamperWith(appliance, project.id);
    await user.open('after a failure', project.key);
    expect(await user.guard('after a failure', CALL)).toMatchObject(observed);
  });

  it('without a rule left: the default decides, also from a cache of 30 days', async () => {
    clock.advance(-30 * DAY);
    const project = await GovernedProject.open(appliance, 'no-rules');
    const elsewhere = await project.sibling('elsewhere');
    await project.policy([{ allow: 'github:*', projects: [elsewhere.id] }]);
    clock.advance(30 * DAY);
    const user = users.user('no-rules');
    await user.open('fresh', project.key);
    expect(await user.guard('fresh', CALL)).toMatchObject({ effect: 'deny' });
    await user.end();
    await user.open('from the cache', project.key);
    const decision = await user.guard('from the cache', CALL);
    expect(decision).toMatchObject({ effect: 'deny' });
    expect(decision.reason_code).not.toBe('BUNDLE_MISSING');
  });

  it('removed: clients keep to what they have, and its keys count nowhere', async () => {
    const project = await GovernedProject.open(appliance, 'removed');
    await project.policy(RULES);
    const user = users.user('removed');
    await user.open('running', project.key);
    await project.asked('DELETE', `/api/projects/${project.id}?confirm=removed-project`);
    expect(await user.refresh('running')).toBe(false);
    expect(await user.guard('running', CALL)).toMatchObject({ effect: 'deny', policy_id: 'rule-0' });
    await expect(users.user('removed-newcomer').open('fresh', project.key)).rejects.toThrow(/E1101/);
  });

  it('after the trial: bundles, decisions and audit go on', async () => {
    const project = await GovernedProject.open(appliance, 'ended-trial');
    await project.policy(RULES);
    clock.advance(40 * DAY);
    const user = users.user('ended-trial');
    await user.open('fresh', project.key);
    expect(await user.guard('fresh', CALL)).toMatchObject({ effect: 'deny', policy_id: 'rule-0' });
    await user.closeClient('fresh');
    await user.flush(project.key);
    clock.advance(-40 * DAY);
    expect((await project.entries()).map((entry) => entry.decision)).toEqual(['deny']);
  });
});
