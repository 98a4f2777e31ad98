import { conflict } from '../../kernel/errors.ts';
import type { RemovalHook } from '../auth/removal.ts';
import { membershipsOfUser, othersThan } from './member-store.ts';
import type { OrgsService } from './service.ts';
import { findOrg, type OrgRow } from './store.ts';

/**
 * What becomes of organizations when an account goes: those in which the person is alone go with it, with everything in
 * them; in the others the membership ends. 409 that names the organizations which would be left without an owner.
 */
export function leaveOrgs(orgs: OrgsService): RemovalHook {
  return async (trx, user, removal) => {
    const alone: OrgRow[] = [];
    const ownerless: string[] = [];
    const memberships = await membershipsOfUser(trx, user.id);
    for (const { org_id, role } of memberships) {
      const others = await othersThan(trx, org_id, user.id);
      const org = await findOrg(trx, org_id);
      if (org === undefined) continue;
      if (others.all === 0) alone.push(org);
      else if (role === 'owner' && others.owners === 0) ownerless.push(org.name);
    }
    if (ownerless.length > 0) {
      throw conflict(
        'LAST_OWNER',
        `The account is the only owner of ${ownerless.map((name) => JSON.stringify(name)).join(', ')}, which others belong to. Make somebody else an owner there first, or delete the organization.`,
        { extra: { organizations: ownerless } },
      );
    }
    for (const org of alone) await orgs.removeWithin(trx, org, removal);
    const left = memberships.filter(({ org_id }) => alone.every((org) => org.id !== org_id));
    for (const { org_id } of left) await orgs.members.announce(removal, org_id, user.id, null);
  };
}
