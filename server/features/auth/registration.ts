import { rfc3339 } from '../../kernel/clock.ts';
import { publicUrl } from '../../kernel/config/load.ts';
import { forbidden } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { GuessingGuard } from './guessing-guard.ts';
import { normalAddress, normalName } from './identity.ts';
import type { Links } from './links.ts';
import type { PasswordWork } from './password-work.ts';
import type { Sessions } from './sessions.ts';
import { type SignIn, wrongCredentials } from './sign-in.ts';
import { findByEmail, findById, insertIfNew, markVerified } from './store/users.ts';

/** What the feature that owns invites tells about them. */
export interface Invites {
  /** Whether an address (lower case) has an invite that can still be accepted. */
  hasPending(email: string): Promise<boolean>;
}

export interface NewAccount {
  email: string;
  password: string;
  name: string;
}

export interface Registered {
  status: 'registered';
  email: string;
  email_verified: false;
  message: string;
}

const PROOF_BY_MAIL =
  'Open the link that was sent to this address within 60 minutes; until then nobody can sign in with it.';
const PROOF_BY_OPERATOR =
  'Ask the operator of this appliance for your verification link; until then no invite and no right of administration counts for this address.';

interface Parts {
  kernel: Pick<Kernel, 'config' | 'databases' | 'clock' | 'newId' | 'limits'>;
  mailer: Mailer;
  sessions: Sessions;
  signIn: SignIn;
  passwords: PasswordWork;
  guard: GuessingGuard;
  links: Links;
}

/** Making accounts, and proving that an address is one's own. */
export class Registration {
  private readonly parts: Parts;
  private invites: Invites = { hasPending: async () => false };

  constructor(parts: Parts) {
    this.parts = parts;
  }

  useInvites(invites: Invites): void {
    this.invites = invites;
  }

  /**
   * Makes an unverified account and sends the link that verifies it. An address that has an account already answers
   * exactly the same after the same work; its owner gets a note instead. 403 when registration is closed, or open to
   * invited addresses only.
   */
  async register(context: RequestContext, account: NewAccount): Promise<Registered> {
    const { kernel, passwords, links } = this.parts;
    const email = normalAddress(account.email);
    const name = normalName(account.name);
    await this.refuseUnlessOpen(email);
    passwords.judge(account.password, { email, name });
    const passwordHash = await passwords.hash(account.password);
    await kernel.databases.state.write(async (trx, { afterCommit }) => {
      const now = kernel.clock.now();
      const id = kernel.newId();
      const known = await findByEmail(trx, email);
      const fresh = await insertIfNew(trx, {
        id,
        email,
        name,
        status: 'active',
        password_hash: passwordHash,
        email_verified_at: null,
        created_at: now,
        updated_at: now,
        last_sign_in_at: null,
      });
      await context.record(trx, {
        verb: 'user.register',
        target: { type: 'user', id: fresh ? id : (known?.id ?? id) },
        details: { new_account: fresh },
      });
      const link = await links.issue(trx, fresh ? id : null, 'verify');
      if (fresh) afterCommit(() => this.mailLink('verify', { email }, link));
      else if (known?.status === 'active') afterCommit(() => this.noteKnown(known));
    });
    return {
      status: 'registered',
      email,
      email_verified: false,
      message: this.parts.mailer.enabled ? PROOF_BY_MAIL : PROOF_BY_OPERATOR,
    };
  }

  /**
   * Verifies an address with its link and the password chosen at registration, so that nobody confirms an account that
   * somebody else registered in their name. 400 when the link does not work, 401 when the password is wrong.
   */
  async verify(context: RequestContext, token: string, password: string): Promise<void> {
    const { kernel, sessions, signIn, guard, links } = this.parts;
    const link = await links.find(token, ['verify']);
    const user = await findById(kernel.databases.state.read, link.user_id);
    const { user: checked, attempt } = await signIn.check(context, link.email, user, password);
    await kernel.databases.state.write(async (trx, effects) => {
      await links.use(trx, link);
      if (!(await markVerified(trx, checked.id, checked.password_hash, kernel.clock.now()))) throw wrongCredentials();
      await guard.succeed(trx, attempt);
      await sessions.refreshOf(effects, checked.id);
      await context.record(trx, { verb: 'user.verify', target: { type: 'user', id: checked.id } });
    });
  }

  /** Mails a one-time link to the owner of an account. */
  mailLink(template: 'verify' | 'reset', owner: { email: string }, link: { url: string; expiresAt: number }): void {
    const appliance = publicUrl(this.parts.kernel.config);
    const values = { address: owner.email, appliance, link: link.url, expires: rfc3339(link.expiresAt) };
    this.parts.mailer.post({ to: owner.email, template, values });
  }

  private noteKnown(owner: { id: string; email: string }): void {
    // One note a minute, or the form would be a way to flood a mailbox.
    if (!this.parts.kernel.limits.take(`already-registered:${owner.id}`, 1).allowed) return;
    const appliance = publicUrl(this.parts.kernel.config);
    const values = {
      address: owner.email,
      appliance,
      sign_in: `${appliance}/ui/sign-in`,
      reset: `${appliance}/ui/reset`,
    };
    this.parts.mailer.post({ to: owner.email, template: 'already-registered', values });
  }

  private async refuseUnlessOpen(email: string): Promise<void> {
    const mode = this.parts.kernel.config.registration;
    if (mode === 'closed') {
      throw forbidden('Registration is closed on this appliance. Ask its operator for an account.', {
        reason: 'registration_closed',
      });
    }
    if (mode === 'invite' && !(await this.invites.hasPending(email))) {
      throw forbidden(
        'Only invited addresses may register on this appliance. Ask an owner of your organization for an invite to this address.',
        { reason: 'invite_required' },
      );
    }
  }
}
