import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { type Access, credentialsOf } from './access.ts';
import { type Actor, atLeast, type CredentialKind } from './actor.ts';
import { networkOf } from './client-network.ts';
import { type Presented, presentedCredential } from './credentials.ts';
import { checkCsrf } from './csrf.ts';
import { DomainError, forbidden, notFound, tooMany, unauthenticated } from './errors.ts';
import type { Kernel } from './kernel.ts';
import type { RateVerdict } from './rate-limit.ts';
import type { RateClass } from './route-config.ts';
import type { Tenant } from './tenancy.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a route asks of every request, worked out once when the route is declared. */
export interface Admission {
  access: Access;
  /** The kinds of credential that `access` looks at. */
  credentials: readonly CredentialKind[];
  rate: RateClass;
  feature: Parameters<Kernel['gate']['check']>[0] | null;
  metered: boolean;
  csrf: boolean;
  /** Whether the route changes nothing, whatever its method: it judges, decides or takes reports. */
  changesNothing: boolean;
}

/**
 * Lets a request in or refuses it, in a fixed order: address limit, credential, limit of the caller, tenant and role,
 * feature, CSRF, usage. Stays synchronous where nothing has to be awaited, because the bundle poll pays for every tick.
 */
export function admit(
  kernel: Kernel,
  admission: Admission,
  request: FastifyRequest,
  reply: FastifyReply,
): void | Promise<void> {
  if (admission.rate !== 'unlimited') takeAddress(kernel, admission.rate, request);
  const { access } = admission;
  if (access.kind === 'open') return afterCaller(kernel, admission, request, reply);
  if (access.kind === 'internal-network') return checkInternal(kernel, request);
  const presented = presentedCredential(request) ?? operatorCredential(access);
  if (presented === null || !admission.credentials.includes(presented.kind)) {
    throw refuseCredential(kernel, request, admission, presented);
  }
  const actor = kernel.credentials.resolve(presented, request);
  if (actor instanceof Promise) {
    return actor.then((resolved) => asCaller(kernel, admission, presented, resolved, request, reply));
  }
  return asCaller(kernel, admission, presented, actor, request, reply);
}

function operatorCredential(access: Access): Presented | null {
  return access.kind === 'operator' ? { kind: 'operator', value: '' } : null;
}

function asCaller(
  kernel: Kernel,
  admission: Admission,
  presented: Presented,
  actor: Actor | null,
  request: FastifyRequest,
  reply: FastifyReply,
): void | Promise<void> {
  if (actor === null) throw refuseCredential(kernel, request, admission, presented);
  request.actor = actor;
  if (admission.rate === 'bundle') kernel.metrics.bundlePolls += 1;
  if (admission.rate !== 'unlimited') takeCaller(kernel, admission.rate, actor, request, reply);
  const settled = settleAccess(kernel, admission.access, actor, request);
  if (settled instanceof Promise) return settled.then(() => afterCaller(kernel, admission, request, reply));
  return afterCaller(kernel, admission, request, reply);
}

function afterCaller(
  kernel: Kernel,
  admission: Admission,
  request: FastifyRequest,
  _reply: FastifyReply,
): void | Promise<void> {
  if (admission.csrf && request.actor.kind === 'user' && !SAFE.has(request.method)) {
    checkCsrf(kernel.keys.csrf, request.actor.sessionId, request);
  }
  const orgId = request.tenant?.orgId ?? null;
  if (orgId !== null) kernel.usage.active(orgId, request.actor);
  const checks: Promise<void>[] = [];
  const method = admission.changesNothing ? 'GET' : request.method;
  if (admission.feature !== null) pushPromise(checks, kernel.gate.check(admission.feature, orgId, method));
  if (admission.metered && orgId !== null) pushPromise(checks, kernel.usage.check(orgId));
  if (checks.length > 0) return Promise.all(checks).then(() => undefined);
}

function pushPromise(checks: Promise<void>[], result: void | Promise<void>): void {
  if (result instanceof Promise) checks.push(result);
}

function settleAccess(kernel: Kernel, access: Access, actor: Actor, request: FastifyRequest): void | Promise<void> {
  switch (access.kind) {
    case 'any-of':
      return settleAccess(kernel, ruleFor(access.rules, actor), actor, request);
    case 'api-key':
      return settleKey(access.scope, actor, request);
    case 'machine':
      if (actor.kind === 'machine') request.tenant = { orgId: actor.orgId, projectId: actor.projectId, role: null };
      return;
    case 'platform-admin':
      if (actor.kind !== 'user' || !actor.platformAdmin) {
        throw forbidden('Only platform admins may do this. Ask one of the addresses in CZ_ADMIN_EMAILS.');
      }
      return;
    case 'member':
      return settleMember(kernel, access.role, actor, request);
    default:
      return;
  }
}

function ruleFor(rules: readonly Access[], actor: Actor): Access {
  const kind = actor.kind === 'user' ? 'session' : actor.kind;
  const rule = rules.find((candidate) => credentialsOf(candidate).includes(kind as never));
  if (rule === undefined) throw unauthenticated('This kind of credential does not count here.');
  return rule;
}

function settleKey(scope: string, actor: Actor, request: FastifyRequest): void {
  if (actor.kind !== 'api-key') return;
  if (!actor.scopes.includes(scope as never)) {
    throw forbidden(
      `The API key lacks the scope "${scope}"; it has: ${actor.scopes.join(', ')}. Use a key with that scope.`,
      { reason: 'insufficient_scope' },
    );
  }
  const { projectID } = request.params as { projectID?: string };
  if (projectID !== undefined && projectID !== actor.projectId) throw wrongTenant('project');
  request.tenant = { orgId: actor.orgId, projectId: actor.projectId, role: null };
}

async function settleMember(
  kernel: Kernel,
  needed: Parameters<typeof atLeast>[1],
  actor: Actor,
  request: FastifyRequest,
): Promise<void> {
  if (actor.kind !== 'user') throw forbidden('Only members of the organization may do this.');
  const { orgID, projectID } = request.params as { orgID?: string; projectID?: string };
  const orgId = orgID ?? (projectID === undefined ? null : await kernel.tenancy.orgOfProject(projectID));
  const role = orgId === null ? null : await kernel.tenancy.role(actor.userId, orgId);
  if (orgId === null || role === null) throw wrongTenant(orgID === undefined ? 'project' : 'organization');
  if (!atLeast(role, needed)) {
    throw forbidden(`This needs the role ${needed} or higher; you are ${role}. Ask an owner of the organization.`, {
      reason: 'insufficient_role',
    });
  }
  const tenant: Tenant = { orgId, projectId: projectID ?? null, role };
  request.tenant = tenant;
}

/** The same words for an existing and an unknown id, so that ids cannot be probed. */
function wrongTenant(what: 'organization' | 'project'): DomainError {
  return forbidden(`You have no access to this ${what}. Check the id in the path, or ask an owner to invite you.`, {
    reason: 'wrong_tenant',
  });
}

function refuseCredential(
  kernel: Kernel,
  request: FastifyRequest,
  { access, rate }: Admission,
  presented: Presented | null,
): DomainError {
  if (presented !== null) {
    // Failures have a limit of their own: they must not use up what the address has for its valid credentials.
    if (rate !== 'unlimited') kernel.limits.giveBack(addressBucket(rate, request));
    const failures = kernel.limits.take(`failures:${networkOf(request.ip)}`, kernel.config.rateFailures);
    if (!failures.allowed) {
      return tooMany(
        'Too many failed credentials from this address. Wait, then check the credential that your client sends.',
        kernel.limits.retryAfter(),
      );
    }
  }
  const kinds = credentialsOf(access);
  if (kinds.includes('api-key') && (presented === null || presented.kind === 'api-key')) return refuseKey(presented);
  if (kinds.includes('machine') && presented?.kind === 'machine') {
    return new DomainError(
      401,
      'INVALID_SIGNATURE',
      'The machine signature does not verify. Enroll the machine again if it was removed.',
      { reason: 'invalid_signature' },
    );
  }
  return unauthenticated(
    presented === null
      ? `Send a credential: ${kinds.map((kind) => EXPECTED[kind]).join(', or ')}.`
      : `The credential does not count here. Expected: ${kinds.map((kind) => EXPECTED[kind]).join(', or ')}.`,
    { reason: 'invalid_or_missing' },
  );
}

const EXPECTED = {
  session: 'a session (Authorization: Bearer …, from POST /auth/login)',
  'api-key': 'an API key (Authorization: Bearer cz_live_… or X-API-Key)',
  machine: 'a machine signature (X-CZ-Machine-ID, X-CZ-Timestamp, X-CZ-Signature)',
  operator: 'the appliance socket',
} as const;

/** One coarse reason for unknown, revoked and expired keys, so that a 401 is no oracle (SDK wire notes, auth-error body). */
function refuseKey(presented: Presented | null): DomainError {
  const wellFormed = presented !== null && /^cz_(live|test)_[0-9a-f]{64}$/.test(presented.value);
  const code = presented === null ? 'MISSING_API_KEY' : wellFormed ? 'INVALID_API_KEY' : 'INVALID_API_KEY_FORMAT';
  return new DomainError(401, code, presented === null ? 'API key missing' : 'invalid API key', {
    reason: 'invalid_or_revoked',
    remediation:
      'Create a key under Settings > API keys (or with "czctl key create") and set CONTROLZERO_API_KEY to it.',
    extra: { error_code: 'E1101' },
  });
}

function takeAddress(kernel: Kernel, rate: RateClass, request: FastifyRequest): void {
  const signIn = rate === 'sign-in';
  const limit = signIn ? kernel.config.rateSignIn : kernel.config.rateIp;
  const verdict = kernel.limits.take(addressBucket(rate, request), limit);
  if (!verdict.allowed) throw overLimit(kernel, `more than ${limit} requests a minute from one address`);
}

function addressBucket(rate: RateClass, request: FastifyRequest): string {
  return `${rate === 'sign-in' ? 'sign-in' : 'ip'}:${networkOf(request.ip)}`;
}

function takeCaller(kernel: Kernel, rate: RateClass, actor: Actor, request: FastifyRequest, reply: FastifyReply): void {
  const [bucket, limit] = callerBucket(kernel, rate, actor);
  if (bucket === null) return;
  const verdict: RateVerdict = kernel.limits.take(bucket, limit);
  request.rateVerdict = verdict;
  if (verdict.allowed) return;
  void reply.header('x-ratelimit-limit', String(limit));
  throw overLimit(
    kernel,
    `more than ${limit} requests a minute with one ${actor.kind === 'user' ? 'session' : 'API key'}`,
  );
}

function callerBucket(kernel: Kernel, rate: RateClass, actor: Actor): [string, number] | [null, 0] {
  if (actor.kind === 'user') return [`session:${actor.userId}`, kernel.config.rateSession];
  if (actor.kind !== 'api-key') return [null, 0];
  if (rate === 'bundle') return [`bundle:${actor.keyId}`, kernel.config.rateBundle];
  if (rate === 'ingest') return [`ingest:${actor.keyId}`, kernel.config.rateIngest];
  return [`key:${actor.keyId}`, kernel.config.rateKey];
}

function overLimit(kernel: Kernel, what: string): DomainError {
  const seconds = kernel.limits.retryAfter();
  return tooMany(`Rate limit exceeded: ${what}. Wait ${seconds} s, or raise the limit in the settings.`, seconds);
}

function checkInternal(kernel: Kernel, request: FastifyRequest): void {
  if (kernel.config.metricsPublic) return;
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  if (forwarded || !inNetworks(request.socket.remoteAddress ?? '', kernel.config.internalNetworks))
    throw notFound('Page');
}

/** Whether an address lies in one of the networks (CIDR form or single addresses). IPv4 inside IPv6 counts as IPv4. */
export function inNetworks(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return networks.some((network) => {
    const [base, bits] = network.includes('/') ? ipaddr.parseCIDR(network) : ([ipaddr.parse(network), null] as const);
    if (base.kind() !== ip.kind()) return false;
    return ip.match(base as never, bits ?? (ip.kind() === 'ipv4' ? 32 : 128));
  });
}
