import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { open, session } from '../../kernel/access.ts';
import type { Actor } from '../../kernel/actor.ts';
import { presentedCredential } from '../../kernel/credentials.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { FORM_FIELD, usePageForms } from '../../kernel/page-forms.ts';
import { sendPage } from '../../kernel/pages.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { InvitesService } from './invites.ts';
import { endedPage, invitePage, joinedPage } from './pages.ts';

const short = Type.String({ maxLength: 300 });
const LinkQuery = Type.Object({ token: Type.Optional(short) });
const AcceptForm = Type.Object({ [FORM_FIELD]: Type.Optional(short), token: short }, { additionalProperties: false });
const hidden = { hide: true, tags: ['pages'] };

/** `/ui/invite`: opening the link shows what is offered, and only sending its form accepts. */
export function invitePages(
  app: Surface,
  kernel: Pick<Kernel, 'config' | 'keys' | 'credentials' | 'log'>,
  invites: InvitesService,
): void {
  void app.register(async (plain) => {
    const scope = plain.withTypeProvider<TypeBoxTypeProvider>();
    const forms = usePageForms(plain, kernel);

    scope.get(
      '/ui/invite',
      {
        schema: { ...hidden, querystring: LinkQuery },
        config: { access: open('shows only what the link itself was made for') },
      },
      async (request, reply) => {
        const { token = '' } = request.query;
        try {
          const offer = await invites.preview(token);
          const actor = await signedIn(kernel, request);
          return sendPage(reply, 200, invitePage(offer, { actor, token, field: forms.field(request, reply) }));
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          return sendPage(reply, error.status, endedPage(error.message));
        }
      },
    );
    scope.post(
      '/ui/invite',
      {
        schema: { ...hidden, body: AcceptForm },
        config: {
          access: session(),
          activity: 'invite.accept',
          secretBody: true,
          withoutCsrf: 'the form carries a token of this browser instead of the header',
        },
      },
      async (request, reply) => {
        forms.check(request);
        const { org } = await invites.accept(request.context, request.body.token);
        return sendPage(reply, 200, joinedPage(org));
      },
    );
  });
}

/** Who looks at the page, or null; it is shown to everybody. */
async function signedIn(kernel: Pick<Kernel, 'credentials'>, request: FastifyRequest): Promise<Actor | null> {
  const presented = presentedCredential(request);
  return presented?.kind === 'session' ? kernel.credentials.resolve(presented, request) : null;
}
