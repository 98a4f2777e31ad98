import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { PageQuery } from '../../kernel/paging.ts';
import { Id, nullable, Time } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { ToolsService } from './service.ts';
import type { ToolRow } from './store.ts';

const strict = { additionalProperties: false };
const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f:*?\\[\\]]+$',
  description: 'As rules and SDKs spell it, without the method.',
});
const Method = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\s\\u0000-\\u001f\\u007f:]+$' });
const Members = {
  description: Type.Optional(Type.String({ maxLength: 1000 })),
  methods: Type.Optional(Type.Array(Method, { maxItems: 200, uniqueItems: true })),
};
const NewTool = Type.Object(
  { name: Name, ...Members },
  { ...strict, examples: [{ name: 'send_email', description: 'Sends mail to customers', methods: ['send'] }] },
);
const ToolPatch = Type.Object(
  { name: Type.Optional(Name), ...Members },
  { ...strict, minProperties: 1, examples: [{ methods: ['send', 'draft'] }] },
);
const ProjectParams = Type.Object({ projectID: Id });
const ToolParams = Type.Object({ projectID: Id, toolID: Id });
const Tool = Type.Object({
  id: Type.String(),
  project_id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  methods: Type.Array(Type.String()),
  created_at: Time,
  updated_at: Time,
});
const Tools = Type.Object({ tools: Type.Array(Tool), next_cursor: nullable(Type.String()) });

/** Tools of a project. Source: REST reference, "Project, API keys, tools, secrets, policies". */
export function toolsRoutes(app: Surface, tools: ToolsService): void {
  const tags = ['tools'];
  const access = member('admin');
  const list = '/api/projects/:projectID/tools';

  app.get(
    list,
    {
      schema: {
        summary: 'List the registered tools',
        tags,
        params: ProjectParams,
        querystring: PageQuery,
        response: { 200: Tools },
      },
      config: { access: member() },
    },
    async ({ params, query }) => {
      const { rows, next } = await tools.list(params.projectID, query);
      return { tools: rows.map(toolJson), next_cursor: next };
    },
  );
  app.post(
    list,
    {
      schema: { summary: 'Register a tool', tags, params: ProjectParams, body: NewTool, response: { 201: Tool } },
      config: { access, activity: 'tool.create', idempotent: true },
    },
    async (request, reply) => {
      const tool = await tools.create(request.context, ownerOf(request), request.body);
      return reply.code(201).send(toolJson(tool));
    },
  );
  app.patch(
    `${list}/:toolID`,
    {
      schema: { summary: 'Change a tool', tags, params: ToolParams, body: ToolPatch, response: { 200: Tool } },
      config: { access, activity: 'tool.update' },
    },
    async (request) =>
      toolJson(await tools.update(request.context, ownerOf(request), request.params.toolID, request.body)),
  );
  app.delete(
    `${list}/:toolID`,
    {
      schema: { summary: 'Remove a tool from the register', tags, params: ToolParams, response: { 204: Type.Null() } },
      config: { access, activity: 'tool.delete' },
    },
    async (request, reply) => {
      await tools.remove(request.context, ownerOf(request), request.params.toolID);
      return reply.code(204).send(null);
    },
  );
}

function ownerOf({ tenant }: Pick<FastifyRequest, 'tenant'>) {
  if (tenant === null || tenant.projectId === null) throw new Error('a tool route without a project');
  return { orgId: tenant.orgId, projectId: tenant.projectId };
}

function toolJson(row: ToolRow): Static<typeof Tool> {
  return {
    id: row.id,
    project_id: row.project_id,
    name: row.name,
    description: row.description,
    methods: JSON.parse(row.methods) as string[],
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
  };
}
