import { Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { BundlesService } from './service.ts';
import {
  Builds,
  BundleBytes,
  buildJson,
  deliveredJson,
  EmptyBody,
  ModeQuery,
  ProjectParams,
  Provisioned,
  PublicKeys,
  PublishBody,
  Published,
  publicKeyJson,
  publicKeysJson,
  RotateBody,
  Rotated,
  Status,
  statusJson,
  Withdrawn,
} from './wire.ts';

/** Keys and bundles on the dashboard. Source: REST reference, "Key management" and "Project, API keys, tools, …". */
export function bundlesRoutes(app: Surface, bundles: BundlesService): void {
  keyRoutes(app, bundles);
  bundleRoutes(app, bundles);
}

function keyRoutes(app: Surface, bundles: BundlesService): void {
  const tags = ['keys'];
  const params = ProjectParams;

  app.post(
    '/api/projects/:projectID/keys/provision',
    {
      schema: {
        summary:
          "Make the organization's signing key, the project's encryption key and the first bundle where they are missing",
        tags,
        params,
        body: EmptyBody,
        response: { 200: Provisioned },
      },
      config: { access: member('admin'), activity: 'keys.provision' },
    },
    async ({ context, params: { projectID } }) => {
      const { keys, delivered } = await bundles.keyChanges.provision(context, projectID);
      return {
        project_id: projectID,
        org_id: keys.signing.org_id,
        ...publicKeyJson(keys.signing),
        key_version: delivered.keyVersion,
        bundle: deliveredJson(delivered),
      };
    },
  );
  app.post(
    '/api/projects/:projectID/keys/rotate',
    {
      schema: {
        summary: 'Renew the signing key and the encryption key; all bundles they concern change with them',
        tags,
        params,
        body: RotateBody,
        response: { 200: Rotated },
      },
      config: { access: member('admin'), activity: 'keys.rotate' },
    },
    async ({ context, params: { projectID }, body }) => {
      const rotation = { signingKey: body?.signing_key ?? true, projectKey: body?.project_key ?? true };
      const { keys, delivered, rebuilt, retiredKid } = await bundles.keyChanges.rotate(context, projectID, rotation);
      return {
        project_id: projectID,
        org_id: keys.signing.org_id,
        ...publicKeyJson(keys.signing),
        key_version: delivered.keyVersion,
        bundle: deliveredJson(delivered),
        retired_kid: retiredKid,
        projects_rebuilt: rebuilt,
      };
    },
  );
  app.get(
    '/api/projects/:projectID/keys/public',
    {
      schema: {
        summary: 'The key that verifies bundles, and the retired ones that machines may have pinned',
        tags,
        params,
        response: { 200: PublicKeys },
      },
      config: { access: member() },
    },
    async ({ tenant }) => publicKeysJson(await bundles.publicKeys(tenant!.orgId)),
  );
}

function bundleRoutes(app: Surface, bundles: BundlesService): void {
  const tags = ['bundles'];
  const params = ProjectParams;

  app.post(
    '/api/projects/:projectID/policies/bundle',
    {
      schema: {
        summary: 'Publish drafts and deliver the bundle; ends a withdrawal and clears a tamper flag',
        tags,
        params,
        body: PublishBody,
        response: { 200: Published },
      },
      config: { access: member('admin'), activity: 'bundle.publish' },
    },
    async ({ context, params: { projectID }, body }) => {
      const options = { acceptOlderSdks: body?.accept_older_sdk_impact ?? false };
      const { delivered, drafts } = await bundles.publish(context, projectID, options);
      return {
        ...deliveredJson(delivered),
        published: drafts.published.map(({ policyId, name, version }) => ({ policy_id: policyId, name, version })),
        effect_on_unmatched: drafts.effectOnUnmatched ?? null,
      };
    },
  );
  app.get(
    '/api/projects/:projectID/policies/bundle',
    {
      schema: { summary: 'What the project delivers now', tags, params, response: { 200: Status } },
      config: { access: member() },
    },
    async ({ params: { projectID } }) => statusJson(await bundles.status(projectID), await bundles.seenSdks(projectID)),
  );
  app.get(
    '/api/projects/:projectID/policies/builds',
    {
      schema: {
        summary: 'The builds of the project, newest first, each with what its rule numbers stand for',
        tags,
        params,
        querystring: Type.Object({ ...PageQuery.properties, ...ModeQuery.properties }),
        response: { 200: Builds },
      },
      config: { access: member() },
    },
    async ({ params: { projectID }, query: { mode, ...page } }) => {
      const { rows, next } = await bundles.builds(projectID, mode ?? 'live', page);
      return { builds: rows.map(buildJson), next_cursor: next };
    },
  );
  app.get(
    '/api/projects/:projectID/policies/download',
    {
      schema: {
        summary: 'Download the current bundle, exactly as SDKs receive it',
        tags,
        params,
        querystring: ModeQuery,
        response: { 200: BundleBytes, 304: Type.Null({ description: 'The client has it already.' }) },
      },
      config: { access: member() },
    },
    async ({ params: { projectID }, query, headers }, reply) => {
      const mode = query.mode ?? 'live';
      const answer = await bundles.live.pull(projectID, mode, headers['if-none-match']);
      void reply.header('content-disposition', `attachment; filename="${projectID}-${mode}.czpolicy"`);
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .send(answer.body as never);
    },
  );
  app.post(
    '/api/projects/:projectID/policies/withdraw',
    {
      schema: {
        summary: 'Stop delivering the bundle until it is published again',
        tags,
        params,
        body: EmptyBody,
        response: { 200: Withdrawn },
      },
      config: { access: member('admin'), activity: 'bundle.withdraw' },
    },
    async ({ context, params: { projectID } }) => ({
      status: 'withdrawn' as const,
      ...(await bundles.withdraw(context, projectID)),
    }),
  );
}
