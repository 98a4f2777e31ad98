import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type Inbox, openInbox } from '../../test/inbox.ts';
import { resolveConfig } from './config/load.ts';
import { createLog } from './logging.ts';
import { renderMail } from './mail-templates.ts';
import { createMailer, transportOptions } from './mailer.ts';
import { Metrics } from './metrics.ts';

const VALUES = {
  address: 'ada@example.com',
  appliance: 'https://cz.test',
  link: 'https://cz.test/ui/reset?token=s3cret',
  expires: 'soon',
};

describe('the mailer', () => {
  const inboxes: Inbox[] = [];
  afterEach(async () => {
    for (const inbox of inboxes.splice(0)) await inbox.close();
  });
  const inboxOf = async (options?: Parameters<typeof openInbox>[0]) => {
    const inbox = await openInbox(options);
    inboxes.push(inbox);
    return inbox;
  };
  const mailerOf = (smtpUrl: string, settings: Record<string, string> = {}) => {
    const lines: string[] = [];
    const output = new PassThrough();
    output.on('data', (line) => lines.push(String(line)));
    const metrics = new Metrics();
    const config = resolveConfig(
      '/nowhere',
      {},
      {
        CZ_SMTP_URL: smtpUrl,
        CZ_MAIL_FROM: 'CZ <cz@cz.test>',
        ...settings,
      },
    );
    const mailer = createMailer({ config, log: createLog('info', output), metrics });
    const counted = async () => (await metrics.registry.getSingleMetricAsString('cz_mail_total')).split('\n').slice(2);
    return { mailer, lines, counted };
  };

  it('sends a filled template as plain text, in the order of posting', async () => {
    const inbox = await inboxOf();
    const { mailer, counted } = mailerOf(inbox.url);
    expect(mailer.enabled).toBe(true);
    mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    mailer.post({ to: 'eve@example.com', template: 'verify', values: VALUES });
    await mailer.close();
    expect(inbox.messages.map((message) => message.to)).toEqual([['ada@example.com'], ['eve@example.com']]);
    expect(inbox.messages[0]?.text).toContain('Subject: Choose a new password for Control Zero');
    expect(inbox.messages[0]?.text).toContain('From: CZ <cz@cz.test>');
    expect(inbox.messages[0]?.text).toContain('https://cz.test/ui/reset?token=s3cret');
    expect(await counted()).toEqual(['cz_mail_total{outcome="sent"} 2']);
  });

  it('counts and logs a failure without link or recipient, and goes on', async () => {
    const inbox = await inboxOf({ refuse: 'nobody@example.com' });
    const { mailer, lines, counted } = mailerOf(inbox.url);
    mailer.post({ to: 'nobody@example.com', template: 'reset', values: VALUES });
    mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    await mailer.close();
    expect(inbox.messages.map((message) => message.to)).toEqual([['ada@example.com']]);
    expect(await counted()).toEqual(['cz_mail_total{outcome="failed"} 1', 'cz_mail_total{outcome="sent"} 1']);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"smtp_status":550');
    expect(lines[0]).not.toMatch(/s3cret|nobody/);
  });

  it('survives a mail server that is not there', async () => {
    const inbox = await inboxOf();
    await inbox.close();
    const { mailer, counted } = mailerOf(inbox.url);
    mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    await mailer.close();
    expect(await counted()).toEqual(['cz_mail_total{outcome="failed"} 1']);
  });

  it('drops and counts what is more than its queue holds', async () => {
    const inbox = await inboxOf();
    await inbox.close();
    const { mailer, counted } = mailerOf(inbox.url);
    for (let n = 0; n < 1_010; n += 1) mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    expect(await counted()).toEqual(['cz_mail_total{outcome="dropped"} 10']);
    await mailer.close();
  });

  it('gives up what a silent mail server does not take before the server has to stop', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const { mailer, lines, counted } = mailerOf(`smtp://127.0.0.1:${port}`, { CZ_SHUTDOWN_SECONDS: '1' });
    for (let n = 0; n < 3; n += 1) mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    const begun = performance.now();
    await mailer.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await counted()).toContain('cz_mail_total{outcome="dropped"} 3');
    expect(lines.join('')).toContain('"waiting":3');
    for (const socket of sockets) socket.destroy();
    await mailer.drain();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('sends nothing without a mail server', async () => {
    const { mailer, counted } = mailerOf('');
    expect(mailer.enabled).toBe(false);
    mailer.post({ to: 'ada@example.com', template: 'reset', values: VALUES });
    await mailer.close();
    expect(await counted()).toEqual(['cz_mail_total{outcome="not_configured"} 1']);
  });
});

describe('a mail template', () => {
  it('lets no value add a header or a line', () => {
    const { subject, text } = renderMail('reset', { ...VALUES, address: 'Ada\r\nBcc: eve@example.com' });
    expect(subject).toBe('Choose a new password for Control Zero');
    expect(text).toContain('of Ada Bcc: eve@example.com at');
  });

  it('names the value that it lacks', () => {
    expect(() => renderMail('reset', { address: 'Ada' })).toThrow('reset needs a value for appliance');
  });
});

describe('a mail server URL', () => {
  it('demands encryption before a password leaves the machine', () => {
    expect(transportOptions('smtp://u:p%40ss@mail.example.com')).toMatchObject({
      host: 'mail.example.com',
      port: 587,
      secure: false,
      requireTLS: true,
      auth: { user: 'u', pass: 'p@ss' },
    });
    expect(transportOptions('smtp://u:p@127.0.0.1:25')).toMatchObject({ port: 25, requireTLS: false });
    expect(transportOptions('smtps://mail.example.com')).toMatchObject({ port: 465, secure: true });
  });

  it('is refused when it is none, without showing it', () => {
    for (const url of [
      'mail.example.com',
      'https://user:hunter2@mail.example.com',
      'smtp://user:100%hunter2@mail',
      'smtp://',
    ])
      expect(() => resolveConfig('/nowhere', {}, { CZ_SMTP_URL: url }), url).toThrow(/^(?!.*hunter2).*smtp:\/\/user/s);
  });
});
