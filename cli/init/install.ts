import { openAppliance } from '../../server/appliance.ts';
import { loadDeployment } from '../../server/deployment.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createLog } from '../../server/kernel/logging.ts';
import { claimHeaders, type OperatorClient, operatorClient } from '../client.ts';
import { everyPage } from '../resolve.ts';
import type { Answers } from './answers.ts';

const ORG = 'Quickstart';
const PROJECT = 'first-project';

interface Named {
  id: string;
  name: string;
}

/** What the first start of an appliance made, shown once. */
export interface FirstSteps {
  /** One-time set-up links of the admins. */
  setupLinks: { email: string; url: string; expires_at: string }[];
  license: { status: string; tier: string; expires_at: string | null };
  /** Only in quickstart. */
  quickstart: { org: string; project: string; projectId: string; key: string } | null;
}

/**
 * Opens the new deployment for the first time: creates and migrates both databases, starts the trial or installs the
 * license, makes the admins' set-up links, and in quickstart an organization, a project and a key.
 */
export async function firstStart(folder: string, answers: Answers, quickstart: boolean): Promise<FirstSteps> {
  const environment = {
    ...process.env,
    ...(answers.master_passphrase === '' ? {} : { CZ_MASTER_PASSPHRASE: answers.master_passphrase }),
  };
  const deployment = await loadDeployment(folder, environment);
  const appliance = await openAppliance({ ...deployment, clock: systemClock, log: createLog('error', process.stderr) });
  try {
    const client = operatorClient(
      async (method, path, headers, body) => {
        const answer = await appliance.operatorApp.inject({
          method: method as 'GET',
          url: path,
          headers,
          ...(body === undefined ? {} : { payload: body }),
        });
        return { status: answer.statusCode, text: answer.body };
      },
      () => claimHeaders(folder),
    );
    await client.call('POST', '/operator/trial');
    if (answers.license_key !== '')
      await client.call('POST', '/operator/license', { license_key: answers.license_key });
    const setupLinks = await adminLinks(client, answers.admin_emails);
    return {
      setupLinks,
      license: await client.call('GET', '/operator/license'),
      quickstart: quickstart ? await firstProject(client, setupLinks[0]!.email) : null,
    };
  } finally {
    await appliance.close();
  }
}

async function adminLinks(client: OperatorClient, emails: string): Promise<FirstSteps['setupLinks']> {
  const links: FirstSteps['setupLinks'] = [];
  for (const email of emails
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')) {
    const link = await client.call<{ url: string; expires_at: string }>('POST', '/operator/links/setup', { email });
    links.push({ email, ...link });
  }
  return links;
}

/** What an interrupted run had made on a database server already is taken as it is. */
async function firstProject(client: OperatorClient, owner: string): Promise<FirstSteps['quickstart']> {
  const orgs = await everyPage<Named>(client, '/operator/orgs', 'orgs');
  const org =
    orgs.find(({ name }) => name === ORG) ??
    (await client.call<Named>('POST', '/operator/orgs', { name: ORG, owner_email: owner }));
  const projects = await everyPage<Named>(client, `/operator/orgs/${org.id}/projects`, 'projects');
  const project =
    projects.find(({ name }) => name === PROJECT) ??
    (await client.call<Named>('POST', `/operator/orgs/${org.id}/projects`, { name: PROJECT }));
  const key = await client.call<{ key: string }>('POST', `/operator/projects/${project.id}/keys`, {
    name: 'quickstart',
    scopes: ['read', 'write'],
  });
  return { org: org.name, project: project.name, projectId: project.id, key: key.key };
}
