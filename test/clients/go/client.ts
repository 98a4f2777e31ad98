import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type BundleKeys, openBundle } from './bundle.ts';
import { type Call, type Decision, Policy } from './policy.ts';

export class HostedAuthError extends Error {}
export class HostedBootstrapError extends Error {}

/** What survives between two processes of the same user: bootstrap, bundle, and the ETag as the server sent it. */
export interface Cache {
  bootstrap?: Bootstrap;
  bundle?: { bytes: Buffer; etag: string };
}

interface Bootstrap {
  project_id: string;
  org_id: string;
  project_encryption_key_b64: string;
  signing_pubkey_hex: string;
  key_version: number;
}

/**
 * A client that behaves on the wire like the older published Go SDK: keys cached for ever until a bundle does not verify,
 * the ETag stored as it came, no refresh while it runs, audit rows sent again until one POST succeeds.
 */
export class GoClient {
  readonly policy: Policy;
  readonly projectId: string;
  private readonly url: string;
  private readonly key: string;
  private buffer: Record<string, unknown>[] = [];
  private audits = true;

  private constructor(url: string, key: string, projectId: string, policy: Policy) {
    this.url = url;
    this.key = key;
    this.projectId = projectId;
    this.policy = policy;
  }

  /** Constructs a client: bootstrap (or its cached copy), one conditional pull, one retry with fresh keys. */
  static async start(url: string, key: string, cache: Cache = {}): Promise<GoClient> {
    cache.bootstrap ??= await bootstrap(url, key);
    const pulled = await pull(url, key, cache.bundle);
    const bytes = pulled?.bytes ?? cache.bundle?.bytes;
    if (bytes === undefined) throw new HostedBootstrapError('304 without a cached bundle');
    let opened: ReturnType<typeof openBundle>;
    try {
      opened = openBundle(bytes, keysOf(cache.bootstrap));
    } catch {
      cache.bootstrap = await bootstrap(url, key);
      opened = openBundle(bytes, keysOf(cache.bootstrap));
    }
    if (pulled !== null) cache.bundle = pulled;
    return new GoClient(url, key, cache.bootstrap.project_id, new Policy(opened.payload));
  }

  /** Decides a call and remembers its audit row. */
  guard(call: Call): Decision {
    const decision = this.policy.decide(call);
    this.buffer.push(this.row(call, decision));
    return decision;
  }

  /** Sends what is buffered. A failed POST keeps the rows; 401 switches the sink off for good. */
  async flush(): Promise<number> {
    if (!this.audits || this.buffer.length === 0) return 0;
    const rows = [...this.buffer];
    const trace = randomBytes(16).toString('hex');
    const answer = await fetch(`${this.url}/v1/sdk/audit`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.key}`,
        'content-type': 'application/json',
        traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01`,
        'x-request-id': trace,
        'x-correlation-id': trace,
        'user-agent': 'Go-http-client/1.1',
      },
      body: JSON.stringify({ entries: rows }),
    });
    if (answer.status === 401) {
      this.audits = false;
      this.buffer = [];
    } else if (answer.status < 400) this.buffer = this.buffer.slice(rows.length);
    return answer.status;
  }

  /** Sends the buffered rows without waiting for the answer to be believed, as overlapping flushes do. */
  async flushTwice(): Promise<number[]> {
    const again = [...this.buffer];
    const first = await this.flush();
    this.buffer = again;
    return [first, await this.flush()];
  }

  private row(call: Call, decision: Decision): Record<string, unknown> {
    return {
      id: randomBytes(16).toString('hex'),
      tool_name: call.tool,
      decision: decision.effect,
      policy_id: decision.policyId,
      rule_id: decision.policyId,
      reason: decision.reason,
      reason_code: decision.reasonCode,
      hostname: 'vm',
      user: 'gopher',
      mode: 'hosted',
      ts: `${new Date().toISOString().slice(0, 19)}Z`,
      client_name: 'go-sdk',
      client_version: '1.4.0',
      user_email: '',
      extracted_method: call.method ?? '*',
      args_hash: `sha256:${createHash('sha256')
        .update(JSON.stringify(call.args ?? {}))
        .digest('hex')}`,
      policy_engine_version: '0.1.0',
      controlzero_sdk_version: 'go@v1.7.6',
      policy_source: 'hosted',
      project_id: this.projectId,
    };
  }
}

function keysOf(bootstrapped: Bootstrap): BundleKeys {
  return {
    encryptionKey: Buffer.from(bootstrapped.project_encryption_key_b64, 'base64'),
    signingKey: Buffer.from(bootstrapped.signing_pubkey_hex, 'hex'),
  };
}

async function bootstrap(url: string, key: string): Promise<Bootstrap> {
  const answer = await fetch(`${url}/v1/sdk/bootstrap`, {
    headers: { authorization: `Bearer ${key}`, accept: 'application/json' },
  });
  const text = await answer.text();
  if (answer.status === 401 || answer.status === 403) throw new HostedAuthError(text);
  if (answer.status >= 400) throw new HostedBootstrapError(text.slice(0, 500));
  const body = JSON.parse(text) as Bootstrap;
  if (!Number.isInteger(body.key_version)) throw new HostedBootstrapError('key_version');
  for (const name of ['project_id', 'org_id', 'project_encryption_key_b64', 'signing_pubkey_hex'] as const) {
    if (typeof body[name] !== 'string') throw new HostedBootstrapError(name);
  }
  return body;
}

async function pull(
  url: string,
  key: string,
  cached: Cache['bundle'],
): Promise<{ bytes: Buffer; etag: string } | null> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, 'x-request-id': randomUUID() };
  if (cached !== undefined) headers['if-none-match'] = cached.etag;
  const answer = await fetch(`${url}/v1/sdk/policies/pull`, { headers });
  if (answer.status === 304) return null;
  if (answer.status === 401 || answer.status === 403)
    throw new HostedAuthError(`${await answer.text()} during bundle pull`);
  if (answer.status >= 400) {
    if (cached !== undefined) return null;
    throw new HostedBootstrapError((await answer.text()).slice(0, 500));
  }
  const bytes = Buffer.from(await answer.arrayBuffer());
  const etag = answer.headers.get('etag') ?? createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { bytes, etag };
}
