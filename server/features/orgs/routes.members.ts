import { Type } from 'typebox';
import { member, session } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { InvitesService } from './invites.ts';
import type { MembersService } from './members.ts';
import {
  AcceptBody,
  Accepted,
  freshInviteJson,
  InviteBody,
  InviteParams,
  Invites,
  inviteJson,
  Member,
  MemberParams,
  Members,
  memberJson,
  NewInvite,
  OrgParams,
  orgJson,
  RoleBody,
} from './wire.ts';

/** Members and invites. Source: REST reference, "Members and invites". */
export function membersRoutes(
  app: Surface,
  { members, invites }: { members: MembersService; invites: InvitesService },
) {
  const tags = ['members'];

  app.get(
    '/api/orgs/:orgID/members',
    {
      schema: { summary: 'Members', tags, params: OrgParams, querystring: PageQuery, response: { 200: Members } },
      config: { access: member() },
    },
    async ({ params, query }) => {
      const { rows, next } = await members.list(params.orgID, query);
      return { members: rows.map(memberJson), next_cursor: next };
    },
  );
  app.patch(
    '/api/orgs/:orgID/members/:memberID/role',
    {
      schema: { summary: 'Change a role', tags, params: MemberParams, body: RoleBody, response: { 200: Member } },
      config: { access: member(), activity: 'member.role-change' },
    },
    async ({ context, params, body }) =>
      memberJson(await members.changeRole(context, params.orgID, params.memberID, body.role)),
  );
  app.delete(
    '/api/orgs/:orgID/members/:memberID',
    {
      schema: { summary: 'Remove a member, or leave', tags, params: MemberParams, response: { 204: Type.Null() } },
      config: { access: member(), activity: 'member.remove' },
    },
    async ({ context, params }, reply) => {
      await members.remove(context, params.orgID, params.memberID);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/orgs/:orgID/members/invite',
    {
      schema: { summary: 'Invite by e-mail', tags, params: OrgParams, body: InviteBody, response: { 201: NewInvite } },
      config: { access: member('admin'), activity: 'member.invite', secretBody: true },
    },
    async ({ context, params, body }, reply) => {
      const fresh = await invites.create(context, params.orgID, body.email, body.role ?? 'member');
      return reply.code(201).header('cache-control', 'no-store').send(freshInviteJson(fresh));
    },
  );
  app.get(
    '/api/orgs/:orgID/invites',
    {
      schema: {
        summary: 'Outstanding invites',
        tags,
        params: OrgParams,
        querystring: PageQuery,
        response: { 200: Invites },
      },
      config: { access: member('admin') },
    },
    async ({ params, query }) => {
      const { rows, next } = await invites.list(params.orgID, query);
      return { invites: rows.map(inviteJson), next_cursor: next };
    },
  );
  app.delete(
    '/api/orgs/:orgID/invites/:inviteID',
    {
      schema: { summary: 'Take an invite back', tags, params: InviteParams, response: { 204: Type.Null() } },
      config: { access: member('admin'), activity: 'invite.revoke' },
    },
    async ({ context, params }, reply) => {
      await invites.revoke(context, params.orgID, params.inviteID);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/invites/accept',
    {
      schema: { summary: 'Accept an invite', tags, body: AcceptBody, response: { 200: Accepted } },
      config: { access: session(), activity: 'invite.accept', secretBody: true },
    },
    async ({ context, body }) => {
      const { org, member: joined } = await invites.accept(context, body.token);
      return { org: { ...orgJson(org), role: joined.role }, member: memberJson(joined) };
    },
  );
}
