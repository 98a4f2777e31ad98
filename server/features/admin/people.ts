import type { Page } from '../../db/keyset.ts';
import { conflict } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { UserStatus } from '../auth/schema.ts';
import type { UserFilter } from '../auth/users.ts';
import type { AccountView } from '../auth/views.ts';
import type { AdminParts } from './ports.ts';

/** Accounts, as platform admins keep them in order. */
export class AdminPeople {
  private readonly kernel: Pick<Kernel, 'databases'>;
  private readonly users: AdminParts['auth']['users'];

  constructor(kernel: Pick<Kernel, 'databases'>, { auth }: Pick<AdminParts, 'auth'>) {
    this.kernel = kernel;
    this.users = auth.users;
  }

  /** The accounts that a filter lets through, in the order of their addresses. */
  list(context: RequestContext, filter: UserFilter, page: PageQuery): Promise<Page<AccountView>> {
    return this.users.search(context, filter, page);
  }

  /**
   * Disables an account, which ends its sessions at once, or enables it again. 404 when there is none, 409 when an admin
   * would disable himself.
   */
  async changeStatus(context: RequestContext, userId: string, status: UserStatus): Promise<AccountView> {
    if (status === 'disabled') refuseOwn(context, userId, 'disable');
    const before = await this.users.get(context, userId);
    if (before.status !== status) return this.users.setStatus(context, userId, status);
    // Nothing changes, but that it was asked for belongs into the activity ledger all the same.
    await this.kernel.databases.state.write((trx) =>
      context.record(trx, { target: { type: 'user', id: userId }, details: { status, changed: false } }),
    );
    return before;
  }

  /**
   * Removes an account with its sessions, memberships and the organizations in which it is alone. 404 when there is none,
   * 409 when an admin would remove himself or others would be left without an owner.
   */
  async remove(context: RequestContext, userId: string): Promise<void> {
    refuseOwn(context, userId, 'delete');
    await this.users.remove(context, userId);
  }
}

function refuseOwn({ actor }: RequestContext, userId: string, what: 'disable' | 'delete'): void {
  if (actor.kind !== 'user' || actor.userId !== userId) return;
  throw conflict(
    'OWN_ACCOUNT',
    `You cannot ${what} your own account here. Let another platform admin do it, or delete it under your own settings.`,
  );
}
