import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createToken, TOKEN_PREFIXES, type TokenKind } from '../crypto/tokens.ts';
import { createLog } from './logging.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): { text: string; line: Record<string, unknown> } {
  const output = new PassThrough();
  write(createLog('trace', output));
  const text = String(output.read());
  return { text, line: JSON.parse(text) };
}

describe('a log line', () => {
  it('has a level name, an ISO time and its fields', () => {
    const { line } = logged((log) => log.info({ reqId: 'r-1', rows: 3 }, 'done'));
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      reqId: 'r-1',
      rows: 3,
      msg: 'done',
    });
  });

  it.each([
    'password',
    'newPassword',
    'current_password',
    'token',
    'access_token',
    'Authorization',
    'set-cookie',
    'X-API-Key',
    'apiKey',
    'private_key',
    'value',
  ])('never shows the value of %s, at any depth', (name) => {
    const { text } = logged((log) =>
      log.info({
        [name]: 'hunter2',
        request: { headers: { [name]: 'hunter2' }, list: [{ deep: { [name]: 'hunter2' } }] },
      }),
    );
    expect(text).not.toContain('hunter2');
    expect(text.match(/\[redacted\]/g)).toHaveLength(3);
  });

  it('keeps what only sounds like a secret', () => {
    const { line } = logged((log) => log.info({ monkey: 'george', settings: ['CZ_PORT'], tokens_left: 4 }));
    expect(line).toMatchObject({ monkey: 'george', settings: ['CZ_PORT'], tokens_left: 4 });
  });

  it.each(Object.keys(TOKEN_PREFIXES) as TokenKind[])(
    'never shows a token of the kind %s, wherever it stands',
    (kind) => {
      const { text: secret } = createToken(kind);
      const { text } = logged((log) =>
        log.error({ err: new Error(`broke at ${secret}`), url: `/ui/x?t=${secret}` }, secret),
      );
      expect(text).not.toContain(secret.slice(-20));
      expect(text).toContain('broke at [redacted]');
    },
  );

  it('never shows a license or a session token', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
    const { text } = logged((log) => log.warn({ note: `Bearer ${jwt}` }, 'cz_ent_eyJsaWNlbnNlIjoxfQ=='));
    expect(text).not.toMatch(/c2lnbmF0dXJl|eyJsaWNl/);
    expect(JSON.parse(text).note).toBe('Bearer [redacted]');
  });
});
