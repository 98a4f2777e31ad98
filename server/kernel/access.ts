import type { CredentialKind, KeyScope, Role } from './actor.ts';

/**
 * Who may call a route. A value, so that guard tests and the OpenAPI document can read it.
 * `member` and `projectMember` also settle the tenant: 403 for an organization or project the caller does not belong to,
 * the same for existing and unknown ids.
 */
export type Access =
  | { kind: 'open'; why: string }
  | { kind: 'session' }
  | { kind: 'member'; role: Role }
  | { kind: 'platform-admin' }
  | { kind: 'api-key'; scope: KeyScope }
  | { kind: 'machine' }
  | { kind: 'internal-network' }
  | { kind: 'operator' }
  | { kind: 'any-of'; rules: readonly Access[] };

/** No credential is asked for; `why` says what protects the route instead. */
export function open(why: string): Access {
  return { kind: 'open', why };
}

/** Any signed-in person. */
export function session(): Access {
  return { kind: 'session' };
}

/** A member of the organization in the path (`:orgID`, or the one that owns `:projectID`) with at least this role. */
export function member(role: Role = 'member'): Access {
  return { kind: 'member', role };
}

/** A verified address on the platform admin list. */
export function platformAdmin(): Access {
  return { kind: 'platform-admin' };
}

/** A live API key with this scope. A `:projectID` in the path must be the key's own. */
export function apiKey(scope: KeyScope = 'read'): Access {
  return { kind: 'api-key', scope };
}

/** A request signed by an enrolled machine. */
export function machine(): Access {
  return { kind: 'machine' };
}

/** The configured internal networks, and never a request that a proxy forwarded from elsewhere. */
export function internalNetwork(): Access {
  return { kind: 'internal-network' };
}

/** The appliance's own socket. */
export function operator(): Access {
  return { kind: 'operator' };
}

/** The first rule whose kind of credential the request carries. */
export function anyOf(...rules: Access[]): Access {
  return { kind: 'any-of', rules };
}

/** The kinds of credential that a rule looks at. */
export function credentialsOf(access: Access): readonly CredentialKind[] {
  switch (access.kind) {
    case 'open':
    case 'internal-network':
      return [];
    case 'session':
    case 'member':
    case 'platform-admin':
      return ['session'];
    case 'api-key':
      return ['api-key'];
    case 'machine':
      return ['machine'];
    case 'operator':
      return ['operator'];
    case 'any-of':
      return [...new Set(access.rules.flatMap(credentialsOf))];
  }
}
