import type { Page } from '../../db/keyset.ts';
import { notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { normalAddress } from './identity.ts';
import type { Links } from './links.ts';
import type { AccountRemoval } from './removal.ts';
import type { UserStatus } from './schema.ts';
import type { Sessions } from './sessions.ts';
import { isStoredAdmin, listAdmins } from './store/admins.ts';
import {
  addressesOf,
  changeStatus,
  countUsers,
  findByEmail,
  findById,
  listByEmail,
  searchUsers,
  type UserFilter,
  type UserRow,
} from './store/users.ts';
import { type AccountView, accountView } from './views.ts';

export type { UserFilter } from './store/users.ts';

interface Parts {
  kernel: Pick<Kernel, 'clock' | 'databases'>;
  sessions: Sessions;
  links: Links;
  removal: AccountRemoval;
}

/** Accounts as operators and other features see them. */
export class Users {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** One page of accounts in the order of their addresses; `after` is the last address of the page before. */
  async list(
    _context: RequestContext,
    page: { limit: number; after?: string },
  ): Promise<{ users: AccountView[]; next: string | null }> {
    const { read } = this.parts.kernel.databases.state;
    const rows = await listByEmail(read, page.limit + 1, page.after ?? null);
    const admins = new Set((await listAdmins(read)).map((admin) => admin.email));
    const shown = rows.slice(0, page.limit);
    return {
      users: shown.map((row) => accountView(this.parts.sessions, row, admins.has(row.email))),
      next: rows.length > page.limit ? (shown.at(-1)?.email ?? null) : null,
    };
  }

  /** The accounts that a filter lets through, in the order of their addresses; for platform admins. */
  async search(_context: RequestContext, filter: UserFilter, page: PageQuery): Promise<Page<AccountView>> {
    const { read } = this.parts.kernel.databases.state;
    const { rows, next } = await searchUsers(read, filter, page);
    const admins = new Set((await listAdmins(read)).map((admin) => admin.email));
    return { rows: rows.map((row) => accountView(this.parts.sessions, row, admins.has(row.email))), next };
  }

  /** How many accounts there are, by status. */
  count(): Promise<Record<UserStatus, number>> {
    return countUsers(this.parts.kernel.databases.state.read);
  }

  /** The addresses of accounts, by id; unknown ones are missing. */
  addressesOf(ids: readonly string[]): Promise<Map<string, string>> {
    return addressesOf(this.parts.kernel.databases.state.read, ids);
  }

  /** The account of an id; 404 when there is none. */
  async get(_context: RequestContext, userId: string): Promise<AccountView> {
    const user = await findById(this.parts.kernel.databases.state.read, userId);
    if (user === undefined) throw notFound(`The account ${userId}`);
    return this.view(user);
  }

  /** The account of an address, or null. */
  async byEmail(_context: RequestContext, address: string): Promise<AccountView | null> {
    const user = await findByEmail(this.parts.kernel.databases.state.read, normalAddress(address));
    return user === undefined ? null : this.view(user);
  }

  /**
   * Disables or re-enables an account. Disabling ends its sessions and voids its links at once. Setting the status that
   * it already has changes nothing. 404 when there is no such account.
   */
  async setStatus(context: RequestContext, userId: string, status: UserStatus): Promise<AccountView> {
    const { kernel, sessions, links } = this.parts;
    await kernel.databases.state.write(async (trx, effects) => {
      if ((await findById(trx, userId)) === undefined) throw notFound(`The account ${userId}`);
      if (!(await changeStatus(trx, userId, status, kernel.clock.now()))) return;
      if (status === 'disabled') {
        await sessions.endAllOf(trx, effects, userId);
        await links.voidAllOf(trx, userId);
      }
      await context.record(trx, {
        verb: status === 'disabled' ? 'user.disable' : 'user.enable',
        target: { type: 'user', id: userId },
      });
    });
    return this.get(context, userId);
  }

  /** Removes an account with everything that hangs on it. 404 when there is none; 409 when a feature still needs it. */
  remove(context: RequestContext, userId: string): Promise<void> {
    return this.parts.removal.remove(context, userId);
  }

  private async view(user: UserRow): Promise<AccountView> {
    const onList = await isStoredAdmin(this.parts.kernel.databases.state.read, user.email);
    return accountView(this.parts.sessions, user, onList);
  }
}
