import type { Transaction } from 'kysely';
import { ChangeCache } from '../../db/change-cache.ts';
import type { WriteContext } from '../../db/database.ts';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import type { Role } from '../../kernel/actor.ts';
import { conflict, forbidden, notFound } from '../../kernel/errors.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { OrgsKernel } from './kernel.ts';
import { checkRoleChange } from './member-rules.ts';
import {
  activeRole,
  deleteMember,
  findAccount,
  findMember,
  insertMember,
  type MemberRow,
  membersOf,
  othersThan,
  updateRole,
} from './member-store.ts';
import { ORGS_CHANNEL } from './schema.ts';

type Trx = Transaction<StateTables>;

/** Who belongs to an organization, and in which role. Every change counts from the next request on. */
export class MembersService {
  private readonly kernel: OrgsKernel;
  private readonly roles: ChangeCache<Role | null>;

  constructor(kernel: OrgsKernel) {
    const { changes, state } = kernel.databases;
    this.kernel = kernel;
    this.roles = new ChangeCache(changes, ORGS_CHANNEL, (key) => {
      const [userId = '', orgId = ''] = key.split(' ');
      return activeRole(state.read, userId, orgId);
    });
  }

  /** A person's role, or null: not a member, no such organization, or one that is suspended. From memory when known. */
  async roleOf(userId: string, orgId: string): Promise<Role | null> {
    // The id comes from a path and was not looked at yet; text that PostgreSQL cannot even compare is no id.
    if (orgId.includes('\0')) return null;
    return this.roles.get(`${userId} ${orgId}`);
  }

  list(orgId: string, page: PageQuery): Promise<Page<MemberRow>> {
    return membersOf(this.kernel.databases.state.read, orgId, page);
  }

  /** A member, by the id of the membership or of the person. 404 when there is none. */
  async get(orgId: string, memberId: string): Promise<MemberRow> {
    return found(await findMember(this.kernel.databases.state.read, orgId, memberId), memberId);
  }

  /** Adds a person to an organization. 404 for an unknown account or organization, 409 when the person belongs to it already. */
  add(context: RequestContext, orgId: string, userId: string, role: Role): Promise<MemberRow> {
    const write = this.kernel.databases.state.write(async (trx, effects) => {
      checkRoleChange({ acting: await this.actingRole(trx, context, orgId), own: false, from: null, to: role });
      if ((await findAccount(trx, userId)) === undefined) throw notFound(`The account ${userId}`);
      return this.addWithin(trx, effects, context, { orgId, userId, role });
    });
    return belowExisting(`The organization ${orgId}`, write);
  }

  /** As `add`, inside of a transaction of the caller, who has checked that it may be done. */
  async addWithin(
    trx: Trx,
    effects: WriteContext,
    context: RequestContext,
    { orgId, userId, role }: { orgId: string; userId: string; role: Role },
  ): Promise<MemberRow> {
    const { clock, newId } = this.kernel;
    const now = clock.now();
    const row = { id: newId(), org_id: orgId, user_id: userId, role, created_at: now, updated_at: now };
    if (!(await insertMember(trx, row))) {
      throw conflict('ALREADY_MEMBER', 'This person belongs to the organization already. Change the role instead.');
    }
    await context.record(trx, { orgId, target: { type: 'member', id: row.id }, details: { user_id: userId, role } });
    await this.announce(effects, orgId, userId, role);
    return found(await findMember(trx, orgId, row.id), row.id);
  }

  /** Gives a member another role. 409 when the organization would be left without an owner. */
  changeRole(context: RequestContext, orgId: string, memberId: string, role: Role): Promise<MemberRow> {
    return this.kernel.databases.state.write(async (trx, effects) => {
      const member = await this.changeable(trx, context, orgId, memberId, role);
      const now = this.kernel.clock.now();
      if (!(await updateRole(trx, member.id, { from: member.role, to: role, now }))) throw changedMeanwhile();
      await context.record(trx, {
        orgId,
        target: { type: 'member', id: member.id },
        details: { user_id: member.user_id, from: member.role, to: role },
      });
      await this.announce(effects, orgId, member.user_id, role);
      return { ...member, role, updated_at: now };
    });
  }

  /** Removes a member, or lets one leave. 409 when the organization would be left without an owner. */
  async remove(context: RequestContext, orgId: string, memberId: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx, effects) => {
      const member = await this.changeable(trx, context, orgId, memberId, null);
      if (!(await deleteMember(trx, member.id))) throw changedMeanwhile();
      await context.record(trx, {
        orgId,
        target: { type: 'member', id: member.id },
        details: { user_id: member.user_id, role: member.role },
      });
      await this.announce(effects, orgId, member.user_id, null);
    });
  }

  /** Tells the caches of every process, and other features, that a membership changed. */
  async announce(effects: WriteContext, orgId: string, userId: string, role: Role | null): Promise<void> {
    const { clock, events } = this.kernel;
    const at = clock.now();
    await effects.publish(ORGS_CHANNEL, orgId);
    effects.afterCommit(() => events.emit('membership.changed', { orgId, userId, role, at }));
  }

  /**
   * The role that counts for a change, read in its transaction so that a demotion a moment ago is not overlooked.
   * Operators and the appliance itself act as owners.
   */
  async actingRole(trx: Trx, { actor }: RequestContext, orgId: string): Promise<Role> {
    if (actor.kind === 'operator' || actor.kind === 'system') return 'owner';
    const role = actor.kind === 'user' ? await activeRole(trx, actor.userId, orgId) : null;
    if (role === null) throw forbidden('Only members of the organization may do this.', { reason: 'wrong_tenant' });
    return role;
  }

  private async changeable(
    trx: Trx,
    context: RequestContext,
    orgId: string,
    memberId: string,
    to: Role | null,
  ): Promise<MemberRow> {
    const acting = await this.actingRole(trx, context, orgId);
    const member = found(await findMember(trx, orgId, memberId), memberId);
    const own = context.actor.kind === 'user' && context.actor.userId === member.user_id;
    checkRoleChange({ acting, own, from: member.role, to });
    if (member.role === 'owner' && to !== 'owner' && (await othersThan(trx, orgId, member.user_id)).owners === 0) {
      throw conflict(
        'LAST_OWNER',
        `${member.email} is the only active owner. Make somebody else an owner first, or delete the organization.`,
      );
    }
    return member;
  }
}

function found(member: MemberRow | undefined, memberId: string): MemberRow {
  if (member === undefined) throw notFound(`The member ${memberId}`);
  return member;
}

function changedMeanwhile() {
  return conflict('CHANGED_MEANWHILE', 'Somebody else changed this membership at the same time. Look again.');
}
