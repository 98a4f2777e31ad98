// Sends HTTP/1.1 requests from a process of its own and prints what came of it as JSON. Its order comes on standard input.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { LoadOrder, LoadResult } from './lib/load-order.ts';
import { ID_MARK, percentilesOf } from './lib/load-order.ts';

const order = JSON.parse(readFileSync(0, 'utf8')) as LoadOrder;
const { hostname, port, host } = new URL(order.origin);

/** The bytes of the request, and where its ids stand: each request writes fresh ones. */
const request = Buffer.from(requestText(order));
const idsAt = positionsOf(request, ID_MARK);
let sent = 0;
let ids = 0;
let lastDone = 0;
const latencies: number[] = [];
const statuses: Record<string, number> = {};
let broken = 0;

/** One keep-alive connection with one request at a time. */
class Connection {
  private readonly socket: Socket;
  /** Bytes of the answer, and how many of them have come; 0 before its head was read. */
  private size = 0;
  private received = 0;
  private status = '';
  private begun = 0;
  private done: (() => void) | undefined;

  constructor() {
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', () => this.fail());
    this.socket.on('close', () => this.fail());
  }

  /** Calls `done` when the answer was received whole; the latency counts from `since`. */
  send(since: number, done: () => void): void {
    this.begun = since;
    this.done = done;
    for (const at of idsAt) {
      ids += 1;
      request.write(ids.toString(16).padStart(ID_MARK.length, '0'), at, 'latin1');
    }
    // A copy where the bytes change: the socket may still hold the last ones.
    this.socket.write(idsAt.length === 0 ? request : Buffer.from(request));
  }

  close(): void {
    this.socket.destroy();
  }

  /** The generator shares the machine with the server, so it looks at no more of an answer than it has to. */
  private take(chunk: Buffer): void {
    if (this.size === 0) {
      this.status = chunk.toString('latin1', 9, 12);
      const headEnds = chunk.indexOf('\r\n\r\n');
      if (headEnds < 0) throw new Error('The head of an answer came in parts, which a server on loopback does not do.');
      this.size = headEnds + 4 + (this.status === '304' ? 0 : bodyLength(chunk, headEnds));
    }
    this.received += chunk.length;
    if (this.received < this.size) return;
    this.received = 0;
    this.size = 0;
    statuses[this.status] = (statuses[this.status] ?? 0) + 1;
    this.finish();
  }

  private fail(): void {
    if (this.done === undefined) return;
    broken += 1;
    this.finish();
  }

  private finish(): void {
    lastDone = performance.now();
    latencies.push(lastDone - this.begun);
    const { done } = this;
    this.done = undefined;
    done?.();
  }
}

/** The length of a body by its header; 0 where there is none. */
function bodyLength(answer: Buffer, headEnds: number): number {
  return Number(/^content-length: *(\d+)/im.exec(answer.toString('latin1', 0, headEnds))?.[1] ?? 0);
}

/** Each connection sends its next request when the last was answered. */
async function closedLoop(connections: readonly Connection[], until: number, most: number): Promise<void> {
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const next = () => {
            const now = performance.now();
            if (now >= until || sent >= most) {
              resolve();
              return;
            }
            sent += 1;
            connection.send(now, next);
          };
          next();
        }),
    ),
  );
}

/** Requests become due at a fixed rate, whether or not earlier ones were answered; latency counts from when one was due. */
async function openLoop(connections: Connection[], until: number, rate: number): Promise<void> {
  const idle = [...connections];
  const due: number[] = [];
  let running = 0;
  let whenIdle = () => {};
  const start = performance.now();
  let made = 0;
  const dispatch = () => {
    while (due.length > 0 && idle.length > 0) {
      const connection = idle.pop()!;
      sent += 1;
      running += 1;
      connection.send(due.shift()!, () => {
        idle.push(connection);
        running -= 1;
        dispatch();
        whenIdle();
      });
    }
  };
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      for (let next = start + (made * 1000) / rate; next <= Math.min(now, until); ) {
        due.push(next);
        made += 1;
        next = start + (made * 1000) / rate;
      }
      dispatch();
      if (now < until) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await new Promise<void>((resolve) => {
    whenIdle = () => {
      if (running === 0 && due.length === 0) resolve();
    };
    whenIdle();
  });
}

function requestText({ method, path, headers, body }: LoadOrder): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}\r\n${body ?? ''}`;
}

function positionsOf(bytes: Buffer, mark: string): number[] {
  const positions: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) positions.push(at);
  return positions;
}

ids = order.firstId ?? 0;
const connections = Array.from({ length: order.connections }, () => new Connection());
const started = performance.now();
const until = order.seconds === undefined ? Number.POSITIVE_INFINITY : started + order.seconds * 1000;
if (order.rate === undefined) await closedLoop(connections, until, order.requests ?? Number.POSITIVE_INFINITY);
else await openLoop(connections, until, order.rate);
for (const connection of connections) connection.close();
const result: LoadResult = {
  seconds: (lastDone - started) / 1000,
  answered: latencies.length - broken,
  broken,
  statuses,
  latency: percentilesOf(latencies),
  overHundred: latencies.filter((latency) => latency > 100).length,
};
process.stdout.write(JSON.stringify(result));
