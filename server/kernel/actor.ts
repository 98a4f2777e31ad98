/** Roles of an organization's members, weakest first. */
export const ROLES = ['member', 'analyst', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Whether `role` may do what `needed` may do. */
export function atLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Scopes of a project's API key. */
export const KEY_SCOPES = ['read', 'write', 'scout'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** A person with a live session. */
export interface UserActor {
  kind: 'user';
  userId: string;
  email: string;
  emailVerified: boolean;
  sessionId: string;
  platformAdmin: boolean;
}

/** A program with a project's API key. */
export interface ApiKeyActor {
  kind: 'api-key';
  keyId: string;
  orgId: string;
  projectId: string;
  scopes: readonly KeyScope[];
  mode: 'live' | 'test';
}

/** An enrolled machine that signed the request. */
export interface MachineActor {
  kind: 'machine';
  machineId: string;
  orgId: string;
  projectId: string;
}

/** Somebody at the appliance's own terminal, through the unix socket. File permission is the credential. */
export interface OperatorActor {
  kind: 'operator';
  /** Numeric user id that the file system proved; null when it could not be proved. */
  uid: number | null;
  /** `SUDO_USER` as the command claimed it. */
  claimedBy: string | null;
}

/** The appliance itself: timers, start-up work. */
export interface SystemActor {
  kind: 'system';
  task: string;
}

export interface AnonymousActor {
  kind: 'anonymous';
}

export type Actor = UserActor | ApiKeyActor | MachineActor | OperatorActor | SystemActor | AnonymousActor;
export type CredentialKind = 'session' | 'api-key' | 'machine' | 'operator';

/** The stable id that activity records and rate buckets use for an actor. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'api-key':
      return actor.keyId;
    case 'machine':
      return actor.machineId;
    case 'operator':
      return actor.uid === null ? 'operator' : `uid:${actor.uid}`;
    case 'system':
      return actor.task;
    case 'anonymous':
      return 'anonymous';
  }
}

/** What people read for an actor in activity lists. Never a secret. */
export function actorLabel(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.email;
    case 'operator':
      return actor.claimedBy === null ? actorId(actor) : `${actorId(actor)} (sudo by ${actor.claimedBy}, as claimed)`;
    default:
      return `${actor.kind}:${actorId(actor)}`;
  }
}
