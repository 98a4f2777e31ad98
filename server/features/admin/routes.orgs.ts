import { platformAdmin } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AdminOrgs } from './orgs.ts';
import { AdminOrg, AdminOrgPage, adminOrgJson, OrgChange, OrgParams, OrgsQuery, OrgUsage, TierChange } from './wire.ts';

/** Organizations for platform admins. Source: REST reference, "Admin API". */
export function adminOrgsRoutes(app: Surface, orgs: AdminOrgs): void {
  const tags = ['admin'];
  const access = platformAdmin();

  app.get(
    '/api/admin/orgs',
    {
      schema: { summary: 'List organizations', tags, querystring: OrgsQuery, response: { 200: AdminOrgPage } },
      config: { access },
    },
    async ({ query }) => {
      const { rows, next } = await orgs.list(query, query);
      return { orgs: rows.map(adminOrgJson), next_cursor: next };
    },
  );
  app.get(
    '/api/admin/orgs/:orgID',
    {
      schema: { summary: 'An organization', tags, params: OrgParams, response: { 200: AdminOrg } },
      config: { access },
    },
    async ({ params }) => adminOrgJson(await orgs.get(params.orgID)),
  );
  app.put(
    '/api/admin/orgs/:orgID',
    {
      schema: {
        summary: 'Change an organization; what the body does not name stays',
        tags,
        params: OrgParams,
        body: OrgChange,
        response: { 200: AdminOrg },
      },
      config: { access, activity: 'org.administer' },
    },
    async ({ context, params, body }) => adminOrgJson(await orgs.change(context, params.orgID, body)),
  );
  app.get(
    '/api/admin/orgs/:orgID/usage',
    {
      schema: { summary: 'Usage of this month', tags, params: OrgParams, response: { 200: OrgUsage } },
      config: { access },
    },
    async ({ params }) => orgs.usage(params.orgID),
  );
  app.post(
    '/api/admin/orgs/:orgID/reset-usage',
    {
      schema: {
        summary: 'Set the counters of this month back to zero',
        tags,
        params: OrgParams,
        response: { 200: OrgUsage },
      },
      config: { access, activity: 'org.usage-reset' },
    },
    async ({ context, params }) => orgs.resetUsage(context, params.orgID),
  );
  app.patch(
    '/api/admin/orgs/:orgID/tier',
    {
      schema: {
        summary: 'Change the tier of an organization',
        tags,
        params: OrgParams,
        body: TierChange,
        response: { 200: AdminOrg },
      },
      config: { access, activity: 'org.tier-change' },
    },
    async ({ context, params, body }) => adminOrgJson(await orgs.changeTier(context, params.orgID, body.tier)),
  );
}
