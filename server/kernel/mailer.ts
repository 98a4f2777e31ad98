import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
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
  /**
   * Drains, but no longer than `CZ_SHUTDOWN_SECONDS`; then gives up what still waits, logs how many messages that were,
   * and closes the connection to the mail server.
   */
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
  let stopped = false;

  const send = async (server: Transporter, mail: Mail, message: { subject: string; text: string }) => {
    if (stopped) return;
    try {
      await server.sendMail({ from: config.mailFrom, to: mail.to, ...message });
      messages.inc({ outcome: 'sent' });
    } catch (error) {
      if (stopped) return;
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
      const patience = new AbortController();
      const patient = pause(config.shutdownSeconds * 1_000, undefined, { signal: patience.signal });
      await Promise.race([queue, patient]).finally(() => patience.abort());
      stopped = true;
      if (waiting > 0) {
        messages.inc({ outcome: 'dropped' }, waiting);
        log.error({ waiting }, 'the mail server took these messages too slowly; they were given up at the stop');
      }
      transport?.close();
    },
  };
}

/**
 * What a valid `CZ_SMTP_URL` means: `smtp://` takes STARTTLS when the server offers it, and demands it before a password
 * leaves this machine; `smtps://` is TLS from the start.
 */
export function transportOptions(smtpUrl: string) {
  const url = new URL(smtpUrl);
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
