import { type Static, Type } from 'typebox';
import { rfc3339 } from '../../kernel/clock.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import { SETTING_WORDS } from '../../policy/document/document.ts';
import type { Project as ProjectRow } from './service.ts';

const strict = { additionalProperties: false };
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Description = Type.String({ maxLength: 1000 });

const Defaults = {
  default_action: words(SETTING_WORDS.default_action, 'What a call gets that no rule matches.'),
  default_on_missing: words(SETTING_WORDS.default_on_missing, 'What SDKs do without any bundle.'),
  default_on_empty: words(SETTING_WORDS.default_on_empty, 'What calls get while no policy is live.'),
  default_on_tamper: words(SETTING_WORDS.default_on_tamper, 'What SDKs do with a bundle that was tampered with.'),
};

export const OrgParams = Type.Object({ orgID: Id });
export const ProjectParams = Type.Object({ projectID: Id });
export const ConfirmQuery = Type.Object({
  confirm: Type.String({ maxLength: 200, description: 'The exact name of what is removed.' }),
});

const Changeable = Type.Partial(Type.Object({ description: Description, ...Defaults }));

export const NewProjectBody = Type.Object(
  { name: Name, ...Changeable.properties },
  { ...strict, examples: [{ name: 'production-agents', default_on_empty: 'observe' }] },
);
export const ProjectBody = Type.Object(
  { name: Type.Optional(Name), ...Changeable.properties },
  { ...strict, minProperties: 1, examples: [{ default_action: 'deny' }] },
);

export const Project = Type.Object({
  id: Type.String(),
  public_id: Type.String(),
  org_id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  ...Defaults,
  created_at: Time,
  updated_at: Time,
});
export const Projects = Type.Object({ projects: Type.Array(Project), next_cursor: nullable(Type.String()) });

export function projectJson(project: ProjectRow): Static<typeof Project> {
  return { ...project, created_at: rfc3339(project.created_at), updated_at: rfc3339(project.updated_at) };
}
