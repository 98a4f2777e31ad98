import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { answerBrokenRequests, answerUnroutable } from './kernel/broken-requests.ts';
import type { Contract } from './kernel/contracts/contract.ts';
import { controlCore } from './kernel/contracts/control-core.ts';
import { controlZero } from './kernel/contracts/control-zero.ts';
import { operator } from './kernel/contracts/operator.ts';
import { reference } from './kernel/contracts/reference.ts';
import { secretsBridge } from './kernel/contracts/secrets-bridge.ts';
import { zero } from './kernel/contracts/zero.ts';
import { contextOf, declareRoutes } from './kernel/declare-routes.ts';
import { handleErrors, handleMissing, unreadableUrls } from './kernel/error-handler.ts';
import type { Kernel } from './kernel/kernel.ts';
import { documentRoutes, openapiRoute } from './kernel/openapi.ts';
import { readBodies } from './kernel/parsers/body.ts';
import { answerProxiesOnly } from './kernel/proxies-only.ts';
import './kernel/request-decorations.ts';
import type { Feature } from './kernel/surface.ts';
import { useLazyCompilers } from './kernel/validation.ts';
import { readBuildInfo } from './version.ts';

const PUBLIC_CONTRACTS: readonly Contract[] = [controlZero, reference, zero, controlCore, secretsBridge];

/** What the server needs from the network side. */
export interface Listening {
  /** Options for `node:https`; absent for plain HTTP. */
  https?: { cert: Buffer; key: Buffer } | undefined;
}

/**
 * Builds the application that serves the published contracts over TCP. Never listens.
 * Each contract is a scope of its own, so one feature may speak several dialects over one service.
 */
export async function buildApp(
  kernel: Kernel,
  features: readonly Feature[],
  listening: Listening = {},
): Promise<FastifyInstance> {
  const app = bare(kernel, listening, ofPath);
  if (kernel.config.tls === 'proxy') answerProxiesOnly(app, kernel.config.trustedProxies);
  await documentRoutes(app, readBuildInfo().version);
  openapiRoute(app);
  for (const contract of PUBLIC_CONTRACTS) mount(app, kernel, contract, features);
  handleErrors(app, controlZero, kernel.log);
  handleMissing(app, ofPath, kernel);
  await app.ready();
  return app;
}

/** The contract in which a path that no route serves is refused. */
function ofPath(path: string): Contract {
  return path.startsWith('/v1/projects') ? reference : controlZero;
}

/** Builds the operator's application, which listens on the unix socket only. No TCP request can reach its routes. */
export async function buildOperatorApp(kernel: Kernel, features: readonly Feature[]): Promise<FastifyInstance> {
  const app = bare(kernel, {}, () => operator);
  mount(app, kernel, operator, features);
  handleErrors(app, operator, kernel.log);
  handleMissing(app, () => operator, kernel);
  await app.ready();
  return app;
}

function bare(kernel: Kernel, listening: Listening, contractOf: (path: string) => Contract): FastifyInstance {
  const { config } = kernel;
  const requestTimeout = config.requestTimeoutSeconds * 1000;
  // Given at creation as well: set later, it cuts off unfinished headers only, never an unfinished body. And Node looks
  // for overdue requests only every 30 seconds unless told.
  const overdue = { requestTimeout, connectionsCheckingInterval: requestTimeout / 4 };
  // A missing Host header is refused by `checkHost`, in the words of the contract.
  const http = { ...overdue, requireHostHeader: false };
  const broken = {
    contractOf,
    identify: (headers: IncomingHttpHeaders) => ({ id: requestId({ headers }), server: kernel }),
    log: kernel.log,
    metrics: kernel.metrics,
    timeoutSeconds: config.requestTimeoutSeconds,
  };
  const options = {
    // The kernel logs by itself: a child logger for every request would cost a bundle poll more than its answer.
    logger: false,
    genReqId: requestId,
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    exposeHeadRoutes: false,
    bodyLimit: controlZero.bodyLimit,
    requestTimeout,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    // What comes on a connection that is open already is answered like anything else, and the connection then ends.
    return503OnClosing: false,
    frameworkErrors: unreadableUrls(contractOf, kernel),
    clientErrorHandler: answerBrokenRequests(broken),
    ...(listening.https === undefined ? { http } : { https: { ...listening.https, ...http } }),
  };
  const app = Fastify(options as unknown as FastifyServerOptions) as unknown as FastifyInstance;
  answerUnroutable(app.server, broken);
  app.decorate('clock', kernel.clock);
  app.decorateRequest('actor', null as never);
  app.decorateRequest('tenant', null);
  app.decorateRequest('recorded', false);
  app.decorateRequest('rateVerdict', null);
  app.decorateRequest('rawBody', null);
  app.decorateRequest('idempotent', null);
  app.decorateRequest('context', {
    getter() {
      return contextOf(kernel, this);
    },
  });
  useLazyCompilers(app);
  return app;
}

/** Ids of our own: random for each process, counted within it; drawing random bytes for every request costs more. */
const boot = randomBytes(8).toString('hex');
let made = 0;

/** The caller's `X-Request-ID` when it is a harmless token, else one of ours. */
function requestId(request: { headers: NodeJS.Dict<string | string[]> }): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(sent) ? sent : `${boot}-${(made++).toString(36)}`;
}

function mount(app: FastifyInstance, kernel: Kernel, contract: Contract, features: readonly Feature[]): void {
  void app.register(async (scope) => {
    readBodies(scope);
    handleErrors(scope, contract, kernel.log);
    declareRoutes(scope, kernel, contract);
    const surface = scope.withTypeProvider<TypeBoxTypeProvider>();
    for (const feature of features) feature.routes?.[contract.name]?.(surface);
  });
}
