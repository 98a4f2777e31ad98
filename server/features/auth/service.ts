import type { PasswordCosts } from '../../crypto/passwords.ts';
import type { UserActor } from '../../kernel/actor.ts';
import { csrfToken } from '../../kernel/csrf.ts';
import { invalid } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { Admins } from './admins.ts';
import { GuessingGuard } from './guessing-guard.ts';
import { normalAddress } from './identity.ts';
import { Links } from './links.ts';
import { OperatorAccounts } from './operator.ts';
import { PasswordWork } from './password-work.ts';
import { Passwords } from './passwords.ts';
import { type Invites, Registration } from './registration.ts';
import { AccountRemoval, type RemovalHook } from './removal.ts';
import { Sessions } from './sessions.ts';
import { SignIn, signedInUser, wrongCredentials } from './sign-in.ts';
import { findById } from './store/users.ts';
import { Users } from './users.ts';

/** The parts of the kernel that accounts and sessions need. */
export type AuthKernel = Pick<
  Kernel,
  'config' | 'clock' | 'newId' | 'log' | 'databases' | 'keys' | 'credentials' | 'limits' | 'metrics'
>;

export interface AuthParts {
  mailer: Mailer;
  /** Signs sessions; 32 bytes. */
  jwtKey: Buffer;
  passwordCosts: PasswordCosts | undefined;
}

/** Accounts and sessions, by what one does with them. */
export class AuthService {
  readonly sessions: Sessions;
  readonly links: Links;
  readonly admins: Admins;
  readonly users: Users;
  readonly operator: OperatorAccounts;
  readonly registration: Registration;
  readonly passwords: Passwords;
  readonly signIn: SignIn;
  private readonly kernel: AuthKernel;
  private readonly guard: GuessingGuard;
  private readonly work: PasswordWork;
  private readonly removal: AccountRemoval;

  constructor(kernel: AuthKernel, { mailer, jwtKey, passwordCosts }: AuthParts) {
    this.kernel = kernel;
    const passwords = new PasswordWork(kernel, passwordCosts);
    const guard = new GuessingGuard(kernel);
    const sessions = new Sessions(kernel, jwtKey);
    const links = new Links(kernel);
    this.guard = guard;
    this.work = passwords;
    this.sessions = sessions;
    this.links = links;
    this.removal = new AccountRemoval(kernel, sessions);
    this.admins = new Admins(kernel, sessions);
    this.users = new Users({ kernel, sessions, links, removal: this.removal });
    this.operator = new OperatorAccounts({ kernel, sessions, passwords, guard, links, admins: this.admins });
    this.signIn = new SignIn({ kernel, sessions, passwords, guard, mailer });
    const own = { kernel, mailer, sessions, signIn: this.signIn, passwords, guard, links };
    this.registration = new Registration(own);
    this.passwords = new Passwords({ ...own, registration: this.registration });
  }

  /** Passwords being hashed or checked now, and those that wait for it. */
  get passwordLoad(): { readonly running: number; readonly waiting: number } {
    return this.work.load;
  }

  /** Lets the feature that owns invites say who may register while registration is by invite. */
  useInvites(invites: Invites): void {
    this.registration.useInvites(invites);
  }

  /** Registers what another feature does, or refuses, when an account is removed; see `RemovalHook`. */
  onRemove(hook: RemovalHook): void {
    this.removal.onRemove(hook);
  }

  /** The CSRF token of a signed-in person's session. */
  csrfToken(actor: UserActor): string {
    return csrfToken(this.kernel.keys.csrf, actor.sessionId);
  }

  /**
   * Removes the caller's own account. Needs its address, typed, and its current password (when it has one): 400 and 401
   * otherwise. 409 when another feature still needs the account, for example as the only owner of an organization.
   */
  async removeOwnAccount(context: RequestContext, proof: { email: string; password: string | null }): Promise<void> {
    const { userId, email } = signedInUser(context);
    if (normalAddress(proof.email) !== email) {
      throw invalid('The typed address is not the address of this account. Type it exactly to remove the account.', {
        reason: 'confirmation_mismatch',
      });
    }
    const user = await findById(this.kernel.databases.state.read, userId);
    if (user?.password_hash !== null) {
      const { attempt } = await this.signIn.check(context, email, user, proof.password ?? '');
      await this.guard.release(attempt);
    }
    await this.removal.remove(context, userId, (current) => {
      if (current.password_hash !== user?.password_hash) throw wrongCredentials();
    });
  }

  /** Writes down when sessions were last used; every half minute and at the end. */
  async flush(): Promise<void> {
    await this.sessions.flush();
  }

  /** Removes sessions, links and failures that have run out. */
  async purge(): Promise<void> {
    await this.sessions.purge();
    await this.links.purge();
    await this.guard.purge();
  }
}
