import type { Kernel } from '../../kernel/kernel.ts';
import { DEFAULT_TAG, OBSERVE_TAG } from '../../policy/bundle/bundle-rules.ts';
import type { BundlesService } from '../bundles/service.ts';
import type { DecidedBy } from './entry-view.ts';
import { type EntryRow, type RuleRow, rulesByTag } from './store.ts';

const NOBODY = { policyId: null, policyName: null, policyVersion: null, ruleId: null, ruleIndex: null } as const;
const INDEX = /^rule-(\d{1,6})$/;
/** How long an SDK may go on with a bundle after another took its place. */
const STALE = 24 * 3_600_000;
/** How far the clock of an SDK may be behind. */
const SKEW = 300_000;
/** Rules that no policy wrote: what every call gets in a project without policies, or that no rule matched. */
const CATCH_ALLS: ReadonlyMap<string, string> = new Map([
  [OBSERVE_TAG, 'synthetic:OBSERVE_MODE_NO_POLICY'],
  [DEFAULT_TAG, 'synthetic:NO_RULE_MATCH'],
]);

/** How a rule that no policy wrote is called; null for the tag of any other rule. */
export function catchAllPolicy(tag: string): string | null {
  return CATCH_ALLS.get(tag) ?? null;
}

/** What a row says of the rule that decided. */
export type Decided = Pick<
  EntryRow,
  'project_id' | 'ts' | 'is_test' | 'mode' | 'policy_ref' | 'rule_tag' | 'foreign_project'
>;

/**
 * Finds out which rules decided.
 *
 * A row names its rule by a tag. Where it has none, `rule-<n>` counts the rules of the bundle that the SDK had; that is
 * believed only when every build it may have had means the same rule. Anything else stays unresolved, never guessed.
 * Tags are resolved when entries are read, not when they arrive: a tag that reached this database after the entry
 * counts all the same, and ingest pays nothing for it.
 */
export class RuleAttribution {
  private readonly kernel: Pick<Kernel, 'databases'>;
  private readonly bundles: Pick<BundlesService, 'buildsBetween'>;

  constructor(kernel: Pick<Kernel, 'databases'>, bundles: Pick<BundlesService, 'buildsBetween'>) {
    this.kernel = kernel;
    this.bundles = bundles;
  }

  /** Who decided, for each of the entries of one organization, in their order. */
  async of(orgId: string, rows: readonly Decided[]): Promise<DecidedBy[]> {
    const tags = rows.map((row) => row.rule_tag);
    const indexed = rows.flatMap((row, at) => (tags[at] === null && isIndexed(row) ? [{ row, at }] : []));
    for (const [at, tag] of await this.tagsByIndex(indexed)) tags[at] = tag;
    return this.byTags(orgId, rows, tags);
  }

  /** The rules behind tags of an organization. */
  rules(orgId: string, tags: readonly string[]): Promise<Map<string, RuleRow>> {
    return rulesByTag(this.kernel.databases.audit.read, orgId, tags);
  }

  private async byTags(
    orgId: string,
    rows: readonly Decided[],
    tags: readonly (string | null)[],
  ): Promise<DecidedBy[]> {
    const rules = await this.rules(
      orgId,
      tags.filter((tag) => tag !== null),
    );
    return rows.map((row, at) => {
      const tag = tags[at] ?? null;
      const catchAll = tag === null ? null : catchAllPolicy(tag);
      if (catchAll !== null) return { ...NOBODY, attribution: 'synthetic', policyId: catchAll };
      const rule = tag === null ? undefined : rules.get(tag);
      if (rule === undefined) return withoutRule(row);
      return byRule(rule, row.rule_tag === null ? 'build' : 'tag');
    });
  }

  /** What `rule-<n>` meant, by position, for each project and kind of key on its own. */
  private async tagsByIndex(rows: readonly { row: Decided; at: number }[]): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (const group of groupsOf(rows)) {
      const { project_id: projectId, is_test: test } = group[0]!.row;
      const times = group.map(({ row }) => row.ts);
      const [from, until] = [Math.min(...times) - STALE, Math.max(...times) + SKEW];
      const builds = await this.bundles.buildsBetween(projectId, test === 1 ? 'test' : 'live', from, until);
      for (const { row, at } of group) {
        const tag = tagOf(row, builds);
        if (tag !== null) found.set(at, tag);
      }
    }
    return found;
  }
}

type Builds = Awaited<ReturnType<BundlesService['buildsBetween']>>;

function isIndexed(row: Decided): boolean {
  return row.mode !== 'local' && row.foreign_project === null && INDEX.test(row.policy_ref);
}

function groupsOf<R extends { row: Decided }>(rows: readonly R[]): R[][] {
  const groups = new Map<string, R[]>();
  for (const entry of rows) {
    const key = `${entry.row.project_id} ${entry.row.is_test}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

/** The one tag that the index means in every build that an SDK may have had then; null when they differ or lack it. */
function tagOf(row: Decided, builds: Builds): string | null {
  const index = Number(INDEX.exec(row.policy_ref)?.[1]);
  const fitting = builds.filter(
    (build) =>
      build.createdAt <= row.ts + SKEW && (build.supersededAt === null || build.supersededAt >= row.ts - STALE),
  );
  const tags = new Set(fitting.map((build) => build.ruleIndex.find((origin) => origin.index === index)?.tag ?? null));
  const [tag] = tags;
  return tags.size === 1 ? (tag ?? null) : null;
}

function byRule(rule: RuleRow, attribution: 'tag' | 'build'): DecidedBy {
  return {
    attribution,
    policyId: rule.policy_id,
    policyName: rule.policy_name,
    policyVersion: rule.version,
    ruleId: rule.rule_id,
    ruleIndex: rule.rule_index,
  };
}

function withoutRule({ policy_ref: sent, rule_tag: tag }: Decided): DecidedBy {
  if (tag === null && sent === '') return { ...NOBODY, attribution: 'none' };
  const synthetic = sent.startsWith('synthetic:') || /^<.*>$/.test(sent);
  return { ...NOBODY, attribution: synthetic ? 'synthetic' : 'unresolved' };
}
