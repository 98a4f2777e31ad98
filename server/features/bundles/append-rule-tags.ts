import type { AuditOperation } from '../../db/audit-group.ts';
import type { RuleTagFacts } from './schema.ts';

const columns = [
  'org_id',
  'tag',
  'project_id',
  'policy_id',
  'policy_name',
  'version',
  'rule_index',
  'rule_id',
  'created_at',
] as const satisfies readonly (keyof RuleTagFacts)[];

/** Copies rule tags into the audit database. One that is there already keeps its meaning. Returns how many were new. */
export const appendRuleTags: AuditOperation<readonly RuleTagFacts[], number> = {
  name: 'rule-tags.append',
  async run(sql, tags) {
    const rows = tags.map((tag) => columns.map((column) => tag[column]));
    const inserted = await sql.insertNew({ table: 'rule_tags', columns, key: ['org_id', 'tag'], rows });
    return inserted.filter(Boolean).length;
  },
};
