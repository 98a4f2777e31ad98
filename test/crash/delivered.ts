import { decodeBundle } from '../../server/crypto/czpolicy.ts';
import type { ServedProject } from './doomed-deployment.ts';
import type { PatientClient } from './patient-client.ts';
import { writtenBy } from './policy-writer.ts';

/** What SDKs of a project receive, opened with the keys that they are given. */
export interface Delivered {
  bytes: Buffer;
  /** The versions of the writers' policies that are inside, by name; each with both of its rules. */
  versions: Map<string, number>;
  policyCount: number;
}

/** Pulls and opens the bundle of a project. Throws when it does not open, or holds a part of a policy or two versions of one. */
export async function delivered({ id, live, test }: ServedProject, mode: 'live' | 'test'): Promise<Delivered> {
  const client: PatientClient = mode === 'live' ? live : test;
  const pulled = await client.insist({ method: 'GET', path: '/v1/sdk/policies/pull' });
  const keys = await client.insist({ method: 'GET', path: '/v1/sdk/bootstrap' });
  if (pulled.status !== 200 || keys.status !== 200) {
    throw new Error(`The ${mode} bundle of ${id} is not delivered: ${pulled.status} ${keys.status} ${pulled.bytes}`);
  }
  const { document } = decodeBundle(
    pulled.bytes,
    Buffer.from(keys.body.encryption_key, 'base64'),
    Buffer.from(keys.body.signing_public_key, 'base64'),
  );
  const { policies, metadata } = document as {
    policies: { rules: { actions: string[] }[] }[];
    metadata: { active_policy_count: number };
  };
  const rules = policies.flatMap((policy) => policy.rules.flatMap((rule) => rule.actions));
  const versions = new Map<string, number>();
  const found = new Map<string, number>();
  for (const pattern of rules) {
    const origin = writtenBy(pattern);
    if (origin === undefined) continue;
    const known = versions.get(origin.name);
    if (known !== undefined && known !== origin.version) throw new Error(`${origin.name} is in the bundle twice.`);
    versions.set(origin.name, origin.version);
    found.set(origin.name, (found.get(origin.name) ?? 0) + 1);
  }
  for (const [name, count] of found) if (count !== 2) throw new Error(`${name} is in the bundle with ${count} rules.`);
  return { bytes: pulled.bytes, versions, policyCount: metadata.active_policy_count };
}
