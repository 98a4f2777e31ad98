import { expect, it } from 'vitest';
import { ROLES, type Role } from '../../kernel/actor.ts';
import { checkRoleChange } from './member-rules.ts';

const allowed = (acting: Role, own: boolean, from: Role | null, to: Role | null): boolean => {
  try {
    checkRoleChange({ acting, own, from, to });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ status: 403, facts: { reason: 'insufficient_role' } });
    return false;
  }
};

const states: (Role | null)[] = [null, ...ROLES];
const changes = states.flatMap((from) => states.map((to) => [from, to] as const));
const low = new Set<Role | null>([null, 'member', 'analyst']);

it('lets owners make every change', () => {
  for (const [from, to] of changes) expect(allowed('owner', false, from, to)).toBe(true);
});

it('lets admins move others between outside, member and analyst, and nowhere else', () => {
  for (const [from, to] of changes) {
    expect([from, to, allowed('admin', false, from, to)]).toEqual([from, to, low.has(from) && low.has(to)]);
  }
});

it('lets members and analysts change nobody else', () => {
  for (const acting of ['member', 'analyst'] as const) {
    for (const [from, to] of changes) expect([from, to, allowed(acting, false, from, to)]).toEqual([from, to, false]);
  }
});

it('lets everybody below the owners change their own role downwards only', () => {
  for (const role of ['member', 'analyst', 'admin'] as const) {
    for (const to of states) {
      const down = to === null || ROLES.indexOf(to) <= ROLES.indexOf(role);
      expect([role, to, allowed(role, true, role, to)]).toEqual([role, to, down]);
    }
  }
});
