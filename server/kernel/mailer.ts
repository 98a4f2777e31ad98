import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTransport, type Transporter } from 'nodemailer';
import { Counter } from 'prom-client';
import type { Config } from './config/load.ts';
import { isLoopback } from './config/load.ts';
import type { Log } from './logging.ts';
import { type MailTemplate, renderMail } from './mail-templates.ts';
import type { Metrics } from './metrics.ts';

/** Messages that may wait for the mail server; one more is dropped and counted. */
const LONGEST_QUEUE = 1_000;
const TIMEOUT_MILLISECONDS = 20_000;

/** One message: a template of `templates/mail` and what goes into it. */
export interface Mail {
  to: string;
  template: MailTemplate;
  /** What the template names as `{{name}}`; line breaks become blanks. */
  values: Readonly<Record<string, string>>;
}

/** Sends the appliance's own mail, one message after the other and never in the time of a request. */
export interface Mailer {
  /** False without `CZ_SMTP_URL`: nothing is sent, and operators print links with czctl. */
  readonly enabled: boolean;
  /** Messages taken and neither sent nor given up. */
  readonly waiting: number;
  /**
   * Takes a message and returns at once; call it after the commit that the message tells of. A message that cannot be
   * sent is logged without its content and its recipient, and counted. Throws only for a template that lacks a value.
   */
  post(mail: Mail): void;
  /** Resolves when everything taken so far was sent or given up. */
  drain(): Promise<void>;
  /** Drains, then closes the connection to the mail server. */
  close(): Promise<void>;
}

/** Makes the mailer of a configuration. Nothing is connected before the first message. */
export function createMailer(parts: { config: Config; log: Log; metrics: Metrics }): Mailer {
  const { config, log, metrics } = parts;
  const messages = new Counter({
    name: 'cz_mail_total',
    help: 'Messages by what became of them: sent, failed, dropped, or not sent because no mail server is configured.',
    labelNames: ['outcome'],
    registers: [metrics.registry],
  });
  const transport = config.smtpUrl === null ? null : createTransport(transportOptions(config.smtpUrl));
  let queue = Promise.resolve();
  let waiting = 0;

  const send = async (server: Transporter, mail: Mail, message: { subject: string; text: string }) => {
    try {
      await server.sendMail({ from: config.mailFrom, to: mail.to, ...message });
      messages.inc({ outcome: 'sent' });
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      messages.inc({ outcome: 'failed' });
      log.error(
        { template: mail.template, smtp_error: code, smtp_status: responseCode },
        'a message could not be sent; check CZ_SMTP_URL and CZ_MAIL_FROM',
      );
    } finally {
      waiting -= 1;
    }
  };

  return {
    enabled: transport !== null,
    get waiting() {
      return waiting;
    },
    post(mail) {
      const message = renderMail(mail.template, mail.values);
      if (transport === null) {
        messages.inc({ outcome: 'not_configured' });
        return;
      }
      if (waiting >= LONGEST_QUEUE) {
        messages.inc({ outcome: 'dropped' });
        log.error({ template: mail.template, waiting }, 'too many messages are waiting; this one was dropped');
        return;
      }
      waiting += 1;
      // A turn later, so that the answer to the request goes out first and its time does not tell of the mail.
      queue = queue.then(nextTurn).then(() => send(transport, mail, message));
    },
    drain: () => queue,
    async close() {
      await queue;
      transport?.close();
    },
  };
}

/**
 * Reads a mail server URL: `smtp://` (STARTTLS when the server offers it; demanded before a password leaves this
 * machine) or `smtps://`. Throws when it is neither.
 */
export function transportOptions(smtpUrl: string) {
  let url: URL;
  try {
    url = new URL(smtpUrl);
  } catch {
    throw new Error('CZ_SMTP_URL is not a URL. Write smtp://user:password@host:port or smtps://…');
  }
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') {
    throw new Error(`CZ_SMTP_URL starts with ${url.protocol}// but must start with smtp:// or smtps://.`);
  }
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const credentials = url.username !== '';
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && credentials && !isLoopback(host),
    ...(credentials
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    connectionTimeout: TIMEOUT_MILLISECONDS,
    greetingTimeout: TIMEOUT_MILLISECONDS,
    socketTimeout: TIMEOUT_MILLISECONDS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
