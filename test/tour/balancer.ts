import { createServer, request, type Server } from 'node:http';

/** A load balancer without memory: each request goes to the next of its servers. */
export class Balancer {
  readonly url: string;
  private readonly server: Server;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  /** Listens on a free loopback port and forwards to servers at these addresses. */
  static async start(upstreams: readonly string[]): Promise<Balancer> {
    let turn = 0;
    const server = createServer((incoming, outgoing) => {
      const upstream = upstreams[turn++ % upstreams.length]!;
      const { method, headers } = incoming;
      const forwarded = request(new URL(incoming.url ?? '/', upstream), { method, headers, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.once('error', () => outgoing.writeHead(502).end());
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return new Balancer(server, `http://127.0.0.1:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
