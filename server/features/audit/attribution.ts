import type { Kernel } from '../../kernel/kernel.ts';
import type { DecidedBy } from './entry-view.ts';
import { type EntryRow, type RuleRow, rulesByTag } from './store.ts';

const NOBODY = { policyId: null, policyName: null, policyVersion: null, ruleId: null, ruleIndex: null } as const;

/**
 * Finds out which rules decided.
 *
 * Tags are resolved when entries are read, not when they arrive: a tag that reached this database after the entry
 * counts all the same, and ingest pays nothing for it. A row is never attributed by guessing.
 */
export class RuleAttribution {
  private readonly kernel: Pick<Kernel, 'databases'>;

  constructor(kernel: Pick<Kernel, 'databases'>) {
    this.kernel = kernel;
  }

  /** Who decided, for each of the entries of one organization, in their order. */
  async of(orgId: string, rows: readonly EntryRow[]): Promise<DecidedBy[]> {
    const tags = rows.flatMap((row) => (row.rule_tag === null ? [] : [row.rule_tag]));
    const rules = await rulesByTag(this.kernel.databases.audit.read, orgId, tags);
    return rows.map((row) => {
      const rule = row.rule_tag === null ? undefined : rules.get(row.rule_tag);
      return rule === undefined ? withoutRule(row) : byRule(rule);
    });
  }
}

function byRule(rule: RuleRow): DecidedBy {
  return {
    attribution: 'tag',
    policyId: rule.policy_id,
    policyName: rule.policy_name,
    policyVersion: rule.version,
    ruleId: rule.rule_id,
    ruleIndex: rule.rule_index,
  };
}

function withoutRule({ policy_ref: sent, rule_tag: tag }: EntryRow): DecidedBy {
  if (tag === null && sent === '') return { attribution: 'none', ...NOBODY };
  const synthetic = sent.startsWith('synthetic:') || /^<.*>$/.test(sent);
  return { attribution: synthetic ? 'synthetic' : 'unresolved', ...NOBODY };
}
