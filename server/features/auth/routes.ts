import type { FastifyRequest } from 'fastify';
import { open, session } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuthService } from './service.ts';
import { signedInUser } from './sign-in.ts';
import * as wire from './wire.ts';

const tags = ['auth'];
const withoutCsrf = '/auth/* takes credentials in the body or the Authorization header, which other sites cannot send';

/** `/auth/*`, `/api/csrf-token`, `/api/users/ensure` and `/api/account`. Source: REST reference, "Self-managed auth". */
export function authRoutes(app: Surface, auth: AuthService): void {
  app.post(
    '/auth/register',
    {
      schema: { summary: 'Register a new user', tags, body: wire.RegisterBody, response: { 201: wire.Registered } },
      config: {
        access: open('limited per address; an address that is not verified confers nothing'),
        activity: 'user.register',
        rate: 'sign-in',
        secretBody: true,
      },
    },
    async (request, reply) => {
      const { email, password, name = '' } = request.body;
      return reply.code(201).send(await auth.registration.register(request.context, { email, password, name }));
    },
  );
  app.post(
    '/auth/login',
    {
      schema: { summary: 'Sign in with a password', tags, body: wire.LoginBody, response: { 200: wire.Session } },
      config: {
        access: open('the password in the body is the credential'),
        activity: 'user.sign-in',
        rate: 'sign-in',
        secretBody: true,
      },
    },
    (request) => auth.signIn.signIn(request.context, request.body, userAgentOf(request)),
  );
  app.post(
    '/auth/request-reset',
    {
      schema: {
        summary: 'Ask for a password-reset e-mail',
        tags,
        body: wire.RequestResetBody,
        response: { 202: wire.Accepted },
      },
      config: {
        access: open('limited per address; known and unknown addresses answer alike'),
        activity: 'user.request-reset',
        rate: 'sign-in',
      },
    },
    async (request, reply) =>
      reply.code(202).send(await auth.passwords.requestReset(request.context, request.body.email)),
  );
  app.post(
    '/auth/reset-password',
    {
      schema: {
        summary: 'Set a password with the token of a link',
        tags,
        body: wire.ResetPasswordBody,
        response: { 200: wire.Done },
      },
      config: {
        access: open('the one-time token in the body is the credential'),
        activity: 'user.reset-password',
        rate: 'sign-in',
        secretBody: true,
      },
    },
    async (request) => {
      const { token, new_password } = request.body;
      await auth.passwords.setWithLink(request.context, token, new_password, ['reset', 'setup']);
      return {
        status: 'changed',
        message: 'The password is set and every earlier session was ended. Sign in with it.',
      };
    },
  );
  app.post(
    '/auth/verify-email',
    {
      schema: {
        summary: 'Verify the e-mail address with the token of a link',
        tags,
        body: wire.VerifyEmailBody,
        response: { 200: wire.Done },
      },
      config: {
        access: open('the one-time token and the password in the body are the credential'),
        activity: 'user.verify',
        rate: 'sign-in',
        secretBody: true,
      },
    },
    async (request) => {
      await auth.registration.verify(request.context, request.body.token, request.body.password);
      return { status: 'verified', message: 'The address is verified.' };
    },
  );
  app.post(
    '/auth/logout',
    {
      schema: { summary: 'End the session', tags, response: { 200: wire.Done } },
      config: { access: session(), activity: 'user.sign-out', withoutCsrf },
    },
    async (request) => {
      await auth.signIn.signOut(request.context);
      return { status: 'signed_out', message: 'The session was ended.' };
    },
  );
  app.post(
    '/auth/change-password',
    {
      schema: {
        summary: 'Change the current password',
        description: 'Ends every session of the account and answers with a new one.',
        tags,
        body: wire.ChangePasswordBody,
        response: { 200: wire.Session },
      },
      config: { access: session(), activity: 'user.change-password', rate: 'sign-in', withoutCsrf, secretBody: true },
    },
    (request) => {
      const { current_password: current, new_password: next } = request.body;
      return auth.passwords.change(request.context, { current, next }, userAgentOf(request));
    },
  );
  app.get(
    '/auth/me',
    { schema: { summary: 'The current user', tags, response: { 200: wire.User } }, config: { access: session() } },
    (request) => auth.signIn.me(request.context),
  );
  app.get(
    '/api/csrf-token',
    {
      schema: { summary: 'The CSRF token of the session', tags: ['csrf'], response: { 200: wire.CsrfToken } },
      config: { access: session() },
    },
    async (request) => ({ csrf_token: auth.csrfToken(signedInUser(request.context)) }),
  );
  app.get(
    '/api/users/ensure',
    {
      schema: { summary: 'Make sure the account is ready', tags: ['dashboard'], response: { 200: wire.Ensured } },
      config: { access: session() },
    },
    async (request) => ({ ready: true as const, user_id: signedInUser(request.context).userId }),
  );
  app.delete(
    '/api/account',
    {
      schema: {
        summary: 'Remove the own account',
        tags: ['account'],
        body: wire.RemoveAccountBody,
        response: { 200: wire.Done },
      },
      config: { access: session(), activity: 'user.remove', rate: 'sign-in', secretBody: true },
    },
    async (request) => {
      const { email, password = null } = request.body;
      await auth.removeOwnAccount(request.context, { email, password });
      return { status: 'removed', message: 'The account and its sessions were removed.' };
    },
  );
}

/** The program that a request names itself as. */
export function userAgentOf(request: FastifyRequest): string | null {
  return request.headers['user-agent'] ?? null;
}
