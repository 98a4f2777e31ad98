import { Type } from 'typebox';
import { platformAdmin } from '../../kernel/access.ts';
import { invalid } from '../../kernel/errors.ts';
import { nullable } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AdminPeople } from './people.ts';
import type { AdminParts } from './ports.ts';
import {
  AdminAddress,
  AdminEntry,
  AdminUser,
  AdminUserPage,
  Roster,
  UserChange,
  UserParams,
  UsersQuery,
} from './wire.ts';

/** Accounts and the platform admins themselves. Source: REST reference, "Admin API". */
export function adminPeopleRoutes(app: Surface, people: AdminPeople, admins: AdminParts['auth']['admins']): void {
  const tags = ['admin'];
  const access = platformAdmin();

  app.get(
    '/api/admin/users',
    {
      schema: { summary: 'List accounts', tags, querystring: UsersQuery, response: { 200: AdminUserPage } },
      config: { access },
    },
    async ({ context, query }) => {
      const { rows, next } = await people.list(context, query, query);
      return { users: rows, next_cursor: next };
    },
  );
  app.put(
    '/api/admin/users/:userID',
    {
      schema: {
        summary: 'Disable an account, or enable it again',
        tags,
        params: UserParams,
        body: UserChange,
        response: { 200: AdminUser },
      },
      config: { access, activity: 'user.status-change' },
    },
    async ({ context, params, body }) => people.changeStatus(context, params.userID, body.status),
  );
  app.delete(
    '/api/admin/users/:userID',
    {
      schema: {
        summary: 'Delete an account with everything that hangs on it',
        tags,
        params: UserParams,
        response: { 204: Type.Null() },
      },
      config: { access, activity: 'user.remove' },
    },
    async ({ context, params }, reply) => {
      await people.remove(context, params.userID);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/admin/admins',
    { schema: { summary: 'The platform admins', tags, response: { 200: Roster } }, config: { access } },
    async ({ context }) => ({ admins: await admins.list(context) }),
  );
  app.post(
    '/api/admin/admins',
    {
      schema: { summary: 'Add a platform admin', tags, body: AdminAddress, response: { 201: AdminEntry } },
      config: { access, activity: 'admin.add' },
    },
    async ({ context, body }, reply) => reply.code(201).send(await admins.add(context, body.email)),
  );
  app.delete(
    '/api/admin/admins',
    {
      schema: {
        summary: 'Remove a platform admin that was added here',
        description: 'The address stands in the query or, as with POST, in the body.',
        tags,
        querystring: Type.Partial(AdminAddress, { additionalProperties: false }),
        body: nullable(AdminAddress),
        response: { 204: Type.Null() },
      },
      config: { access, activity: 'admin.remove' },
    },
    async ({ context, query, body }, reply) => {
      await admins.remove(context, addressOf(query, body));
      return reply.code(204).send(null);
    },
  );
}

/** The one address that query and body name; 400 when they name none, or two. */
function addressOf({ email: inQuery }: { email?: string }, body: { email: string } | null): string {
  const email = inQuery ?? body?.email;
  if (email === undefined) throw invalid('Name the address to remove, as ?email= or as {"email": …}.');
  if (inQuery !== undefined && body !== null && inQuery !== body.email) {
    throw invalid('Query and body name different addresses. Send one of them.');
  }
  return email;
}
