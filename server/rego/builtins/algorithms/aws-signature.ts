/** Signatures of AWS requests, version 4 (Signature Version 4 signing process). */
import { createHash, createHmac } from 'node:crypto';
import { compareStrings } from '../../values.ts';

/** Who signs, for which service. */
export interface AwsCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string;
  readonly region: string;
  readonly service: string;
}

/** The request that is signed. */
export interface AwsRequest {
  readonly method: string;
  readonly host: string;
  /** The path with percent-encoding. */
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Undefined leaves the payload unsigned. */
  readonly body: Buffer | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const NEVER_SIGNED = ['authorization', 'user-agent', 'x-amzn-trace-id'];

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function mac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The headers to add, `Authorization` first. `time` is in milliseconds since 1970. */
export function signAwsRequest(
  request: AwsRequest,
  credentials: AwsCredentials,
  time: number,
): ReadonlyMap<string, string> {
  const stamp = new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = stamp.slice(0, 8);
  const { service, region, sessionToken } = credentials;
  const payload = request.body ? sha256(request.body) : 'UNSIGNED-PAYLOAD';
  const added = new Map([
    ['host', request.host],
    ['x-amz-date', stamp],
  ]);
  if (service === 's3' || service === 'glacier') added.set('x-amz-content-sha256', payload);
  if (sessionToken !== '') added.set('x-amz-security-token', sessionToken);
  const signed = new Map(added);
  for (const [name, value] of request.headers) {
    if (!NEVER_SIGNED.includes(name.toLowerCase())) signed.set(name.toLowerCase(), value);
  }
  const names = [...signed.keys()].sort(compareStrings);
  const headerLines = names.map((name) => `${name}:${signed.get(name)}\n`).join('');
  const canonical = [request.method, request.path, request.query, headerLines, names.join(';'), payload].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = [ALGORITHM, stamp, scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(mac, `AWS4${credentials.secretKey}`);
  const signature = mac(key, toSign).toString('hex');
  const credential = `Credential=${credentials.accessKey}/${scope}`;
  const authorization = `${ALGORITHM} ${credential},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return new Map([['Authorization', authorization], ...added]);
}
