import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import { Id } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { BundlesService } from './service.ts';
import { deliveredJson, ProjectParams, PublishBody, publicKeyJson, RotateBody, statusJson } from './wire.ts';

const RevokeParams = Type.Object({ orgID: Id, kid: Id });
const RebuildBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
);

/** What operators do with keys and bundles through the appliance's own socket. */
export function bundlesOperatorRoutes(app: Surface, bundles: BundlesService): void {
  const access = operator();

  app.get(
    '/operator/projects/:projectID/bundle',
    { schema: { summary: 'What the project delivers now', params: ProjectParams }, config: { access } },
    async ({ params: { projectID } }) => statusJson(await bundles.status(projectID), await bundles.seenSdks(projectID)),
  );
  app.post(
    '/operator/projects/:projectID/bundle',
    {
      schema: { summary: 'Publish drafts and deliver the bundle', params: ProjectParams, body: PublishBody },
      config: { access, activity: 'bundle.publish' },
    },
    async ({ context, params: { projectID }, body }) => {
      const options = { acceptOlderSdks: body?.accept_older_sdk_impact ?? false };
      return deliveredJson((await bundles.publish(context, projectID, options)).delivered);
    },
  );
  app.post(
    '/operator/projects/:projectID/rotate-keys',
    {
      schema: { summary: 'Renew signing and encryption key', params: ProjectParams, body: RotateBody },
      config: { access, activity: 'keys.rotate' },
    },
    async ({ context, params: { projectID }, body }) => {
      const rotation = { signingKey: body?.signing_key ?? true, projectKey: body?.project_key ?? true };
      const { keys, delivered, rebuilt, retiredKid } = await bundles.keyChanges.rotate(context, projectID, rotation);
      return {
        ...publicKeyJson(keys.signing),
        bundle: deliveredJson(delivered),
        retired_kid: retiredKid,
        projects_rebuilt: rebuilt,
      };
    },
  );
  app.post(
    '/operator/orgs/:orgID/signing-keys/:kid/revoke',
    {
      schema: {
        summary: 'End a retired signing key; machines that pinned it have to enroll again',
        params: RevokeParams,
      },
      config: { access, activity: 'signing-key.revoke' },
    },
    async ({ context, params: { orgID, kid } }, reply) => {
      await bundles.keyChanges.revokeSigningKey(context, orgID, kid);
      return reply.code(204).send();
    },
  );
  app.post(
    '/operator/bundles/rebuild',
    {
      schema: { summary: 'Build and sign the bundles of all projects afresh', body: RebuildBody },
      config: { access, activity: 'bundle.rebuild' },
    },
    async ({ context, body }) => {
      const { rebuilt, failed } = await bundles.rebuildAll(context, body.reason);
      return {
        rebuilt,
        failed: failed.map(({ projectId, code, message }) => ({ project_id: projectId, code, error: message })),
      };
    },
  );
}
