import { Type } from 'typebox';

const Email = Type.String({ minLength: 3, maxLength: 254, description: 'E-mail address; case does not matter.' });
const Password = Type.String({ minLength: 1, maxLength: 1024 });
const NewPassword = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'At least 8 characters; neither common, nor regular, nor built from the account.',
});
const Token = Type.String({ minLength: 1, maxLength: 200, description: 'The token of a one-time link.' });
const strict = { additionalProperties: false };

export const RegisterBody = Type.Object(
  { email: Email, password: NewPassword, name: Type.Optional(Type.String({ maxLength: 100 })) },
  { ...strict, examples: [{ email: 'ada@example.com', password: 'violet tram kettle', name: 'Ada' }] },
);

export const LoginBody = Type.Object(
  { email: Email, password: Password },
  { ...strict, examples: [{ email: 'ada@example.com', password: 'violet tram kettle' }] },
);

export const RequestResetBody = Type.Object({ email: Email }, { ...strict, examples: [{ email: 'ada@example.com' }] });

export const ResetPasswordBody = Type.Object(
  { token: Token, new_password: NewPassword },
  { ...strict, description: 'The token of a reset or set-up link, and the password to set.' },
);

export const VerifyEmailBody = Type.Object(
  { token: Token, password: Password },
  { ...strict, description: 'The token of a verification link, and the password chosen at registration.' },
);

export const ChangePasswordBody = Type.Object({ current_password: Password, new_password: NewPassword }, strict);

export const RemoveAccountBody = Type.Object(
  { email: Email, password: Type.Optional(Password) },
  { ...strict, description: 'The address of the account, typed, and its current password.' },
);

export const User = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  email_verified: Type.Boolean(),
  platform_admin: Type.Boolean(),
});

export const Session = Type.Object(
  {
    token: Type.String({ description: 'Send it as Authorization: Bearer …' }),
    token_type: Type.Literal('Bearer'),
    expires_at: Type.String({ format: 'date-time' }),
    user: User,
    mfa_required: Type.Optional(
      Type.Boolean({ description: 'Reserved: true when a second step is needed before the token counts.' }),
    ),
  },
  {
    additionalProperties: true,
    examples: [
      {
        token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…',
        token_type: 'Bearer',
        expires_at: '2026-01-01T12:00:00.000Z',
        user: {
          id: '0197f0c0-0000-7000-8000-000000000000',
          email: 'ada@example.com',
          name: 'Ada',
          email_verified: true,
          platform_admin: false,
        },
      },
    ],
  },
);

export const Registered = Type.Object({
  status: Type.Literal('registered'),
  email: Type.String(),
  email_verified: Type.Literal(false),
  message: Type.String(),
});

export const Accepted = Type.Object({ status: Type.Literal('accepted'), message: Type.String() });

/** What a finished change answers. */
export const Done = Type.Object({ status: Type.String(), message: Type.String() });

export const CsrfToken = Type.Object({ csrf_token: Type.String() });

export const Ensured = Type.Object({ ready: Type.Literal(true), user_id: Type.String() });
