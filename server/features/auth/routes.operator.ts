import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { IssuedLink } from './links.ts';
import type { AuthService } from './service.ts';

const Email = Type.String({ minLength: 3, maxLength: 254 });
const Account = Type.Object(
  {
    email: Email,
    password: Type.String({ minLength: 1, maxLength: 1024 }),
    name: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);
const Address = Type.Object({ email: Email }, { additionalProperties: false });

/** `czctl bootstrap-admin`, and the links that the command line prints where no mail is sent. */
export function authOperatorRoutes(app: Surface, auth: AuthService): void {
  const access = operator();
  app.post(
    '/operator/admins',
    {
      schema: { summary: 'Make a verified platform admin', body: Account },
      config: { access, activity: 'admin.bootstrap', secretBody: true },
    },
    async (request, reply) => reply.code(201).send(await auth.operator.bootstrapAdmin(request.context, request.body)),
  );
  app.post(
    '/operator/links/setup',
    { schema: { summary: 'Print a one-time set-up link', body: Address }, config: { access, activity: 'link.issue' } },
    async (request) => linkView(await auth.operator.setupLink(request.context, request.body.email)),
  );
  app.post(
    '/operator/links/reset',
    { schema: { summary: 'Print a password reset link', body: Address }, config: { access, activity: 'link.issue' } },
    async (request) => linkView(await auth.operator.resetLink(request.context, request.body.email)),
  );
  app.post(
    '/operator/links/verify',
    { schema: { summary: 'Print a verification link', body: Address }, config: { access, activity: 'link.issue' } },
    async (request) => linkView(await auth.operator.verifyLink(request.context, request.body.email)),
  );
}

function linkView(link: IssuedLink) {
  return { id: link.id, url: link.url, expires_at: rfc3339(link.expiresAt) };
}
