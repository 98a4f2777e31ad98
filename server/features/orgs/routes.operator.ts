import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import { notFound } from '../../kernel/errors.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuthService } from '../auth/service.ts';
import type { OrgsService } from './service.ts';

const NewOrg = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100 }), owner_email: Type.String({ minLength: 3, maxLength: 254 }) },
  { additionalProperties: false },
);

/** `czctl org create|list`. */
export function orgsOperatorRoutes(app: Surface, orgs: OrgsService, users: AuthService['users']): void {
  const access = operator();
  app.get(
    '/operator/orgs',
    { schema: { summary: 'List organizations', querystring: PageQuery }, config: { access } },
    async ({ query }) => {
      const { rows, next } = await orgs.listAll(query);
      const view = rows.map(({ id, name, slug, tier, status }) => ({ id, name, slug, tier, status }));
      return { orgs: view, next_cursor: next };
    },
  );
  app.post(
    '/operator/orgs',
    { schema: { summary: 'Make an organization', body: NewOrg }, config: { access, activity: 'org.create' } },
    async ({ context, body }, reply) => {
      const owner = await users.byEmail(context, body.owner_email);
      if (owner === null) throw notFound(`An account of ${body.owner_email}`);
      const { id, name, slug } = await orgs.create(context, { name: body.name, ownerId: owner.id });
      return reply.code(201).send({ id, name, slug, owner: owner.email });
    },
  );
}
