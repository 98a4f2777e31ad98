import { parsePolicyDocument } from '../../policy/document/index.ts';
import type { BundleSource, PublishedDrafts, RulePlace } from '../bundles/sources.ts';
import { livePolicies } from './live-policies.ts';
import type { PolicyWriter } from './policy-writer.ts';
import { findPolicyEver, pendingDrafts, type Reader } from './store.ts';
import { findVersion } from './version-store.ts';

/** What bundles take from policies: the ones in force, the place of a rule, and the publication of drafts. */
export function policySource(writer: PolicyWriter): BundleSource {
  return {
    name: 'policies',
    policies: livePolicies,
    locateRule,
    publishDrafts: async (trx, projectId, request): Promise<PublishedDrafts> => {
      const drafts = await pendingDrafts(trx, projectId);
      const effectOnUnmatched = await writer.publishAll(trx, projectId, drafts, request);
      const published = drafts.map((row) => ({ policyId: row.id, version: row.current_version, name: row.name }));
      return { published, effectOnUnmatched };
    },
  };
}

/** Where a rule stands in the text of its version; without line and column when the text was JSON of a request body. */
export async function locateRule(
  reader: Reader,
  policyId: string,
  version: number,
  ruleIndex: number,
): Promise<RulePlace | null> {
  const [policy, stored] = await Promise.all([
    findPolicyEver(reader, policyId),
    findVersion(reader, policyId, version),
  ]);
  if (policy === null || stored === null) return null;
  const parsed = parsePolicyDocument(stored.source, stored.source_format);
  if (!parsed.ok) return { policyName: policy.name };
  const { position } = parsed.sourceMap.locate(`/rules/${ruleIndex}`);
  return { policyName: policy.name, ...position };
}
