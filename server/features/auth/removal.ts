import type { Selectable, Transaction } from 'kysely';
import type { WriteContext } from '../../db/database.ts';
import type { StateTables } from '../../db/tables.ts';
import { notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { UsersTable } from './schema.ts';
import type { Sessions } from './sessions.ts';
import { deleteAdmin } from './store/admins.ts';
import { deleteUser, findById } from './store/users.ts';

/** What a removal hook works with beside the transaction and the account. */
export interface Removal extends WriteContext {
  readonly context: RequestContext;
}

/**
 * Cleans up what another feature holds for an account, in the transaction that removes it. Throw a refusal (409) to keep
 * the account; then nothing at all has changed.
 */
export type RemovalHook = (
  trx: Transaction<StateTables>,
  user: Selectable<UsersTable>,
  removal: Removal,
) => Promise<void>;

/** Removes accounts together with everything that hangs on them. */
export class AccountRemoval {
  private readonly databases: Kernel['databases'];
  private readonly sessions: Sessions;
  private readonly hooks: RemovalHook[] = [];

  constructor(kernel: Pick<Kernel, 'databases'>, sessions: Sessions) {
    this.databases = kernel.databases;
    this.sessions = sessions;
  }

  /** Registers a hook; hooks run in the order of their registration. */
  onRemove(hook: RemovalHook): void {
    this.hooks.push(hook);
  }

  /**
   * Removes an account: hooks, sessions, links, its place on the list of platform admins. `unless` may refuse inside the
   * transaction. 404 when there is no such account; whatever a hook throws keeps everything as it was.
   */
  remove(
    context: RequestContext,
    userId: string,
    unless: (user: Selectable<UsersTable>) => void = () => {},
  ): Promise<void> {
    return this.databases.state.write(async (trx, effects) => {
      const user = await findById(trx, userId);
      if (user === undefined) throw notFound(`The account ${userId}`);
      unless(user);
      for (const hook of this.hooks) await hook(trx, user, { ...effects, context });
      await this.sessions.endAllOf(trx, effects, userId);
      await deleteAdmin(trx, user.email);
      if (!(await deleteUser(trx, userId))) throw notFound(`The account ${userId}`);
      await context.record(trx, { verb: 'user.remove', target: { type: 'user', id: userId } });
    });
  }
}
