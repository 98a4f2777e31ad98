import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Contract } from './contracts/contract.ts';
import { DomainError, type ErrorDetail, invalid, unavailable } from './errors.ts';
import type { Log } from './logging.ts';
import type { Metrics } from './metrics.ts';
import { identify } from './request-decorations.ts';
import { logRequest } from './request-log.ts';

/** Where refusals without a route are noted. */
type Watch = { log: Log; metrics: Pick<Metrics, 'unrouted'> };

/** Makes every refusal of a surface speak its contract. What nobody foresaw becomes a 500 that tells nothing but its request id. */
export function handleErrors(scope: FastifyInstance, contract: Contract, log: Log): void {
  scope.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = asDomainError(error, request);
    if (refusal.status >= 500) log.error({ reqId: request.id, err: error }, refusal.message);
    if (request.routeOptions.config.rate === 'bundle') noteRefusedPoll(log, request, reply.code(refusal.status));
    if (refusal.facts.headers !== undefined) void reply.headers(refusal.facts.headers);
    return reply
      .code(refusal.status)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(contract.errorBody(refusal, request)));
  });
}

/** Answers paths that nobody serves, in the contract that `contractOf` sees in the path. */
export function handleMissing(app: FastifyInstance, contractOf: (path: string) => Contract, kernel: Watch): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const missing = new DomainError(
      404,
      'NOT_FOUND',
      `There is no ${request.method} ${path.slice(0, 200)} here. See /openapi.json for what is served.`,
    );
    return refuseUnrouted(request, reply, missing, contractOf(path), kernel);
  });
}

/** Answers URLs that cannot be read, so that no route was looked for, in the contract that `contractOf` sees in the path. */
export function unreadableUrls(contractOf: (path: string) => Contract, kernel: Watch) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const refusal =
      error.code === 'FST_ERR_MAX_PARAM_LENGTH'
        ? new DomainError(414, 'URI_TOO_LONG', 'A part of the path is longer than any id is. Check the id in it.')
        : invalid('The path holds a broken %-escape or bytes that are not UTF-8. Encode its parts as UTF-8.');
    void refuseUnrouted(request, reply, refusal, contractOf(request.url), kernel);
  };
}

function refuseUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: DomainError,
  contract: Contract,
  { log, metrics }: Watch,
): FastifyReply {
  identify(request, reply);
  metrics.unrouted.counted(refusal.status);
  logRequest(log, request, reply.code(refusal.status));
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(contract.errorBody(refusal, request)));
}

/** Bundle polls are not observed one by one, so a refused one is counted and logged here. */
function noteRefusedPoll(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-request-id', request.id);
  request.routeOptions.config.meter?.counted(reply.statusCode);
  logRequest(log, request, reply);
}

/** Any thrown value as a refusal. Errors of Fastify itself keep their 4xx status under our codes. */
export function asDomainError(error: FastifyError, request: FastifyRequest): DomainError {
  if (error instanceof DomainError) return error;
  if (error.name === 'BusyError') return fromBusy(error as FastifyError & { retryAfterSeconds: number });
  if (error.validation !== undefined) return fromValidation(error, request);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(request);
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalid('The body is empty. Send a JSON object.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new DomainError(
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        'This content type is not read here. Send JSON with Content-Type: application/json.',
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid('The Content-Length header does not match the body.');
  }
  if (typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500) {
    return new DomainError(error.statusCode, 'BAD_REQUEST', error.message);
  }
  return new DomainError(
    500,
    'INTERNAL',
    `The appliance failed to handle this request. Give its operator the request id ${request.id}.`,
  );
}

/** A bounded queue is full; nothing was done. */
function fromBusy(error: FastifyError & { retryAfterSeconds: number }): DomainError {
  return unavailable('BUSY', error.message, { headers: { 'retry-after': String(error.retryAfterSeconds) } });
}

function tooLarge(request: FastifyRequest): DomainError {
  const megabytes = Math.round((request.routeOptions.bodyLimit ?? 0) / 1_048_576);
  if (request.routeOptions.config.reading === 'batch') {
    return new DomainError(
      400,
      'BATCH_TOO_LARGE',
      `The batch is larger than ${megabytes} MB. Send it in smaller parts.`,
    );
  }
  return new DomainError(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${megabytes} MB. Send less at once.`);
}

function fromValidation(error: FastifyError, request: FastifyRequest): DomainError {
  const part =
    { body: 'body', querystring: 'query', params: 'path', headers: 'header' }[error.validationContext ?? 'body'] ??
    'body';
  const details = (error.validation ?? []).map((problem): ErrorDetail => {
    const extra = problem.params as {
      additionalProperty?: string;
      missingProperty?: string;
      allowedValues?: unknown[];
    };
    const name = extra.additionalProperty ?? extra.missingProperty;
    const path = `${problem.instancePath}${name === undefined ? '' : `/${name}`}`;
    return { path: path === '' ? `/${part}` : path, message: wording(problem.message ?? 'is not valid', extra) };
  });
  const first = details[0];
  const text = first === undefined ? 'The request is not valid.' : `${part} ${first.path}: ${first.message}.`;
  // The operator's routes are not in the document, and people read this at the terminal.
  const atTerminal = request.routeOptions.config.contract === 'operator';
  const where = atTerminal
    ? 'Run the command with --help for what it takes.'
    : 'See /openapi.json for the documented form.';
  return invalid(`${text} ${where}`, { details });
}

function wording(
  message: string,
  extra: { additionalProperty?: string; missingProperty?: string; allowedValues?: unknown[] },
): string {
  if (extra.additionalProperty !== undefined) return 'is not a known field';
  if (extra.missingProperty !== undefined) return 'is required';
  if (extra.allowedValues !== undefined)
    return `must be one of: ${extra.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  return message;
}
