import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { Answer, TestAppliance } from '../../../test/harness.ts';
import { operatorContext, signUp } from '../../../test/people.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';

const POLICY = { version: '1', rules: [{ deny: 'github:delete_*' }] };

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let tenant: Tenant;
  let name: string;
  let made = 0;
  beforeAll(async () => {
    appliance = await open();
  });
  beforeEach(async () => {
    made += 1;
    name = `tenant-${made}`;
    tenant = await openTenant(appliance, name);
  });

  const withKey = (method: string, url: string, body?: unknown) =>
    appliance.request(method, url, { bearer: tenant.key, ...(body === undefined ? {} : { body }) });
  const removeProject = () =>
    tenant.owner.request('DELETE', `/api/projects/${tenant.projectId}?confirm=${name}-project`);
  const removeOrg = () => tenant.owner.request('DELETE', `/api/orgs/${tenant.orgId}?confirm=${name}`);

  /** Everything that adds to a project or looks into it. */
  const inProject = (index: number): Promise<Answer>[] => {
    const url = `/api/projects/${tenant.projectId}`;
    return [
      tenant.owner.request('POST', `${url}/tools`, { name: `tool_${index}` }),
      tenant.owner.request('POST', `${url}/api-keys`, { name: 'another' }),
      tenant.owner.request('POST', `${url}/api-keys/${tenant.keyId}/rotate`, {}),
      tenant.owner.request('POST', `${url}/policies`, { name: `policy ${index}`, document: POLICY }),
      tenant.owner.request('POST', `${url}/keys/rotate`),
      tenant.owner.request('GET', `${url}/logs`),
      withKey('POST', '/v1/sdk/tamper-alert', { source: `source ${index}` }),
      withKey('POST', '/v1/sdk/audit', { entries: [{ id: `e${index}`, decision: 'deny' }] }),
      withKey('POST', '/v1/sdk/init', {}),
      withKey('GET', '/v1/sdk/bootstrap'),
      withKey('GET', '/v1/sdk/policies/pull'),
    ];
  };
  const inOrg = (index: number): Promise<Answer>[] => {
    const url = `/api/orgs/${tenant.orgId}`;
    return [
      tenant.owner.request('POST', `${url}/projects`, { name: `project ${index}` }),
      tenant.owner.request('POST', `${url}/policies`, { name: `policy ${index}`, document: POLICY }),
      tenant.owner.request('POST', `${url}/members/invite`, { email: `guest${index}@example.com` }),
      tenant.owner.request('PATCH', `${url}/settings`, { tamper_behavior: 'deny' }),
      tenant.owner.request('GET', `${url}/members`),
    ];
  };

  /** What requests beside a removal may be answered: done before it, or refused because there is nothing any more. */
  function orderly(answers: readonly Answer[]): void {
    const odd = answers.filter(({ status }) => ![200, 201, 202, 401, 403, 404, 409].includes(status));
    expect(odd.map(({ status, text }) => [status, text])).toEqual([]);
  }

  it('of a project answers requests beside it with success or a refusal that fits', async () => {
    const before = [0, 1].flatMap(inProject);
    const removal = removeProject();
    orderly(await Promise.all([...before, ...[2, 3, 4].flatMap(inProject)]));
    expect((await removal).status).toBe(204);
    expect((await withKey('GET', '/v1/sdk/bootstrap')).status).toBe(401);
  });

  it('of an organization does the same', async () => {
    const before = [0].flatMap((index) => [...inOrg(index), ...inProject(index)]);
    const removal = removeOrg();
    orderly(await Promise.all([...before, ...[1, 2, 3].flatMap((index) => [...inOrg(index), ...inProject(index)])]));
    expect((await removal).status).toBe(204);
    expect((await withKey('GET', '/v1/sdk/bootstrap')).status).toBe(401);
  });

  it('leaves nobody a member of what is not there', async () => {
    const guest = await signUp(appliance, `guest@${name}.example`);
    expect((await removeOrg()).status).toBe(204);
    const joining = appliance.services.orgs.members.add(operatorContext(appliance), tenant.orgId, guest.id, 'member');
    await expect(joining).rejects.toMatchObject({ status: 404 });
  });
});
