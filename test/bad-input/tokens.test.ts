import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../server/kernel/clock.ts';
import { digestDatabases } from '../database-digest.ts';
import { type Answer, startAppliance, type TestAppliance } from '../harness.ts';
import { NEXT_PASSWORD, SESSION_HOURS, type TokenKind, tokenKinds } from './tokens.ts';

const SETTINGS = { CZ_SESSION_HOURS: String(SESSION_HOURS) };
const NAMES = ['session', 'session cookie', 'API key', 'set-up link', 'reset link', 'verification link', 'invite'];
const ONCE = ['set-up link', 'reset link', 'verification link', 'invite'];

let clock: ManualClock;
let appliance: TestAppliance;
let elsewhere: TestAppliance;
let kinds: TokenKind[];
let foreign: TokenKind[];
beforeAll(async () => {
  clock = manualClock(Date.UTC(2026, 10, 21, 9));
  appliance = await startAppliance({ clock, settings: SETTINGS });
  elsewhere = await startAppliance({ clock, settings: SETTINGS });
  kinds = await tokenKinds(appliance, clock.now);
  foreign = await tokenKinds(elsewhere, clock.now);
});
afterAll(async () => {
  await appliance?.discard();
  await elsewhere?.discard();
});

const kindOf = (name: string, of = kinds) => of.find((kind) => kind.name === name)!;

/** Expects a refusal in the contract's shape, after which everything is as it was. */
async function refused(use: () => Promise<Answer>, at = appliance): Promise<void> {
  const before = await digestDatabases(at.kernel.databases);
  const answer = await use();
  expect([400, 401], answer.text).toContain(answer.status);
  expect(answer.body).toMatchObject({
    error: expect.any(String),
    code: expect.stringMatching(/^[A-Z_]+$/),
    request_id: answer.headers['x-request-id'],
  });
  expect(await digestDatabases(at.kernel.databases)).toEqual(before);
}

/** The token with other characters in it, cut, prolonged, or written in another way. */
function tampered(token: string): string[] {
  const exchanged = (at: number) => `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
  const middle = token.length >> 1;
  return [
    ...[0, middle, token.length - 8].map(exchanged),
    token.slice(0, -1),
    token.slice(1),
    `${token}a`,
    `${token}${token}`,
    token.split('').reverse().join(''),
    token.toUpperCase(),
    encodeURIComponent(`${token}\0`),
    'a'.repeat(200),
    '-',
  ];
}

describe.each(NAMES)('a token: %s', (name) => {
  it('counts until its time is over, and not a moment longer', async () => {
    const kind = kindOf(name);
    const [early, late] = [await kind.issue(), await kind.issue()];
    clock.advance(kind.lifetime - 1000);
    expect((await early.use(early.token)).status).toBe(200);
    clock.advance(1000);
    await refused(() => late.use(late.token));
  });

  it('does not count when it was changed', async () => {
    const { token, use } = await kindOf(name).issue();
    for (const text of tampered(token)) await refused(() => use(text));
    expect((await use(token)).status).toBe(200);
  });

  it('does not count at another appliance', async () => {
    const { token, use } = await kindOf(name, foreign).issue();
    const own = await kindOf(name).issue();
    await refused(() => own.use(token));
    await refused(() => use(own.token, elsewhere), elsewhere);
  });
});

describe.each(ONCE)('a token that is used up by its use: %s', (name) => {
  it('does not count a second time', async () => {
    const { token, use } = await kindOf(name).issue();
    expect((await use(token)).status).toBe(200);
    await refused(() => use(token));
  });

  it('counts once when it is sent many times at the same moment', async () => {
    const { token, use } = await kindOf(name).issue();
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(token)));
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses[0]).toBe(200);
    expect(
      statuses.slice(1).every((status) => status >= 400 && status < 500),
      statuses.join(),
    ).toBe(true);
  });
});

describe('a session', () => {
  const opened = async () => {
    const { token, use } = await kindOf('session').issue();
    const { email } = (await use(token)).body;
    return { token, use, email };
  };

  it('does not count after it was ended', async () => {
    const { token, use } = await opened();
    expect((await appliance.request('POST', '/auth/logout', { bearer: token })).status).toBe(200);
    await refused(() => use(token));
  });

  it('does not count after the password was changed, elsewhere or by link', async () => {
    const first = await opened();
    const body = { email: first.email, password: 'violet tram kettle' };
    const second = (await appliance.request('POST', '/auth/login', { body })).body.token;
    const change = { current_password: body.password, new_password: NEXT_PASSWORD };
    expect((await appliance.request('POST', '/auth/change-password', { bearer: second, body: change })).status).toBe(
      200,
    );
    await refused(() => first.use(first.token));
    await refused(() => first.use(second));
  });

  it('of one person does not confirm changes of another', async () => {
    const [one, other] = [await opened(), await opened()];
    const csrf = (await appliance.request('GET', '/api/csrf-token', { bearer: other.token })).body.csrf_token;
    const before = await digestDatabases(appliance.kernel.databases);
    const answer = await appliance.request('POST', '/api/orgs', { bearer: one.token, csrf, body: { name: 'x' } });
    expect([answer.status, answer.body.code]).toEqual([403, 'CSRF_TOKEN_INVALID']);
    expect(await digestDatabases(appliance.kernel.databases)).toEqual(before);
  });
});

describe('a restart', () => {
  it('neither ends what counts nor brings back what is over', async () => {
    const first = await startAppliance({ clock, settings: SETTINGS });
    const before = await tokenKinds(first, clock.now);
    const used = await Promise.all(ONCE.map((name) => kindOf(name, before).issue()));
    const unused = await Promise.all(NAMES.map((name) => kindOf(name, before).issue()));
    const ended = await kindOf('session', before).issue();
    for (const { token, use } of used) expect((await use(token)).status).toBe(200);
    expect((await first.request('POST', '/auth/logout', { bearer: ended.token })).status).toBe(200);
    await first.close();

    const second = await startAppliance({ clock, settings: SETTINGS, again: first });
    try {
      for (const { token, use } of used) await refused(() => use(token, second), second);
      await refused(() => ended.use(ended.token, second), second);
      for (const { token, use } of unused) expect((await use(token, second)).status).toBe(200);
    } finally {
      await second.discard();
    }
  });
});
