import { request } from 'node:http';

/** A request whose body is on its way. */
export interface HalfSent {
  /** Sends the rest; answers status and JSON. */
  finish(): Promise<[number, unknown]>;
}

/** Begins a POST with an API key and holds back the second half of its body. Resolves once the first half is sent. */
export async function beginPost(url: string, key: string, body: string): Promise<HalfSent> {
  const bytes = Buffer.from(body);
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': bytes.length,
  };
  const sent = request(url, { method: 'POST', headers });
  const answer = new Promise<[number, unknown]>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => resolve([response.statusCode!, JSON.parse(Buffer.concat(parts).toString())]));
    });
  });
  answer.catch(() => {});
  const half = bytes.length >> 1;
  await new Promise<void>((resolve, reject) => {
    sent.write(bytes.subarray(0, half), (error) => (error == null ? resolve() : reject(error)));
  });
  return {
    finish: () => {
      sent.end(bytes.subarray(half));
      return answer;
    },
  };
}
