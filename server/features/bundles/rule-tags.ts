import type { Kernel } from '../../kernel/kernel.ts';
import type { TagFor } from '../../policy/bundle/index.ts';
import { appendRuleTags } from './append-rule-tags.ts';
import { changedMeanwhile } from './errors.ts';
import type { Writer } from './key-store.ts';
import type { DeliveredPolicy } from './sources.ts';
import {
  currentEpoch,
  insertTags,
  largestTagNumber,
  markInAudit,
  tagsNotInAudit,
  tagsOfPolicies,
} from './tag-store.ts';

const TAGS_AT_ONCE = 500;
const BYTES_PER_TAG = 300;
const COPY_MILLISECONDS = 60_000;

/**
 * The permanent names of rules: SDKs drop rule ids but echo reasons, so a short tag in the reason tells which rule of
 * which version decided. A tag never gets a second meaning, also not after a restore. (SDK contract 3.)
 */
export class RuleTags {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases' | 'auditWriter' | 'log'>;
  private copying: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(kernel: Pick<Kernel, 'clock' | 'databases' | 'auditWriter' | 'log'>) {
    this.kernel = kernel;
  }

  /** Gives every rule of these policies its tag, new ones where it has none. Returns the look-up, and whether any was new. */
  async provide(
    trx: Writer,
    orgId: string,
    projectId: string,
    policies: readonly DeliveredPolicy[],
  ): Promise<{ tagFor: TagFor; fresh: boolean }> {
    const known = new Map<string, string>();
    for (const row of await tagsOfPolicies(trx, policies)) {
      known.set(keyOf(row.policy_id, row.version, row.rule_index), row.tag);
    }
    const missing = policies.flatMap((policy) =>
      policy.document.rules
        .map((rule, ruleIndex) => ({ policy, rule, ruleIndex }))
        .filter(({ ruleIndex }) => !known.has(keyOf(policy.policyId, policy.version, ruleIndex))),
    );
    if (missing.length > 0) {
      const [largest, epoch] = [await largestTagNumber(trx, orgId), await currentEpoch(trx)];
      const rows = missing.map(({ policy, rule, ruleIndex }, offset) => ({
        org_id: orgId,
        number: largest + 1 + offset,
        tag: tagOf(largest + 1 + offset, epoch),
        project_id: policy.scope === 'org' ? null : projectId,
        policy_id: policy.policyId,
        policy_name: policy.name ?? policy.policyId,
        version: policy.version,
        rule_index: ruleIndex,
        rule_id: rule.id ?? null,
        created_at: this.kernel.clock.now(),
        in_audit: 0 as const,
      }));
      if (!(await insertTags(trx, rows))) throw changedMeanwhile('The rules of this organization were given tags');
      for (const row of rows) known.set(keyOf(row.policy_id, row.version, row.rule_index), row.tag);
    }
    const tagFor: TagFor = (policyId, version, ruleIndex) => known.get(keyOf(policyId, version, ruleIndex)) ?? '';
    return { tagFor, fresh: missing.length > 0 };
  }

  /** Copies what is missing into the audit database. Repeated safely; what cannot be copied now is copied later. */
  copyToAudit(): Promise<void> {
    this.copying = (this.copying ?? Promise.resolve()).then(() =>
      this.copyWaiting().catch((error) =>
        this.kernel.log.error({ err: error }, 'rule tags could not be copied to the audit database; they wait'),
      ),
    );
    return this.copying;
  }

  /** Copies what is waiting, now and every minute. */
  async start(): Promise<void> {
    this.timer = setInterval(() => void this.copyToAudit(), COPY_MILLISECONDS).unref();
    await this.copyToAudit();
  }

  /** Waits for the copy at work. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.copying;
  }

  private async copyWaiting(): Promise<void> {
    const { state } = this.kernel.databases;
    for (;;) {
      const tags = await tagsNotInAudit(state.read, TAGS_AT_ONCE);
      if (tags.length === 0) return;
      await this.kernel.auditWriter.run(appendRuleTags, tags, {
        rows: tags.length,
        bytes: tags.length * BYTES_PER_TAG,
      });
      await state.write((trx) => markInAudit(trx, tags));
    }
  }
}

/** After a restore numbers may come again; the epoch tells them apart. */
function tagOf(number: number, epoch: number): string {
  return epoch === 1 ? `r${number}` : `r${number}e${epoch}`;
}

function keyOf(policyId: string, version: number, ruleIndex: number): string {
  return `${policyId} ${version} ${ruleIndex}`;
}
