import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type Access, credentialsOf } from './access.ts';
import { writeActivity } from './activity.ts';
import { type Admission, admit } from './admission.ts';
import { checkHost } from './broken-requests.ts';
import { type Contract, ONE_MEGABYTE } from './contracts/contract.ts';
import { sealCursors } from './cursors.ts';
import { listOf } from './hook-list.ts';
import type { Kernel, RouteRecord } from './kernel.ts';
import type { RequestContext } from './request-context.ts';
import { identify } from './request-decorations.ts';
import { logRequest } from './request-log.ts';
import type { RouteMeter } from './route-meter.ts';

/** The largest batch of an SDK that is read. */
const INGEST_LIMIT = 16 * ONE_MEGABYTE;

/**
 * Turns the `config` of every route of a surface into hooks. Refuses to boot when a route has no access rule, or when one
 * that changes something neither names its activity nor says why it has none.
 */
export function declareRoutes(scope: FastifyInstance, kernel: Kernel, contract: Contract): void {
  scope.addHook('onRoute', (route) => {
    const config = route.config ?? {};
    const where = `${String(route.method)} ${route.url}`;
    if (config.access === undefined) throw new Error(`${where} has no access rule`);
    if (route.method !== 'GET' && config.activity === undefined) {
      throw new Error(`${where} changes something, but declares neither an activity verb nor none('why')`);
    }
    const admission = admissionOf(route, config.access, contract);
    const meter = kernel.metrics.meter(String(route.method), route.url);
    for (const method of listOf(route.method)) {
      kernel.routes.push({
        contract: contract.name,
        method,
        path: route.url,
        config,
        schema: (route.schema ?? {}) as RouteRecord['schema'],
      });
    }
    route.config = { ...config, contract: contract.name, meter };
    route.bodyLimit ??= config.reading === 'batch' ? INGEST_LIMIT : contract.bodyLimit;
    route.onRequest = [...listOf(route.onRequest), ...admissionHooks(kernel, contract, admission, 'before-body')];
    if (credentialsOf(config.access).includes('machine')) {
      route.preValidation = [
        ...admissionHooks(kernel, contract, admission, 'after-body'),
        ...listOf(route.preValidation),
      ];
    }
    if (admission.rate !== 'bundle') route.onResponse = [...listOf(route.onResponse), observe(kernel, meter)];
    sealCursors(route, kernel.keys.cursor);
    if (config.idempotent === true) kernel.idempotency.guard(route);
    if (typeof config.activity === 'string') {
      route.onSend = [...listOf(route.onSend), activityCheck(kernel, where)];
    }
  });
}

function admissionOf(route: RouteOptions, access: Access, contract: Contract): Admission {
  const config = route.config ?? {};
  return {
    access,
    credentials: credentialsOf(access),
    // Operators come through a socket, where requests have no address; who may open it needs no limit.
    rate: contract.name === 'operator' ? 'unlimited' : (config.rate ?? 'standard'),
    feature: config.feature ?? null,
    metered: config.metered ?? false,
    csrf: config.withoutCsrf === undefined && credentialsOf(access).includes('session'),
    changesNothing: typeof config.activity !== 'string',
  };
}

type Phase = 'before-body' | 'after-body';

/** A signature covers the body, so a signed request is admitted once its body is there; everybody else before it is read. */
function admissionHooks(kernel: Kernel, contract: Contract, admission: Admission, phase: Phase) {
  const mayBeSigned = credentialsOf(admission.access).includes('machine');
  return [
    (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
      const signed = mayBeSigned && request.headers['x-cz-signature'] !== undefined;
      if (phase === 'before-body') identify(request, reply, admission.rate === 'bundle');
      try {
        if (phase === 'before-body') checkHost(request.raw);
        if (signed !== (phase === 'after-body')) return done();
        contract.preflight?.(request);
        const admitted = admit(kernel, admission, request, reply);
        if (admitted instanceof Promise) admitted.then(() => done(), done);
        else done();
      } catch (error) {
        done(error as Error);
      }
    },
  ];
}

/** Counts, times and logs an answer. Bundle polls are spared: they are counted when they are let in. */
function observe(kernel: Kernel, meter: RouteMeter) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    meter.timed(reply.statusCode, reply.elapsedTime);
    logRequest(kernel.log, request, reply);
    done();
  };
}

/** A change that went through without its record is a fault of ours: counted, logged, and made loud in tests. */
function activityCheck(kernel: Kernel, where: string) {
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload: unknown) => void,
  ) => {
    if (reply.statusCode < 400 && !request.recorded && !reply.hasHeader('idempotent-replayed')) {
      kernel.metrics.unrecordedChanges.inc({ route: where });
      kernel.log.error({ reqId: request.id, route: where }, 'a change left no activity record');
    }
    done(null, payload);
  };
}

/** The request's context: who asks, and the way to record what was done under the verb that the route declares. */
export function contextOf(kernel: Kernel, request: FastifyRequest): RequestContext {
  return {
    actor: request.actor,
    requestId: request.id,
    // Absent on the operator's socket, whatever its type says.
    ip: request.ip ?? null,
    record: async (trx, entry) => {
      const declared = request.routeOptions.config.activity;
      const verb = entry.verb ?? (typeof declared === 'string' ? declared : undefined);
      if (verb === undefined) throw new Error(`${request.routeOptions.url} records an activity but declares none`);
      await writeActivity(
        trx,
        kernel,
        { actor: request.actor, requestId: request.id, ip: request.ip ?? null },
        { ...entry, verb },
      );
      request.recorded = true;
    },
  };
}
