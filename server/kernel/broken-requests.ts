import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  maxHeaderSize,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { AnsweredRequest, Contract } from './contracts/contract.ts';
import { DomainError, invalid } from './errors.ts';
import type { Log } from './logging.ts';
import type { Metrics } from './metrics.ts';

/** What answers that no route gives are made of. */
interface Parts {
  /** The contract in which a path is refused. */
  contractOf: (path: string) => Contract;
  /** Who is answered, by the headers as far as they were read. */
  identify: (headers: IncomingHttpHeaders) => AnsweredRequest;
  log: Log;
  metrics: Pick<Metrics, 'unrouted'>;
  /** Seconds within which a request must have come, for the text of its refusal. */
  timeoutSeconds: number;
}

/** An error of the connection, as Node's HTTP parser reports it. */
type ConnectionError = Error & { code?: string; reason?: string; rawPacket?: Buffer };

/**
 * Answers what Node refuses before there is a request to route: bytes that are no HTTP, headers that are too large or
 * too slow, bodies that never end. The contract is that of the path, where one could be read; nothing is sent into an
 * answer that has begun. The connection ends with it.
 */
export function answerBrokenRequests(parts: Parts) {
  return (error: ConnectionError, socket: Socket): void => {
    const { answer, request } = workOn(socket);
    const isAnswered = request !== undefined && (answer === undefined || answer.headersSent);
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) {
      socket.destroy();
      return;
    }
    const path = request?.url ?? pathIn(error.rawPacket);
    writeRefusal(parts, socket, refusalOf(error, parts.timeoutSeconds), path, request?.headers ?? {});
  };
}

/** A request of which not everything has come, and its answer until that is sent. */
interface Unfinished {
  request?: IncomingMessage;
  answer?: ServerResponse;
}

/** Node hangs both on the socket, where its own handler of broken requests looks too; there is no public way to them. */
function workOn(socket: Socket): Unfinished {
  const { _httpMessage: answer, parser } = socket as Socket & {
    _httpMessage?: ServerResponse | null;
    parser?: { incoming?: IncomingMessage | null } | null;
  };
  const request = parser?.incoming;
  return {
    ...(answer == null ? {} : { answer }),
    ...(request == null || request.complete ? {} : { request }),
  };
}

/** Answers the requests that Node keeps from the application: an unknown `Expect`, and `CONNECT`. */
export function answerUnroutable(server: Server, parts: Parts): void {
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const unknown = 'The Expect header asks for something that is not done here. Send 100-continue, or leave it out.';
    const refusal = new DomainError(417, 'EXPECTATION_FAILED', unknown);
    const { headers, body } = answerOf(parts, request.socket, refusal, request.url, request.headers);
    response.writeHead(refusal.status, headers).end(body);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const refusal = new DomainError(405, 'METHOD_NOT_ALLOWED', 'This is no proxy, so it takes no CONNECT.');
    writeRefusal(parts, socket, refusal, undefined, request.headers);
  });
}

/** HTTP/1.1 demands a Host header (RFC 9112, section 3.2); Node would refuse without one in its own words. */
export function checkHost({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host !== undefined || httpVersion !== '1.1') return;
  throw invalid('The Host header is missing, which HTTP/1.1 demands. Send the name of this appliance in it.');
}

function refusalOf(error: ConnectionError, timeoutSeconds: number): DomainError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new DomainError(
        408,
        'REQUEST_TIMEOUT',
        `The request was not complete within ${timeoutSeconds} s. Send it again, faster or in smaller parts.`,
      );
    case 'HPE_HEADER_OVERFLOW':
      return new DomainError(
        431,
        'HEADERS_TOO_LARGE',
        `The headers are larger than ${maxHeaderSize} bytes. Send fewer or shorter ones, or a shorter address.`,
      );
    default:
      return new DomainError(
        400,
        'MALFORMED_REQUEST',
        `This is no HTTP/1.1 request that can be read${error.reason === undefined ? '' : ` (${error.reason})`}. Look at the client, or at the proxy in between.`,
      );
  }
}

/** Writes an answer by hand, where there is no request that could be answered, and ends the connection. */
function writeRefusal(
  parts: Parts,
  socket: Socket,
  refusal: DomainError,
  path: string | undefined,
  sent: IncomingHttpHeaders,
): void {
  const { headers, body } = answerOf(parts, socket, refusal, path, sent);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

function answerOf(
  { contractOf, identify, log, metrics }: Parts,
  { remoteAddress }: Socket,
  refusal: DomainError,
  path: string | undefined,
  sent: IncomingHttpHeaders,
): { headers: Record<string, string>; body: string } {
  const request = identify(sent);
  const { status, code } = refusal;
  metrics.unrouted.counted(status);
  log.info({ reqId: request.id, status, code, ip: remoteAddress }, 'refused before a route was looked for');
  const body = JSON.stringify(contractOf(path ?? '/').errorBody(refusal, request));
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': request.id,
    'x-content-type-options': 'nosniff',
    connection: 'close',
  };
  return { headers, body };
}

/** The path of a request line, where the packet that could not be read begins with one. */
function pathIn(packet: Buffer | undefined): string | undefined {
  return /^[A-Z]+ (\/\S*)/.exec(packet?.toString('latin1', 0, 1_024) ?? '')?.[1];
}
