import type { Kernel } from '../../kernel/kernel.ts';
import type { Mailer } from '../../kernel/mailer.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { AuthService } from '../auth/service.ts';
import { leaveOrgs } from './account-removal.ts';
import { InvitesService } from './invites.ts';
import type { OrgsKernel } from './kernel.ts';
import { MembersService } from './members.ts';
import { membersRoutes } from './routes.members.ts';
import { orgsOperatorRoutes } from './routes.operator.ts';
import { orgsRoutes } from './routes.ts';
import { invitePages } from './routes-pages.ts';
import { OrgsService, type Plan } from './service.ts';

/** Organizations, their members and invites. Takes over the kernel's roles, and what becomes of organizations when an account goes. */
export function orgsFeature(
  kernel: OrgsKernel & Pick<Kernel, 'tenancy' | 'keys' | 'credentials'>,
  parts: { mailer: Mailer; plan: Plan; auth: Pick<AuthService, 'onRemove' | 'useInvites' | 'users'> },
): Feature & { service: OrgsService } {
  const members = new MembersService(kernel);
  const invites = new InvitesService(kernel, parts.mailer, members);
  const service = new OrgsService({ kernel, plan: parts.plan, members, invites });
  const { orgOfProject } = kernel.tenancy;
  kernel.tenancy = { role: (userId, orgId) => members.roleOf(userId, orgId), orgOfProject };
  parts.auth.onRemove(leaveOrgs(service));
  parts.auth.useInvites(invites);
  return {
    name: 'orgs',
    service,
    routes: {
      'control-zero': (app) => {
        orgsRoutes(app, service);
        membersRoutes(app, service);
        invitePages(app, kernel, invites);
      },
      operator: (app) => orgsOperatorRoutes(app, service, parts.auth.users),
    },
  };
}
