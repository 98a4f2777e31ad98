import { rfc3339 } from '../../kernel/clock.ts';
import { publicUrl } from '../../kernel/config/load.ts';
import { conflict, invalid } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { GuessingGuard } from './guessing-guard.ts';
import { normalAddress, normalName } from './identity.ts';
import type { Links } from './links.ts';
import type { PasswordWork } from './password-work.ts';
import type { Registration } from './registration.ts';
import type { Sessions } from './sessions.ts';
import { type SignIn, signedInUser, wrongCredentials } from './sign-in.ts';
import { isStoredAdmin } from './store/admins.ts';
import { findByEmail, findById, replacePassword, setProved } from './store/users.ts';
import { type SignedIn, signedIn, userView } from './views.ts';

/** Reset links that one account may be given in an hour; further requests are answered alike and send nothing. */
const RESETS_AN_HOUR = 5;

interface Parts {
  kernel: Pick<Kernel, 'config' | 'databases' | 'clock'>;
  mailer: Mailer;
  sessions: Sessions;
  signIn: SignIn;
  passwords: PasswordWork;
  guard: GuessingGuard;
  links: Links;
  registration: Registration;
}

/** Changing a password, and setting one with a link. Both end every session of the account. */
export class Passwords {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Sends a reset link to an address that has an account; known and unknown addresses answer alike. */
  async requestReset(context: RequestContext, address: string): Promise<{ status: 'accepted'; message: string }> {
    const { kernel, links, registration, mailer } = this.parts;
    const email = normalAddress(address);
    await kernel.databases.state.write(async (trx, { afterCommit }) => {
      // Every address costs the same statements, so that the time tells nothing.
      const user = await findByEmail(trx, email);
      const lately = await links.givenLately(trx, user?.id ?? '', 'reset');
      const owner = user?.status === 'active' && lately < RESETS_AN_HOUR ? user : null;
      const link = await links.issue(trx, owner?.id ?? null, 'reset');
      await context.record(trx, { verb: 'user.request-reset' });
      if (owner !== null) afterCommit(() => registration.mailLink('reset', owner, link));
    });
    const how = mailer.enabled
      ? 'If the address has an account, a link was sent to it'
      : 'If the address has an account, the operator of this appliance can now print a link for it';
    return { status: 'accepted', message: `${how}. It works once, for 60 minutes.` };
  }

  /**
   * Sets a password with a reset or set-up link, which also proves the address. Ends every session and voids every other
   * link. 400 when the link does not work or the password is too weak; a refused password does not use the link up.
   */
  async setWithLink(
    context: RequestContext,
    token: string,
    password: string,
    purposes: readonly ('reset' | 'setup')[],
    name?: string,
  ): Promise<{ email: string }> {
    const { kernel, sessions, passwords, guard, links } = this.parts;
    const link = await links.find(token, purposes);
    const owner = { email: link.email, name: normalName(name ?? '') || link.name };
    passwords.judge(password, owner);
    const hash = await passwords.hash(password);
    await kernel.databases.state.write(async (trx, effects) => {
      const now = kernel.clock.now();
      await links.use(trx, link);
      if (!(await setProved(trx, link.user_id, { hash, name: owner.name, now }))) throw wrongCredentials();
      await sessions.endAllOf(trx, effects, link.user_id);
      await guard.forgive(trx, link.email);
      await context.record(trx, {
        verb: link.purpose === 'setup' ? 'user.set-up' : 'user.reset-password',
        target: { type: 'user', id: link.user_id },
      });
      if (link.purpose === 'reset') effects.afterCommit(() => this.noteChange(owner, now));
    });
    return { email: link.email };
  }

  /**
   * Replaces the caller's password. Ends every session of the account, this one too, and opens a new one for the caller.
   * 401 when the current password is wrong, 400 when the new one is too weak or the same.
   */
  async change(
    context: RequestContext,
    change: { current: string; next: string },
    userAgent: string | null,
  ): Promise<SignedIn> {
    const { kernel, sessions, signIn, passwords, guard, links } = this.parts;
    const { userId, email } = signedInUser(context);
    const user = await findById(kernel.databases.state.read, userId);
    if (user?.password_hash === null) {
      throw conflict('NO_PASSWORD', 'This account has no password yet. Ask for a reset link to set one.');
    }
    if (change.current === change.next) {
      throw invalid('The new password is the current one. Choose another.', { reason: 'unchanged' });
    }
    passwords.judge(change.next, { email, name: user?.name ?? '' });
    const { user: checked, attempt } = await signIn.check(context, email, user, change.current);
    const hash = await passwords.hash(change.next);
    const { session, view } = await kernel.databases.state.write(async (trx, effects) => {
      const now = kernel.clock.now();
      if (!(await replacePassword(trx, userId, checked.password_hash, hash, now))) throw wrongCredentials();
      await guard.succeed(trx, attempt);
      await sessions.endAllOf(trx, effects, userId);
      await links.voidAllOf(trx, userId);
      const session = await sessions.open(trx, userId, { ip: context.ip, userAgent });
      await context.record(trx, { verb: 'user.change-password', target: { type: 'user', id: userId } });
      effects.afterCommit(() => this.noteChange(checked, now));
      return { session, view: userView(sessions, checked, await isStoredAdmin(trx, email)) };
    });
    return signedIn(sessions, session, view);
  }

  private noteChange(owner: { email: string }, at: number): void {
    const appliance = publicUrl(this.parts.kernel.config);
    const values = { address: owner.email, appliance, time: rfc3339(at), reset: `${appliance}/ui/reset` };
    this.parts.mailer.post({ to: owner.email, template: 'password-changed', values });
  }
}
