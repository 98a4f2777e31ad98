import { atLeast, type Role } from '../../kernel/actor.ts';
import { type DomainError, forbidden } from '../../kernel/errors.ts';

/** Who wants to change a membership, and whose it is. */
export interface RoleChange {
  /** The role of the one who acts; operators act as owners. */
  acting: Role;
  /** Whether somebody changes his own membership. */
  own: boolean;
  /** The role now; null for somebody who is not a member yet. */
  from: Role | null;
  /** The role afterwards; null for leaving. */
  to: Role | null;
}

/**
 * Refuses a change of membership that the acting role does not cover. Anybody may step down or leave; admins manage
 * members and analysts; only owners make or unmake admins and owners; nobody raises himself.
 */
export function checkRoleChange(change: RoleChange): void {
  const { acting, own, from, to } = change;
  if (own && stepsDown(from, to)) return;
  if (!atLeast(acting, 'admin')) throw refused('Only admins and owners may change who belongs to the organization.');
  const touches = [from, to].filter((role) => role !== null);
  if (acting !== 'owner' && touches.some((role) => atLeast(role, 'admin'))) {
    throw refused('Only owners may make or unmake admins and owners.');
  }
}

function stepsDown(from: Role | null, to: Role | null): boolean {
  return from !== null && (to === null || atLeast(from, to));
}

function refused(why: string): DomainError {
  return forbidden(`${why} Ask an owner of the organization.`, { reason: 'insufficient_role' });
}
