import { createToken, digestToken } from '../../crypto/tokens.ts';
import type { Page } from '../../db/keyset.ts';
import { actorId, actorLabel, type Role } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { publicUrl } from '../../kernel/config/load.ts';
import { conflict, type DomainError, forbidden, invalid, notFound } from '../../kernel/errors.ts';
import { givenAddress } from '../../kernel/given-text.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import {
  deleteInvite,
  findInvite,
  findInviteByDigest,
  hasOutstandingInvite,
  type InviteRow,
  outstandingInvites,
  replaceInvite,
} from './invite-store.ts';
import type { OrgsKernel } from './kernel.ts';
import { checkRoleChange } from './member-rules.ts';
import { findAccount, findMemberByEmail, type MemberRow } from './member-store.ts';
import type { MembersService } from './members.ts';
import { findOrg, type OrgRow } from './store.ts';

const DAYS_VALID = 7;

/** An invite as it was just made. */
export interface FreshInvite {
  invite: InviteRow;
  /** The link to hand on; null when it was mailed. It serves nobody but the owner of the invited address. */
  acceptUrl: string | null;
}

/**
 * Invites by e-mail address. A link works once, for seven days, and only for a person who is signed in with the invited
 * address and has verified it: whoever else gets hold of it can do nothing with it.
 */
export class InvitesService {
  private readonly kernel: OrgsKernel;
  private readonly mailer: Mailer;
  private readonly members: MembersService;

  constructor(kernel: OrgsKernel, mailer: Mailer, members: MembersService) {
    this.kernel = kernel;
    this.mailer = mailer;
    this.members = members;
  }

  /**
   * Invites an address; an earlier invite for it ends. 409 when its owner is a member already; 403 when mail would go out
   * in the name of somebody whose own address is not verified.
   */
  async create(context: RequestContext, orgId: string, address: string, role: Role): Promise<FreshInvite> {
    const email = givenAddress(address);
    if (this.mailer.enabled && context.actor.kind === 'user' && !context.actor.emailVerified) {
      throw notVerified('Mail is sent in your name, so verify your own e-mail address first');
    }
    const { clock, newId, config, databases } = this.kernel;
    const now = clock.now();
    const token = createToken('invite');
    const acceptUrl = `${publicUrl(config)}/ui/invite?token=${token.text}`;
    return databases.state.write(async (trx, { afterCommit }) => {
      checkRoleChange({ acting: await this.members.actingRole(trx, context, orgId), own: false, from: null, to: role });
      const org = await findOrg(trx, orgId);
      if (org === undefined) throw notFound(`The organization ${orgId}`);
      if ((await findMemberByEmail(trx, orgId, email)) !== undefined) {
        throw conflict('ALREADY_MEMBER', `${email} belongs to the organization already. Change the role instead.`);
      }
      const invite = {
        id: newId(),
        org_id: orgId,
        email,
        role,
        digest: token.digest,
        invited_by: context.actor.kind === 'user' ? actorId(context.actor) : null,
        invited_by_label: actorLabel(context.actor),
        created_at: now,
        expires_at: now + DAYS_VALID * 86_400_000,
      };
      const stored = await replaceInvite(trx, invite);
      await context.record(trx, { orgId, target: { type: 'invite', id: invite.id }, details: { email, role } });
      if (!this.mailer.enabled) return { invite: stored, acceptUrl };
      afterCommit(() => this.mail(org, stored, acceptUrl));
      return { invite: stored, acceptUrl: null };
    });
  }

  /** The invites of an organization that can still be accepted. */
  list(orgId: string, page: PageQuery): Promise<Page<InviteRow>> {
    const { databases, clock } = this.kernel;
    return outstandingInvites(databases.state.read, orgId, clock.now(), page);
  }

  /** Takes an invite back; its link ends. 404 when there is none, or when it was accepted meanwhile. */
  async revoke(context: RequestContext, orgId: string, inviteId: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx) => {
      const invite = await findInvite(trx, orgId, inviteId);
      if (invite === undefined) throw notFound(`The invite ${inviteId}`);
      const acting = await this.members.actingRole(trx, context, orgId);
      checkRoleChange({ acting, own: false, from: null, to: invite.role });
      if (!(await deleteInvite(trx, invite.id))) throw notFound(`The invite ${inviteId}`);
      await context.record(trx, {
        orgId,
        target: { type: 'invite', id: invite.id },
        details: { email: invite.email, role: invite.role },
      });
    });
  }

  /**
   * Makes the signed-in person a member. 400 for a link that is unknown, used, expired or taken back; 403 unless the
   * person's address is the invited one and verified; 409 when the person is a member already. The invite outlives a refusal.
   */
  accept(context: RequestContext, token: string): Promise<{ org: OrgRow; member: MemberRow }> {
    const { actor } = context;
    if (actor.kind !== 'user') throw forbidden('Only a signed-in person can accept an invite.');
    const { databases, clock } = this.kernel;
    return databases.state.write(async (trx, effects) => {
      const invite = await findInviteByDigest(trx, digestToken(token), clock.now());
      if (invite === undefined) throw ended();
      const account = await findAccount(trx, actor.userId);
      if (account?.email !== invite.email) {
        throw forbidden('This invite is for another address. Sign in with the address that it was sent to.', {
          reason: 'other_address',
        });
      }
      if (account.email_verified_at === null) throw notVerified('An invite counts only for a verified address');
      const org = await findOrg(trx, invite.org_id);
      if (org === undefined || !(await deleteInvite(trx, invite.id))) throw ended();
      const member = await this.members.addWithin(trx, effects, context, {
        orgId: invite.org_id,
        userId: actor.userId,
        role: invite.role,
      });
      return { org, member };
    });
  }

  /** What a link offers, for the page that it opens. 400 as in `accept`. */
  async preview(token: string): Promise<{ org: OrgRow; invite: InviteRow }> {
    const { databases, clock } = this.kernel;
    const invite = await findInviteByDigest(databases.state.read, digestToken(token), clock.now());
    const org = invite && (await findOrg(databases.state.read, invite.org_id));
    if (invite === undefined || org === undefined) throw ended();
    return { org, invite };
  }

  /** Whether an address has an invite that can still be accepted. */
  hasPending(email: string): Promise<boolean> {
    const { databases, clock } = this.kernel;
    return hasOutstandingInvite(databases.state.read, email.trim().toLowerCase(), clock.now());
  }

  private mail(org: OrgRow, invite: InviteRow, link: string): void {
    this.mailer.post({
      to: invite.email,
      template: 'invite',
      values: {
        org: org.name,
        role: invite.role,
        invited_by: invite.invited_by_label,
        appliance: publicUrl(this.kernel.config),
        link,
        expires: rfc3339(invite.expires_at),
      },
    });
  }
}

function ended(): DomainError {
  return invalid('This invite link was used, taken back, replaced or has expired. Ask for a new invite.', {
    reason: 'invite_ended',
  });
}

function notVerified(why: string): DomainError {
  return forbidden(`${why}: open the link that was mailed to you, or ask the operator of this appliance for one.`, {
    reason: 'email_not_verified',
  });
}
