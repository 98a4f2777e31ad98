import { Type } from 'typebox';
import { PageQuery } from '../../kernel/paging.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import { POLICY_STATUSES, SOURCE_FORMATS } from './schema.ts';

const strict = { additionalProperties: false };
const EXAMPLE_DOCUMENT = {
  version: '1',
  settings: { default_action: 'deny' },
  rules: [
    { id: 'no-rm', deny: 'Bash:rm', reason: 'Files are not removed by agents' },
    { id: 'reads', allow: ['file_read:*', 'database:read'] },
  ],
};

/** Judged by the document's own reader, whose refusals name line, column and a suggestion. */
const AnyJson = (description: string, examples?: unknown[]) =>
  Type.Unsafe<unknown>({ description, ...(examples && { examples }) });

/** The ways in which a body may hold a policy document. */
export const DocumentMembers = {
  document: Type.Optional(AnyJson('The policy document as an object, or as text (YAML or JSON).', [EXAMPLE_DOCUMENT])),
  yaml: Type.Optional(AnyJson('The policy document as YAML text. Comments and layout are kept.')),
  version: Type.Optional(AnyJson('Member of a document that is written directly into the body; always "1".')),
  settings: Type.Optional(AnyJson('Member of a document that is written directly into the body.')),
  rules: Type.Optional(AnyJson('Member of a document that is written directly into the body.')),
  dlp_rules: Type.Optional(AnyJson('Member of a document that is written directly into the body.')),
  default_action: Type.Optional(AnyJson('As settings.default_action.')),
  default_on_missing: Type.Optional(AnyJson('As settings.default_on_missing.')),
  default_on_empty: Type.Optional(AnyJson('As settings.default_on_empty.')),
  default_on_tamper: Type.Optional(AnyJson('As settings.default_on_tamper.')),
  tamper_behavior: Type.Optional(AnyJson('Older name of default_on_tamper.')),
};

const Accept = Type.Boolean({
  description: 'Saves also what SDKs older than 1.13.0, seen in the last 30 days, would refuse, widen or miss.',
});
export const VersionNumber = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const Note = Type.String({ maxLength: 500, description: 'Why; shown in the list of versions.' });

const PolicyMembers = {
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Unique in the project or organization.' }),
  ),
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  priority: Type.Optional(
    Type.Integer({
      minimum: -1_000_000,
      maximum: 1_000_000,
      description: 'Higher is tried first; 100 when not given.',
    }),
  ),
  note: Type.Optional(Note),
  accept_older_sdk_impact: Type.Optional(Accept),
};

const NewMembers = {
  ...PolicyMembers,
  status: Type.Optional(words(['live', 'draft'] as const, 'A draft is held back until it is published.')),
  ...DocumentMembers,
};
const ChangeMembers = {
  ...PolicyMembers,
  status: Type.Optional(
    words(
      POLICY_STATUSES,
      'With a document, "draft" holds that document back; without one, the policy goes out of force.',
    ),
  ),
  if_version: Type.Optional(VersionNumber),
  ...DocumentMembers,
};

export const NewPolicy = Type.Object(NewMembers, {
  ...strict,
  examples: [{ name: 'production-guards', priority: 200, document: EXAMPLE_DOCUMENT }],
});
export const PolicyPatch = Type.Object(ChangeMembers, {
  ...strict,
  minProperties: 1,
  examples: [{ priority: 300, if_version: 3 }],
});
/** With an API key unknown members are taken for the document's, whose reader judges them. */
export const KeyNewPolicy = Type.Object(NewMembers, { examples: [{ name: 'production-guards', ...EXAMPLE_DOCUMENT }] });
export const KeyPolicyPatch = Type.Object(ChangeMembers, { minProperties: 1 });

/** For configuration that is kept as files: the name says which policy it is. */
export const ApplyBody = Type.Object(
  { ...ChangeMembers, name: Type.String({ minLength: 1, maxLength: 200 }) },
  { ...strict, examples: [{ name: 'production-guards', document: EXAMPLE_DOCUMENT }] },
);

export const DocumentBody = Type.Object(DocumentMembers, { ...strict, examples: [{ document: EXAMPLE_DOCUMENT }] });
export const PublishBody = Type.Object(
  { if_version: Type.Optional(VersionNumber), accept_older_sdk_impact: Type.Optional(Accept) },
  strict,
);
export const RollbackBody = Type.Object(
  { version: Type.Optional(VersionNumber), note: Type.Optional(Note), ...PublishBody.properties },
  { ...strict, examples: [{ version: 2, note: 'Blocked the nightly build' }] },
);
export const AssignBody = Type.Object(
  { policy_id: Id, accept_older_sdk_impact: Type.Optional(Accept) },
  { ...strict, examples: [{ policy_id: '0191f0a2-7c1e-7000-8000-000000000001' }] },
);
export const AssignProjectsBody = Type.Object(
  {
    project_ids: Type.Array(Id, { minItems: 1, maxItems: 500 }),
    accept_older_sdk_impact: Type.Optional(Accept),
  },
  strict,
);

/** Path parameters of both families of routes: below a project, or below an organization. */
export function ownerParams(owner: 'projectID' | 'orgID') {
  return Type.Object({ [owner]: Id });
}
export function policyParams(owner: 'projectID' | 'orgID') {
  return Type.Unsafe<{ policyID: string }>(Type.Object({ [owner]: Id, policyID: Id }));
}
export function versionParams(owner: 'projectID' | 'orgID') {
  return Type.Unsafe<{ policyID: string; version: number }>(
    Type.Object({ [owner]: Id, policyID: Id, version: VersionNumber }),
  );
}

export const ListQuery = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(words(POLICY_STATUSES)),
  include: Type.Optional(words(['document'] as const, 'Adds the document of each policy; at most 20 per page then.')),
});
export const OrgListQuery = Type.Object({
  ...ListQuery.properties,
  scope: Type.Optional(words(['org', 'project'] as const, "Only the organization's own, or only those of projects.")),
});
export const DiffQuery = Type.Object({ from: Type.Optional(VersionNumber), to: Type.Optional(VersionNumber) });
/** A DELETE has no body, so what it accepts stands in the query. */
export const DeleteQuery = Type.Object({
  if_version: Type.Optional(VersionNumber),
  accept_older_sdk_impact: Type.Optional(Accept),
});

const Text = Type.String();
const Document = Type.Unsafe<unknown>({ description: 'The canonical document: one spelling for everything.' });
export const Problem = Type.Object({
  severity: words(['error', 'warning'] as const),
  code: Text,
  message: Text,
  path: Type.String({ description: 'JSON pointer into the text of the document, or into the body where it was JSON.' }),
  line: nullable(Type.Integer()),
  column: nullable(Type.Integer()),
  suggestion: nullable(Text),
  fix: nullable(
    Type.Object({
      title: Text,
      patch: Type.Array(Type.Object({ op: Text, path: Text, value: Type.Optional(Type.Unsafe<unknown>({})) })),
    }),
  ),
});

const SummaryMembers = {
  id: Text,
  org_id: Text,
  project_id: nullable(Text),
  scope: words(['org', 'project'] as const),
  name: Text,
  description: Text,
  priority: Type.Integer(),
  status: words(POLICY_STATUSES),
  version: Type.Integer({ description: 'The newest version.' }),
  live_version: nullable(Type.Integer({ description: 'The version in force.' })),
  has_draft: Type.Boolean({ description: 'The newest version is not in force.' }),
  rule_count: Type.Integer(),
  assigned_project_ids: Type.Array(Text),
  created_at: Time,
  updated_at: Time,
};
export const Policy = Type.Object({ ...SummaryMembers, document: Type.Optional(Document) });
export const Policies = Type.Object({ policies: Type.Array(Policy), next_cursor: nullable(Text) });

const VersionMembers = {
  version: Type.Integer(),
  state: words(['draft', 'published'] as const),
  live: Type.Boolean(),
  rule_count: Type.Integer(),
  note: Text,
  author: Type.Object({ id: Text, label: Text }),
  created_at: Time,
  published_at: nullable(Time),
};
export const VersionList = Type.Object({
  versions: Type.Array(Type.Object(VersionMembers)),
  next_cursor: nullable(Text),
});
const Source = Type.Object({ format: words(SOURCE_FORMATS), text: Text });
export const VersionDetail = Type.Object({ ...VersionMembers, document: Document, source: Source });
export const PolicyDetail = Type.Object({ ...SummaryMembers, document: Document, source: Source });

const Unmatched = nullable(Type.Object({ before: Text, after: Text, message: Text }));
const Bundle = Type.Object({
  etag: Text,
  changed: Type.Boolean({ description: 'False when SDKs get the same bytes as before.' }),
});
export const ChangedPolicy = Type.Object({
  ...SummaryMembers,
  document: Document,
  warnings: Type.Array(Problem),
  bundle: nullable(Bundle),
  effect_on_unmatched: Unmatched,
  projects: Type.Array(Type.Object({ project_id: Text, bundle: Bundle, effect_on_unmatched: Unmatched }), {
    description: 'Every project whose bundle was built anew.',
  }),
});
export const RemovedPolicy = Type.Object({ ...ChangedPolicy.properties, deleted: Type.Literal(true) });

const OlderSdkRule = Type.Object({
  rule_index: Type.Integer(),
  rule_id: nullable(Text),
  effect: Text,
  kind: Text,
  causes: Type.Array(Text),
  message: Text,
});
export const Validation = Type.Object({
  valid: Type.Boolean(),
  errors: Type.Integer(),
  warnings: Type.Integer(),
  problems: Type.Array(Problem),
  document: nullable(Document),
  yaml: nullable(Text),
  older_sdks: nullable(Type.Object({ adds_version_floor: Type.Boolean(), rules: Type.Array(OlderSdkRule) })),
});

const Any = Type.Unsafe<unknown>({});
const Fields = Type.Array(Type.Object({ field: Text, before: Any, after: Any }));
export const Diff = Type.Object({
  from: Type.Integer(),
  to: Type.Integer(),
  identical: Type.Boolean(),
  rules: Type.Array(
    Type.Object({
      kind: words(['added', 'removed', 'changed', 'moved'] as const),
      before: nullable(Type.Integer()),
      after: nullable(Type.Integer()),
      moved: Type.Boolean(),
      rule: nullable(Any),
      fields: Fields,
    }),
  ),
  settings: Type.Array(
    Type.Object({
      name: Text,
      before: nullable(Text),
      after: nullable(Text),
      direction: words(['stricter', 'looser'] as const),
    }),
  ),
  dlp_rules: Type.Array(
    Type.Object({ kind: words(['added', 'removed', 'changed'] as const), id: Text, fields: Fields }),
  ),
  text: Type.String({ description: 'Unified diff of both documents as YAML.' }),
});
