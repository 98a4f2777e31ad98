import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { PATHS } from '../server/deployment.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';

/** The operator's side of a running or opened appliance. */
export interface OperatorClient {
  /** Calls an operator route. Throws `CommandError` with the server's own words when it refuses. */
  call<T>(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
}

/** An answer before it was looked at. */
export interface RawAnswer {
  status: number;
  text: string;
}

/** Sends one request; over the socket or straight into an opened application. */
export type Transport = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
) => Promise<RawAnswer>;

/** A client over any transport. */
export function operatorClient(
  transport: Transport,
  headers: () => Record<string, string> = () => ({}),
): OperatorClient {
  return {
    call: async <T>(method: string, path: string, body?: unknown) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const answer = await transport(
        method,
        path,
        { ...headers(), ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
        text,
      );
      if (answer.status >= 400) throw refusal(answer);
      return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
    },
  };
}

/** HTTP over the unix socket. */
export function socketTransport(socketPath: string): Transport {
  return (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path, headers: { ...headers, host: 'appliance' } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
        response.on('error', reject);
      });
      sent.on('error', (error) =>
        reject(
          new CommandError(
            EXIT.unavailable,
            `The appliance does not answer on its socket (${error.message}). Is "czctl serve" running?`,
          ),
        ),
      );
      sent.end(body);
    });
}

/**
 * Proves this process's user id to the server: the file system says who made the claim file, so nobody can pretend.
 * The server deletes the file when it has read its owner.
 */
export function claimHeaders(home: string, environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const folder = join(home, PATHS.claims);
  if (!existsSync(folder)) return {};
  const name = randomBytes(16).toString('hex');
  closeSync(openSync(join(folder, name), 'wx', 0o600));
  return {
    'x-cz-claim': name,
    ...(environment.SUDO_USER === undefined ? {} : { 'x-cz-sudo-user': environment.SUDO_USER }),
  };
}

function refusal(answer: RawAnswer): CommandError {
  const parsed = parse(answer.text);
  const message = typeof parsed.error === 'string' ? parsed.error : `The appliance answered HTTP ${answer.status}.`;
  return new CommandError(exitCodeFor(answer.status), message, {
    status: answer.status,
    code: parsed.code,
    details: parsed.details,
  });
}

function parse(text: string): { error?: unknown; code?: unknown; details?: unknown } {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function exitCodeFor(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.conflict;
  return status === 503 ? EXIT.unavailable : EXIT.failed;
}
