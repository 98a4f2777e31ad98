import { Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { ProjectsService } from './service.ts';
import {
  ConfirmQuery,
  NewProjectBody,
  OrgParams,
  Project,
  ProjectBody,
  ProjectParams,
  Projects,
  projectJson,
} from './wire.ts';

/** Projects on the dashboard. Source: REST reference, "Projects (under orgs)" and "Project, API keys, …". */
export function projectsRoutes(app: Surface, projects: ProjectsService): void {
  const tags = ['projects'];

  app.get(
    '/api/orgs/:orgID/projects',
    {
      schema: { summary: 'Projects', tags, params: OrgParams, querystring: PageQuery, response: { 200: Projects } },
      config: { access: member() },
    },
    async ({ params, query }) => {
      const { rows, next } = await projects.list(params.orgID, query);
      return { projects: rows.map(projectJson), next_cursor: next };
    },
  );
  app.post(
    '/api/orgs/:orgID/projects',
    {
      schema: {
        summary: 'Create a project',
        tags,
        params: OrgParams,
        body: NewProjectBody,
        response: { 201: Project },
      },
      config: { access: member('admin'), activity: 'project.create', idempotent: true },
    },
    async ({ context, params, body }, reply) =>
      reply.code(201).send(projectJson(await projects.create(context, params.orgID, body))),
  );
  app.get(
    '/api/projects/:projectID',
    {
      schema: { summary: 'A project', tags, params: ProjectParams, response: { 200: Project } },
      config: { access: member() },
    },
    async ({ params }) => projectJson(await projects.get(params.projectID)),
  );
  app.patch(
    '/api/projects/:projectID',
    {
      schema: {
        summary: 'Change name, description or defaults; what the body does not name stays',
        tags,
        params: ProjectParams,
        body: ProjectBody,
        response: { 200: Project },
      },
      config: { access: member('admin'), activity: 'project.change' },
    },
    async ({ context, params, body }) => projectJson(await projects.change(context, params.projectID, body)),
  );
  app.delete(
    '/api/projects/:projectID',
    {
      schema: {
        summary: 'Remove a project with its keys, policies and bundles',
        tags,
        params: ProjectParams,
        querystring: ConfirmQuery,
        response: { 204: Type.Null() },
      },
      config: { access: member('admin'), activity: 'project.delete' },
    },
    async ({ context, params, query }, reply) => {
      await projects.remove(context, params.projectID, query.confirm);
      return reply.code(204).send(null);
    },
  );
}
