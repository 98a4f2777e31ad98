import { connect, type Socket } from 'node:net';

/** A connection on which bytes are sent by hand. */
export interface RawConnection {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything that has come until now. */
  received(): string;
  /** Resolves, with everything that came, when the server has ended the connection. */
  readonly ended: Promise<string>;
}

/** Connects to the server of a URL and sends nothing yet. */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  const received = () => Buffer.concat(parts).toString('utf8');
  socket.on('data', (part) => parts.push(part));
  const ended = new Promise<string>((resolve) => {
    // A reset after the answer is an end like any other.
    socket.on('error', () => resolve(received()));
    socket.on('close', () => resolve(received()));
  });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, send: (text) => void socket.write(text), received, ended };
}
