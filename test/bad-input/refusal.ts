import type { LightMyRequestResponse as Response } from 'fastify';
import type { ContractName } from '../../server/kernel/contracts/contract.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';

/** What betrays the program behind an answer: errors of its parts, of its runtime, or of its databases. */
const INNER_WORDS =
  /FST_|\bERR_|TypeError|SyntaxError|RangeError|Unexpected token|undefined|\[object |SQLITE_|\bconstraint\b|invalid byte sequence|node_modules|\n\s+at /;

/** Says why an answer is no refusal that a person can act on, in the shape of its contract; null when it is one. */
export function faultOf(route: Pick<RouteRecord, 'contract' | 'path'>, answer: Response): string | null {
  const { statusCode } = answer;
  if (statusCode < 400) return `was not refused (${statusCode})`;
  if (statusCode >= 500) return `failed with ${statusCode}: ${answer.body.slice(0, 200)}`;
  if (typeof answer.headers['x-request-id'] !== 'string') return `${statusCode} without X-Request-ID`;
  const text = route.path.startsWith('/ui/') ? textOfPage(answer) : textOf(route.contract, answer);
  if (text === null) return `${statusCode} in another shape than its contract's: ${answer.body.slice(0, 200)}`;
  if (text.length < 25 || !/[.!?]$/.test(text)) return `${statusCode} with a text nobody can act on: ${text}`;
  return INNER_WORDS.test(text) ? `${statusCode} shows its inside: ${text}` : null;
}

function textOfPage(answer: Response): string | null {
  return /role="alert">([^<]+)<\/p>/.exec(answer.body)?.[1] ?? null;
}

/** The text of a refusal, or null where a member is missing or is not what the contract says. */
function textOf(contract: ContractName, answer: Response): string | null {
  // biome-ignore lint/suspicious/noExplicitAny: looked into member by member
  let body: any;
  try {
    body = JSON.parse(answer.body);
  } catch {
    return null;
  }
  const id = answer.headers['x-request-id'];
  switch (contract) {
    case 'control-zero':
    case 'operator':
      return /^[A-Z][A-Z0-9_]+$/.test(body.code) && body.request_id === id ? advice(body) : null;
    case 'reference':
      return /^[a-z0-9_]+$/.test(body.error?.code) ? textIn(body.error.message) : null;
    case 'zero':
      return body.code === answer.statusCode && Array.isArray(body.details) ? textIn(body.message) : null;
    case 'control-core':
      return typeof body.error === 'string' && body.request_id === id && Array.isArray(body.details)
        ? textIn(body.message)
        : null;
    case 'secrets-bridge':
      return Object.keys(body).join() === 'error' ? textIn(body.error) : null;
  }
}

/** A few refusals must keep the words that SDKs know; what to do stands beside them then. */
function advice(body: { error: unknown; remediation?: unknown }): string | null {
  return body.remediation === undefined ? textIn(body.error) : `${body.error}. ${body.remediation}`;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
