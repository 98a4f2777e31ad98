import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { AuditTables } from '../../db/tables.ts';
import { containsText } from '../../db/text-search.ts';
import type { Client } from './ingest/clients.ts';
import type { EntryKind } from './schema.ts';

/** Which entries are asked for; what is absent does not narrow. Times are milliseconds. */
export interface EntryFilter {
  decision?: string | undefined;
  kind?: EntryKind | undefined;
  tool?: string | undefined;
  /** The id of a policy, or what the row itself named. */
  policyId?: string | undefined;
  /** The tag of a rule, its author's id, or what the row itself named. */
  rule?: string | undefined;
  reasonCode?: string | undefined;
  /** A login name or an address. */
  user?: string | undefined;
  client?: Client | undefined;
  mode?: string | undefined;
  /** Text somewhere in tool, method, reason, policy, user or host; upper and lower case alike. */
  text?: string | undefined;
  test?: boolean | undefined;
  foreign?: boolean | undefined;
  /** The first moment that counts. */
  since?: number | undefined;
  /** The first moment that does not count any more. */
  until?: number | undefined;
}

type Entries = ExpressionBuilder<AuditTables, 'entries'>;

/** Whether a filter looks at more than time. */
export function isSelective({ since: _since, until: _until, ...rest }: EntryFilter): boolean {
  return Object.values(rest).some((value) => value !== undefined);
}

/** The conditions of a filter apart from time. */
export function conditionsOf(entries: Entries, orgId: string, filter: EntryFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  if (filter.decision !== undefined) conditions.push(entries('decision', '=', filter.decision));
  if (filter.kind !== undefined) conditions.push(entries('kind', '=', filter.kind));
  if (filter.tool !== undefined) conditions.push(entries('tool', '=', filter.tool));
  if (filter.reasonCode !== undefined) conditions.push(entries('reason_code', '=', filter.reasonCode));
  if (filter.client !== undefined) conditions.push(entries('client', '=', filter.client));
  if (filter.mode !== undefined) conditions.push(entries('mode', '=', filter.mode));
  if (filter.test !== undefined) conditions.push(entries('is_test', '=', filter.test ? 1 : 0));
  if (filter.foreign !== undefined) {
    conditions.push(entries('foreign_project', filter.foreign ? 'is not' : 'is', null));
  }
  if (filter.user !== undefined) {
    conditions.push(entries.or([entries('user_name', '=', filter.user), entries('user_email', '=', filter.user)]));
  }
  if (filter.policyId !== undefined) {
    const tags = tagsOf(entries, orgId).where('rule_tags.policy_id', '=', filter.policyId);
    conditions.push(entries.or([entries('policy_ref', '=', filter.policyId), entries('rule_tag', 'in', tags)]));
  }
  if (filter.rule !== undefined) {
    const tags = tagsOf(entries, orgId).where('rule_tags.rule_id', '=', filter.rule);
    conditions.push(
      entries.or([
        entries('rule_tag', '=', filter.rule),
        entries('policy_ref', '=', filter.rule),
        entries('rule_tag', 'in', tags),
      ]),
    );
  }
  if (filter.text !== undefined) conditions.push(containsText(SEARCHED, filter.text));
  return conditions;
}

function tagsOf(entries: Entries, orgId: string) {
  return entries.selectFrom('rule_tags').select('rule_tags.tag').where('rule_tags.org_id', '=', orgId);
}

const SEARCHED = ['tool', 'method', 'reason', 'policy_ref', 'user_name', 'user_email', 'hostname'] as const;
