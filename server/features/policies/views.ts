import type { Static } from 'typebox';
import { rfc3339 } from '../../kernel/clock.ts';
import type { DocumentDiff } from '../../policy/document/index.ts';
import { documentOf, type Judgement, type ListedPolicy } from './catalogue.ts';
import type { PolicyChange } from './policy-writer.ts';
import type { ProjectOutcome } from './rollout.ts';
import type { PolicyRow, VersionRow } from './store.ts';
import type { VersionSummary } from './version-store.ts';
import type { ChangedPolicy, Diff, Policy, PolicyDetail, Validation, VersionDetail } from './wire.ts';

/** A policy in a list; with its document where that was asked for. */
export function policyJson(listed: ListedPolicy, withDocument: boolean): Static<typeof Policy> {
  const { policy, version, assignedProjectIds } = listed;
  return {
    ...summary(policy, version, assignedProjectIds),
    ...(withDocument ? { document: documentOf(version) } : {}),
  };
}

export function policyDetailJson({ policy, version, assignedProjectIds }: ListedPolicy): Static<typeof PolicyDetail> {
  return { ...summary(policy, version, assignedProjectIds), ...texts(version) };
}

/** The answer to a change: the policy, its warnings, and what became of the bundles. */
export function changedJson(change: PolicyChange, assignedProjectIds: readonly string[]): Static<typeof ChangedPolicy> {
  const { policy, version, warnings, outcomes } = change;
  const own = outcomes.find((outcome) => outcome.projectId === policy.project_id) ?? null;
  const projects = outcomes.map(outcomeJson);
  const only = own ?? (outcomes.length === 1 ? outcomes[0]! : null);
  return {
    ...summary(policy, version, assignedProjectIds),
    document: documentOf(version),
    warnings: warnings.map((warning) => ({ ...warning, fix: fixJson(warning.fix) })),
    bundle: only === null ? null : bundleJson(only),
    effect_on_unmatched: only?.effectOnUnmatched ?? null,
    projects,
  };
}

export function versionJson(policy: Pick<PolicyRow, 'live_version'>, row: VersionSummary) {
  return {
    version: row.version,
    state: row.published_at === null ? ('draft' as const) : ('published' as const),
    live: policy.live_version === row.version,
    rule_count: row.rule_count,
    note: row.note,
    author: { id: row.author_id, label: row.author_label },
    created_at: rfc3339(row.created_at),
    published_at: row.published_at === null ? null : rfc3339(row.published_at),
  };
}

export function versionDetailJson(
  policy: Pick<PolicyRow, 'live_version'>,
  row: VersionRow,
): Static<typeof VersionDetail> {
  return { ...versionJson(policy, row), ...texts(row) };
}

export function validationJson(judgement: Judgement): Static<typeof Validation> {
  const errors = judgement.problems.filter((problem) => problem.severity === 'error').length;
  return {
    valid: judgement.valid,
    errors,
    warnings: judgement.problems.length - errors,
    problems: judgement.problems.map((problem) => ({ ...problem, fix: fixJson(problem.fix) })),
    document: judgement.document,
    yaml: judgement.yaml,
    older_sdks:
      judgement.olderSdks === null
        ? null
        : {
            adds_version_floor: judgement.olderSdks.addsVersionFloor,
            rules: judgement.olderSdks.rules.map((rule) => ({
              rule_index: rule.ruleIndex,
              rule_id: rule.id ?? null,
              effect: rule.effect,
              kind: rule.kind,
              causes: rule.causes,
              message: rule.message,
            })),
          },
  };
}

export function diffJson(diff: DocumentDiff & { from: number; to: number }): Static<typeof Diff> {
  return {
    from: diff.from,
    to: diff.to,
    identical: diff.identical,
    rules: diff.rules.map((change) => ({
      kind: change.kind,
      before: 'before' in change ? change.before : null,
      after: 'after' in change ? change.after : null,
      moved: change.kind === 'moved' || (change.kind === 'changed' && change.moved),
      rule: 'rule' in change ? change.rule : null,
      fields: 'fields' in change ? change.fields : [],
    })),
    settings: diff.settings.map(({ name, before, after, direction }) => ({
      name,
      before: before ?? null,
      after: after ?? null,
      direction,
    })),
    dlp_rules: diff.dlpRules,
    text: diff.text,
  };
}

function summary(policy: PolicyRow, version: VersionRow, assignedProjectIds: readonly string[]) {
  return {
    id: policy.id,
    org_id: policy.org_id,
    project_id: policy.project_id,
    scope: policy.project_id === null ? ('org' as const) : ('project' as const),
    name: policy.name,
    description: policy.description,
    priority: policy.priority,
    status: policy.status,
    version: policy.current_version,
    live_version: policy.live_version,
    has_draft: policy.status !== 'archived' && policy.live_version !== policy.current_version,
    rule_count: version.rule_count,
    assigned_project_ids: [...assignedProjectIds],
    created_at: rfc3339(policy.created_at),
    updated_at: rfc3339(policy.updated_at),
  };
}

function texts(version: VersionRow) {
  return { document: documentOf(version), source: { format: version.source_format, text: version.source } };
}

function outcomeJson(outcome: ProjectOutcome) {
  const { projectId, effectOnUnmatched } = outcome;
  return { project_id: projectId, bundle: bundleJson(outcome), effect_on_unmatched: effectOnUnmatched };
}

function bundleJson({ etag, changed }: ProjectOutcome) {
  return { etag, changed };
}

function fixJson(fix: PolicyChange['warnings'][number]['fix']) {
  return fix === null ? null : { title: fix.title, patch: [...fix.patch] };
}
