import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestAppliance } from '../harness.ts';

/** An answer as it came over the wire. */
export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
}

export interface WireRequest {
  method?: string;
  headers?: Record<string, string>;
  /** JSON, or text as it is. */
  body?: unknown;
  /** Authorities that are trusted (PEM). */
  ca?: string;
  socketPath?: string;
}

/** Lets an appliance listen on a free port of the loopback; gives the address of its server. */
export async function listening(appliance: TestAppliance): Promise<string> {
  await appliance.app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(appliance.app.server.address() as AddressInfo).port}`;
}

/** One request over a connection of its own. */
export function exchange(url: string, { method = 'GET', headers = {}, body, ca, socketPath }: WireRequest = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
  const options: RequestOptions & { ca?: string } = { method, headers: sent, agent: false };
  if (ca !== undefined) options.ca = ca;
  if (socketPath !== undefined) options.socketPath = socketPath;
  return new Promise<WireAnswer>((resolve, reject) => {
    const open = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = open(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer, body: parsed(answer) });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
