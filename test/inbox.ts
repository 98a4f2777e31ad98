import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A message as the mail server took it. */
export interface Received {
  to: string[];
  /** Headers and text, with quoted-printable undone. */
  text: string;
}

/** A real mail server on loopback that keeps what it is sent. */
export interface Inbox {
  /** For `CZ_SMTP_URL`. */
  readonly url: string;
  readonly messages: Received[];
  /** The newest message to an address; throws when there is none. */
  to(address: string): Received;
  close(): Promise<void>;
}

/** Opens a mail server; it refuses the recipient `refuse`. */
export async function openInbox(options: { refuse?: string } = {}): Promise<Inbox> {
  const messages: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(address, _session, done) {
      if (address.address !== options.refuse) return done();
      done(Object.assign(new Error(`no mailbox ${address.address}`), { responseCode: 550 }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map((recipient) => recipient.address);
        messages.push({ to, text: decodeQuotedPrintable(Buffer.concat(chunks).toString('utf8')) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `smtp://127.0.0.1:${port}`,
    messages,
    to(address) {
      const message = messages.findLast((candidate) => candidate.to.includes(address));
      if (message === undefined) throw new Error(`No message to ${address} came in`);
      return message;
    },
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
      });
      return closing;
    },
  };
}

function decodeQuotedPrintable(text: string): string {
  return text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
