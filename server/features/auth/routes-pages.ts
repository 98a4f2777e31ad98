import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { open, session } from '../../kernel/access.ts';
import type { UserActor } from '../../kernel/actor.ts';
import { presentedCredential, SESSION_COOKIE } from '../../kernel/credentials.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { FORM_FIELD, servesHttps, setCookie, usePageForms } from '../../kernel/page-forms.ts';
import { type Html, sendPage } from '../../kernel/pages.ts';
import type { Surface } from '../../kernel/surface.ts';
import * as pages from './pages.ts';
import { userAgentOf } from './routes.ts';
import type { AuthService } from './service.ts';

const short = Type.String({ maxLength: 300 });
const password = Type.String({ maxLength: 1024 });
const form = { [FORM_FIELD]: Type.Optional(short) };
const strict = { additionalProperties: false };

const SignInForm = Type.Object({ ...form, email: short, password, next: Type.Optional(short) }, strict);
const RegisterForm = Type.Object({ ...form, email: short, name: Type.Optional(short), new_password: password }, strict);
const ResetForm = Type.Object({ ...form, email: short }, strict);
const PasswordForm = Type.Object({ ...form, token: short, name: Type.Optional(short), new_password: password }, strict);
const VerifyForm = Type.Object({ ...form, token: short, password }, strict);
const PlainForm = Type.Object(form, strict);
const LinkQuery = Type.Object({ token: Type.Optional(short), next: Type.Optional(short) });

const hidden = { hide: true, tags: ['pages'] };
const signInRate = { rate: 'sign-in' as const, secretBody: true };

/** The pages under `/ui/`: no script, and a link's token is used up only by sending its form. */
export function authPages(app: Surface, kernel: Pick<Kernel, 'config' | 'keys' | 'log'>, auth: AuthService): void {
  void app.register(async (plain) => {
    const scope = plain.withTypeProvider<TypeBoxTypeProvider>();
    const forms = usePageForms(plain, kernel);
    const secure = servesHttps(kernel.config);
    const mayRegister = kernel.config.registration !== 'closed';
    const access = open('a page; what it does is guarded by its form');
    const formAccess = open('the form carries its credential and a token of this browser');

    scope.get('/ui/', { schema: hidden, config: { access } }, async (request, reply) => {
      const user = await signedInUser(auth, request);
      return sendPage(reply, 200, pages.startPage(user, mayRegister, forms.field(request, reply)));
    });

    scope.get(
      '/ui/sign-in',
      { schema: { ...hidden, querystring: LinkQuery }, config: { access } },
      async (request, reply) =>
        sendPage(reply, 200, pages.signInPage(forms.field(request, reply), ownPath(request.query.next), '', null)),
    );
    scope.post(
      '/ui/sign-in',
      {
        schema: { ...hidden, body: SignInForm },
        config: { access: formAccess, activity: 'user.sign-in', ...signInRate },
      },
      async (request, reply) => {
        forms.check(request);
        const next = ownPath(request.body.next);
        const again = (problem: string) =>
          pages.signInPage(forms.field(request, reply), next, request.body.email, problem);
        return orShow(reply, again, async () => {
          const { token } = await auth.signIn.signIn(request.context, request.body, userAgentOf(request));
          const maxAgeSeconds = kernel.config.sessionHours * 3_600;
          setCookie(reply, SESSION_COOKIE, token, { secure, maxAgeSeconds });
          return reply.redirect(next, 303);
        });
      },
    );
    scope.post(
      '/ui/sign-out',
      {
        schema: { ...hidden, body: PlainForm },
        config: {
          access: session(),
          activity: 'user.sign-out',
          withoutCsrf: 'the form carries a token of this browser instead of the header',
        },
      },
      async (request, reply) => {
        forms.check(request);
        await auth.signIn.signOut(request.context);
        setCookie(reply, SESSION_COOKIE, '', { secure, maxAgeSeconds: 0 });
        return reply.redirect('/ui/', 303);
      },
    );

    scope.get('/ui/register', { schema: hidden, config: { access } }, async (request, reply) =>
      sendPage(reply, 200, pages.registerPage(forms.field(request, reply), { email: '', name: '' }, null)),
    );
    scope.post(
      '/ui/register',
      {
        schema: { ...hidden, body: RegisterForm },
        config: { access: formAccess, activity: 'user.register', ...signInRate },
      },
      async (request, reply) => {
        forms.check(request);
        const { email, name = '', new_password } = request.body;
        const again = (problem: string) => pages.registerPage(forms.field(request, reply), { email, name }, problem);
        return orShow(reply, again, async () => {
          const account = { email, name, password: new_password };
          const { message } = await auth.registration.register(request.context, account);
          return sendPage(reply, 201, pages.donePage('Almost there', message));
        });
      },
    );

    scope.post(
      '/ui/request-reset',
      {
        schema: { ...hidden, body: ResetForm },
        config: { access: formAccess, activity: 'user.request-reset', rate: 'sign-in' },
      },
      async (request, reply) => {
        forms.check(request);
        const again = (problem: string) => pages.requestResetPage(forms.field(request, reply), problem);
        return orShow(reply, again, async () => {
          const { message } = await auth.passwords.requestReset(request.context, request.body.email);
          return sendPage(reply, 202, pages.donePage('Request taken', message));
        });
      },
    );

    for (const purpose of ['setup', 'reset'] as const) {
      scope.get(
        `/ui/${purpose}`,
        { schema: { ...hidden, querystring: LinkQuery }, config: { access } },
        async (request, reply) => {
          const field = forms.field(request, reply);
          const { token } = request.query;
          const page =
            token === undefined
              ? pages.requestResetPage(field, null)
              : pages.newPasswordPage(purpose, field, { token, name: '' }, null);
          return sendPage(reply, 200, page);
        },
      );
      scope.post(
        `/ui/${purpose}`,
        {
          schema: { ...hidden, body: PasswordForm },
          config: {
            access: formAccess,
            activity: purpose === 'setup' ? 'user.set-up' : 'user.reset-password',
            ...signInRate,
          },
        },
        async (request, reply) => {
          forms.check(request);
          const { token, name = '', new_password } = request.body;
          const again = (problem: string) =>
            pages.newPasswordPage(purpose, forms.field(request, reply), { token, name }, problem);
          return orShow(reply, again, async () => {
            await auth.passwords.setWithLink(request.context, token, new_password, [purpose], name);
            return sendPage(reply, 200, pages.donePage('Done', 'Your password is set. Sign in with it.'));
          });
        },
      );
    }

    scope.get(
      '/ui/verify',
      { schema: { ...hidden, querystring: LinkQuery }, config: { access } },
      async (request, reply) =>
        sendPage(reply, 200, pages.verifyPage(forms.field(request, reply), request.query.token ?? '', null)),
    );
    scope.post(
      '/ui/verify',
      {
        schema: { ...hidden, body: VerifyForm },
        config: { access: formAccess, activity: 'user.verify', ...signInRate },
      },
      async (request, reply) => {
        forms.check(request);
        const { token } = request.body;
        const again = (problem: string) => pages.verifyPage(forms.field(request, reply), token, problem);
        return orShow(reply, again, async () => {
          await auth.registration.verify(request.context, token, request.body.password);
          return sendPage(reply, 200, pages.donePage('Done', 'Your address is confirmed. Sign in to go on.'));
        });
      },
    );
  });
}

/** Does `work`; a refusal shows the form again with its message, so that nothing has to be typed twice. */
async function orShow(
  reply: FastifyReply,
  again: (problem: string) => Html,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.facts.headers !== undefined) void reply.headers(error.facts.headers);
    return sendPage(reply, error.status, again(error.message));
  }
}

/** Who the cookie or header of a page request stands for; pages are shown to everybody. */
async function signedInUser(auth: AuthService, request: FastifyRequest): Promise<UserActor | null> {
  const presented = presentedCredential(request);
  return presented?.kind === 'session' ? auth.sessions.resolve(presented.value) : null;
}

/** A page of ours to go on to; anything else becomes the start page, so that no link can send people elsewhere. */
function ownPath(next: string | undefined): string {
  return next !== undefined && /^\/ui\/[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&_.%-]*)?$/.test(next) ? next : '/ui/';
}
