import { actorLabel } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { conflict, notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { normalAddress } from './identity.ts';
import type { Sessions } from './sessions.ts';
import { deleteAdmin, insertAdmin, listAdmins } from './store/admins.ts';

/** An address that makes its verified owner a platform admin. */
export interface AdminView {
  email: string;
  /** What names it: the configuration, which only a restart changes, or the stored list. */
  source: 'configuration' | 'list';
  added_at: string | null;
  added_by: string | null;
}

type Parts = Pick<Kernel, 'config' | 'clock' | 'databases'>;

/** The platform admins: addresses of the configuration and of a stored list; one counts once it is verified. */
export class Admins {
  private readonly kernel: Parts;
  private readonly sessions: Sessions;

  constructor(kernel: Parts, sessions: Sessions) {
    this.kernel = kernel;
    this.sessions = sessions;
  }

  /** Every admin address, those of the configuration first. */
  async list(_context: RequestContext): Promise<AdminView[]> {
    const { adminEmails } = this.kernel.config;
    const stored = await listAdmins(this.kernel.databases.state.read);
    return [
      ...adminEmails.map((email) => ({ email, source: 'configuration' as const, added_at: null, added_by: null })),
      ...stored
        .filter(({ email }) => !adminEmails.includes(email))
        .map((row) => ({
          email: row.email,
          source: 'list' as const,
          added_at: rfc3339(row.added_at),
          added_by: row.added_by,
        })),
    ];
  }

  /** Whether an address is named by the configuration or the stored list. */
  async includes(context: RequestContext, email: string): Promise<boolean> {
    return (await this.list(context)).some((admin) => admin.email === email);
  }

  /** Puts an address on the list. 409 when it is an admin address already. */
  async add(context: RequestContext, address: string): Promise<AdminView> {
    const email = normalAddress(address);
    if (this.kernel.config.adminEmails.includes(email)) throw alreadyAdmin(email);
    const now = this.kernel.clock.now();
    const addedBy = actorLabel(context.actor);
    await this.kernel.databases.state.write(async (trx, effects) => {
      if (!(await insertAdmin(trx, { email, added_at: now, added_by: addedBy }))) throw alreadyAdmin(email);
      await this.sessions.refreshAll(effects);
      await context.record(trx, { verb: 'admin.add', target: { type: 'admin', id: email } });
    });
    return { email, source: 'list', added_at: rfc3339(now), added_by: addedBy };
  }

  /** Takes an address off the list; its sessions lose the right at once. 409 for an address of the configuration. */
  async remove(context: RequestContext, address: string): Promise<void> {
    const email = normalAddress(address);
    if (this.kernel.config.adminEmails.includes(email)) {
      throw conflict(
        'ADMIN_FROM_CONFIGURATION',
        `${email} is named by CZ_ADMIN_EMAILS. Remove it there and restart the server.`,
      );
    }
    await this.kernel.databases.state.write(async (trx, effects) => {
      if (!(await deleteAdmin(trx, email))) throw notFound(`The platform admin ${email}`);
      await this.sessions.refreshAll(effects);
      await context.record(trx, { verb: 'admin.remove', target: { type: 'admin', id: email } });
    });
  }
}

function alreadyAdmin(email: string) {
  return conflict('ADMIN_EXISTS', `${email} is a platform admin already.`);
}
