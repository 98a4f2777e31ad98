import { Counter } from 'prom-client';
import { DomainError, notFound, unauthenticated } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { Attempt, GuessingGuard } from './guessing-guard.ts';
import { normalAddress } from './identity.ts';
import type { PasswordWork } from './password-work.ts';
import type { Sessions } from './sessions.ts';
import { isStoredAdmin } from './store/admins.ts';
import { findByEmail, findById, noteSignIn, type UserRow } from './store/users.ts';
import { type SignedIn, signedIn, type UserView, userView } from './views.ts';

/** A user's password that was right a moment ago; what follows must still hold on to `passwordHash`. */
export interface CheckedPassword {
  user: UserRow & { password_hash: string };
  attempt: Attempt;
}

interface Parts {
  kernel: Pick<Kernel, 'databases' | 'clock' | 'metrics'>;
  sessions: Sessions;
  passwords: PasswordWork;
  guard: GuessingGuard;
  mailer: Pick<Mailer, 'enabled'>;
}

/** Signing in and out. */
export class SignIn {
  private readonly parts: Parts;
  private readonly outcomes: Counter<'outcome'>;

  constructor(parts: Parts) {
    this.parts = parts;
    this.outcomes = new Counter({
      name: 'cz_sign_ins_total',
      help: 'Password checks by outcome.',
      labelNames: ['outcome'],
      registers: [parts.kernel.metrics.registry],
    });
  }

  /**
   * Opens a session for an address and its password. An unknown address, a wrong password and a disabled account answer
   * the same 401 after the same work, and so does an address that was not verified yet where verification links are
   * mailed; while account or network address have to wait, right and wrong answer the same 429.
   */
  async signIn(
    context: RequestContext,
    credentials: { email: string; password: string },
    userAgent: string | null,
  ): Promise<SignedIn> {
    const { kernel, sessions, passwords, guard, mailer } = this.parts;
    const email = normalAddress(credentials.email);
    const user = await findByEmail(kernel.databases.state.read, email);
    const checked = await this.check(context, email, user, credentials.password);
    // Else registering an address and then signing in would tell whether it had an account before. Where nothing is mailed
    // only an operator could let a newcomer in, so there the account is open at once; its address confers nothing.
    if (checked.user.email_verified_at === null && mailer.enabled) throw this.refuse();
    const { password_hash: hash, id } = checked.user;
    const renewedHash = await passwords.renewed(hash, credentials.password);
    const { session, view } = await guard.inLine(async (trx) => {
      const noted = await noteSignIn(trx, id, hash, { at: kernel.clock.now(), renewedHash });
      if (!noted) throw wrongCredentials();
      await guard.succeed(trx, checked.attempt);
      const session = await sessions.open(trx, id, { ip: context.ip, userAgent });
      await context.record(trx, {
        verb: 'user.sign-in',
        target: { type: 'user', id },
        details: { session_id: session.id },
      });
      return { session, view: userView(sessions, checked.user, await isStoredAdmin(trx, email)) };
    });
    this.outcomes.inc({ outcome: 'accepted' });
    return signedIn(sessions, session, view);
  }

  /**
   * Checks a password under the guard. Throws the 401 of a wrong password, also for no account and a disabled one, or a
   * 429. The caller calls `guard.succeed` in its own transaction.
   */
  async check(
    context: RequestContext,
    email: string,
    user: UserRow | undefined,
    password: string,
  ): Promise<CheckedPassword> {
    const { passwords, guard } = this.parts;
    const { attempt, right } = await passwords.attempt(async () => {
      const attempt = await guard.begin(email, context.ip);
      try {
        return { attempt, right: await passwords.verify(user?.password_hash ?? null, password) };
      } catch (error) {
        await guard.release(attempt);
        throw error;
      }
    });
    if (!right || user === undefined || user.password_hash === null || user.status !== 'active') {
      throw this.refuse();
    }
    return { user: { ...user, password_hash: user.password_hash }, attempt };
  }

  private refuse(): DomainError {
    this.outcomes.inc({ outcome: 'refused' });
    return wrongCredentials();
  }

  /** Ends the caller's session. */
  signOut(context: RequestContext): Promise<void> {
    const { sessionId, userId } = signedInUser(context);
    return this.parts.kernel.databases.state.write(async (trx, effects) => {
      await this.parts.sessions.end(trx, effects, sessionId);
      await context.record(trx, {
        verb: 'user.sign-out',
        target: { type: 'user', id: userId },
        details: { session_id: sessionId },
      });
    });
  }

  /** The caller's own account. */
  async me(context: RequestContext): Promise<UserView> {
    const { read } = this.parts.kernel.databases.state;
    const { userId } = signedInUser(context);
    const user = await findById(read, userId);
    if (user === undefined) throw notFound(`The account ${userId}`);
    return userView(this.parts.sessions, user, await isStoredAdmin(read, user.email));
  }
}

/** The signed-in person behind a context; a 401 for everybody else. */
export function signedInUser(context: RequestContext) {
  if (context.actor.kind !== 'user') throw unauthenticated('Sign in first: POST /auth/login.');
  return context.actor;
}

/** The one answer for every combination of address and password that does not count. */
export function wrongCredentials(): DomainError {
  return new DomainError(
    401,
    'INVALID_CREDENTIALS',
    'The e-mail address or the password is wrong, or the address is not verified yet. Check both, open the verification link, or ask for a new password.',
    {
      reason: 'invalid_credentials',
      remediation: 'POST /auth/request-reset asks for a link that sets a new password.',
    },
  );
}
