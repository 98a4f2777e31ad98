import { Type } from 'typebox';
import { member, session } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { OrgsService } from './service.ts';
import {
  ConfirmQuery,
  NewOrgBody,
  Org,
  OrgParams,
  Orgs,
  orgJson,
  ProductTypeBody,
  Retention,
  RetentionBody,
  retentionJson,
  Settings,
  SettingsBody,
  settingsJson,
} from './wire.ts';

/** Organizations and their settings. Source: REST reference, "Organization CRUD" and "…, settings, …". */
export function orgsRoutes(app: Surface, orgs: OrgsService): void {
  const tags = ['orgs'];
  const read = { access: member() };

  app.get(
    '/api/orgs',
    {
      schema: { summary: 'My organizations', tags, querystring: PageQuery, response: { 200: Orgs } },
      config: { access: session() },
    },
    async ({ context, query }) => {
      const { rows, next } = await orgs.listOwn(context, query);
      return { orgs: rows.map(orgJson), next_cursor: next };
    },
  );
  app.post(
    '/api/orgs',
    {
      schema: { summary: 'Create an organization', tags, body: NewOrgBody, response: { 201: Org } },
      config: { access: session(), activity: 'org.create', idempotent: true },
    },
    async ({ context, body }, reply) => {
      const org = await orgs.create(context, {
        name: body.name,
        ...(body.product_type === undefined ? {} : { productType: body.product_type }),
      });
      return reply.code(201).send(orgJson(org));
    },
  );
  app.get(
    '/api/orgs/:orgID',
    { schema: { summary: 'An organization', tags, params: OrgParams, response: { 200: Org } }, config: read },
    async ({ params, tenant }) => ({ ...orgJson(await orgs.get(params.orgID)), role: tenant?.role ?? null }),
  );
  app.delete(
    '/api/orgs/:orgID',
    {
      schema: {
        summary: 'Remove an organization with everything in it',
        tags,
        params: OrgParams,
        querystring: ConfirmQuery,
        response: { 204: Type.Null() },
      },
      config: { access: member('owner'), activity: 'org.delete' },
    },
    async ({ context, params, query }, reply) => {
      await orgs.remove(context, params.orgID, query.confirm);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/orgs/:orgID/settings',
    { schema: { summary: 'Settings', tags, params: OrgParams, response: { 200: Settings } }, config: read },
    async ({ params }) => settingsJson(await orgs.get(params.orgID)),
  );
  for (const method of ['PATCH', 'PUT'] as const) {
    app.route({
      method,
      url: '/api/orgs/:orgID/settings',
      schema: {
        summary: 'Change settings; what the body does not name stays',
        tags,
        params: OrgParams,
        body: SettingsBody,
        response: { 200: Settings },
      },
      config: { access: member('admin'), activity: 'org.settings-change' },
      handler: async ({ context, params, body }) =>
        settingsJson(await orgs.changeSettings(context, params.orgID, body)),
    });
  }
  app.patch(
    '/api/orgs/:orgID/product-type',
    {
      schema: {
        summary: 'Choose the product type',
        tags,
        params: OrgParams,
        body: ProductTypeBody,
        response: { 200: Org },
      },
      config: { access: member('admin'), activity: 'org.product-type-change' },
    },
    async ({ context, params, body, tenant }) => ({
      ...orgJson(await orgs.changeProductType(context, params.orgID, body.product_type)),
      role: tenant?.role ?? null,
    }),
  );
  app.get(
    '/api/orgs/:orgID/settings/audit-retention',
    { schema: { summary: 'Audit retention', tags, params: OrgParams, response: { 200: Retention } }, config: read },
    async ({ params }) => retentionJson(await orgs.auditRetention(params.orgID)),
  );
  app.post(
    '/api/orgs/:orgID/settings/audit-retention',
    {
      schema: {
        summary: 'Choose the audit retention',
        description:
          'This release keeps the choice and deletes nothing yet: entries stay until a later one applies it.',
        tags,
        params: OrgParams,
        body: RetentionBody,
        response: { 200: Retention },
      },
      config: { access: member('owner'), activity: 'org.audit-retention-change' },
    },
    async ({ context, params, body }) =>
      retentionJson(await orgs.changeAuditRetention(context, params.orgID, body.retention_days)),
  );
}
