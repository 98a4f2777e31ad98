import type { TestAppliance } from './harness.ts';
import { operatorContext, type Person, signUp } from './people.ts';

/** An organization with its owner, a project and a live key of the project. */
export interface Tenant {
  owner: Person;
  orgId: string;
  projectId: string;
  keyId: string;
  /** The text of the key (scopes read and write). */
  key: string;
}

/** Makes a tenant over HTTP; `name` must be new on the appliance. Starts the trial, so that any number of projects fits. */
export async function openTenant(appliance: TestAppliance, name: string): Promise<Tenant> {
  await appliance.services.licenses.startTrial(operatorContext(appliance));
  const owner = await signUp(appliance, `owner@${name}.example`);
  const org = await owner.request('POST', '/api/orgs', { name });
  const orgId: string = org.body.id;
  const project = await owner.request('POST', `/api/orgs/${orgId}/projects`, { name: `${name}-project` });
  const projectId: string = project.body.id;
  const key = await owner.request('POST', `/api/projects/${projectId}/api-keys`, {
    name: 'test key',
    scopes: ['read', 'write'],
  });
  return { owner, orgId, projectId, keyId: key.body.id, key: key.body.key };
}

/** Signs somebody up and makes him a member of the tenant's organization. */
export async function joinTenant(
  appliance: TestAppliance,
  orgId: string,
  role: 'member' | 'analyst' | 'admin' | 'owner',
  email = `${role}-${orgId.slice(-6)}@example.com`,
): Promise<Person> {
  const person = await signUp(appliance, email);
  await appliance.services.orgs.members.add(operatorContext(appliance), orgId, person.id, role);
  return person;
}

/** The activity records of a verb, as they stand in the state database. */
export function activityOf(appliance: TestAppliance, verb: string) {
  return appliance.kernel.databases.state.read
    .selectFrom('activity_outbox')
    .selectAll()
    .where('verb', '=', verb)
    .orderBy('id')
    .execute();
}
