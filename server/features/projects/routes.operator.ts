import { operator } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { ProjectsService } from './service.ts';
import { NewProjectBody, OrgParams, projectJson } from './wire.ts';

/** `czctl project create|list`. */
export function projectsOperatorRoutes(app: Surface, projects: ProjectsService): void {
  const access = operator();
  app.get(
    '/operator/orgs/:orgID/projects',
    { schema: { summary: 'List projects', params: OrgParams, querystring: PageQuery }, config: { access } },
    async ({ params, query }) => {
      const { rows, next } = await projects.list(params.orgID, query);
      return { projects: rows.map(projectJson), next_cursor: next };
    },
  );
  app.post(
    '/operator/orgs/:orgID/projects',
    {
      schema: { summary: 'Make a project', params: OrgParams, body: NewProjectBody },
      config: { access, activity: 'project.create' },
    },
    async ({ context, params, body }, reply) =>
      reply.code(201).send(projectJson(await projects.create(context, params.orgID, body))),
  );
}
