import { member } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import { none } from '../../kernel/route-config.ts';
import type { Surface } from '../../kernel/surface.ts';
import { requiredDocument } from './document-input.ts';
import type { PolicyParts } from './parts.ts';
import { scopeOf } from './requests.ts';
import type { PolicyFamily } from './routes.ts';
import { diffJson, validationJson, versionDetailJson, versionJson } from './views.ts';
import {
  Diff,
  DiffQuery,
  DocumentBody,
  ownerParams,
  policyParams,
  Validation,
  VersionDetail,
  VersionList,
  versionParams,
} from './wire.ts';

/** What policies were and what changed between versions; documents that are judged and not saved. */
export function historyRoutes(app: Surface, family: PolicyFamily, { catalogue }: PolicyParts): void {
  const { base } = family;
  const tags = [family.tag];
  const { owner } = family;
  const read = { access: member() };

  app.post(
    `${base}/validate`,
    {
      schema: {
        summary: 'Judge a policy document without saving it',
        tags,
        params: ownerParams(owner),
        body: DocumentBody,
        response: { 200: Validation },
      },
      config: { access: member(), activity: none('judges a document and changes nothing') },
    },
    async (request) => validationJson(await catalogue.judge(scopeOf(request), requiredDocument(request))),
  );
  app.get(
    `${base}/:policyID/versions`,
    {
      schema: {
        summary: 'The versions of a policy, newest first',
        tags,
        params: policyParams(owner),
        querystring: PageQuery,
        response: { 200: VersionList },
      },
      config: read,
    },
    async (request) => {
      const { policy, page } = await catalogue.versions(scopeOf(request), request.params.policyID, request.query);
      return { versions: page.rows.map((row) => versionJson(policy, row)), next_cursor: page.next };
    },
  );
  app.get(
    `${base}/:policyID/versions/:version`,
    {
      schema: {
        summary: 'A version with its document',
        tags,
        params: versionParams(owner),
        response: { 200: VersionDetail },
      },
      config: read,
    },
    async (request) => {
      const { policyID, version } = request.params;
      const found = await catalogue.version(scopeOf(request), policyID, version);
      return versionDetailJson(found.policy, found.version);
    },
  );
  app.get(
    `${base}/:policyID/diff`,
    {
      schema: {
        summary: 'What changed between two versions',
        tags,
        params: policyParams(owner),
        querystring: DiffQuery,
        response: { 200: Diff },
      },
      config: read,
    },
    async (request) => diffJson(await catalogue.diff(scopeOf(request), request.params.policyID, request.query)),
  );
}
