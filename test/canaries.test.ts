import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../cli/main.ts';
import { encodeLicense } from '../server/crypto/license.ts';
import { generateSigningSeed, signingKeyFromSeed } from '../server/crypto/signing.ts';
import { openDatabases } from '../server/db/open.ts';
import { systemClock } from '../server/kernel/clock.ts';
import { createLog } from '../server/kernel/logging.ts';
import { Canaries, everythingStored } from './canaries.ts';
import { describeEachAppliance } from './each-appliance.ts';
import type { Answer, TestAppliance } from './harness.ts';
import { operatorContext, signUp, signUpAdmin } from './people.ts';
import { openTenant } from './tenant.ts';

const YEAR = 365 * 86_400_000;
const issuer = signingKeyFromSeed(generateSigningSeed());

function newLicense(id: string): string {
  const now = Date.now();
  const times = { issued_at: new Date(now).toISOString(), expires_at: new Date(now + YEAR).toISOString() };
  const what = { license_id: id, org_id: 'acme', seats: 10, tier: 'enterprise', features: [], limits: {} };
  return encodeLicense({ ...what, ...times }, issuer);
}

/** A log that keeps every line, down to the most detailed. */
function keptLog(): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  const output = new PassThrough();
  output.on('data', (line) => lines.push(String(line)));
  return { log: createLog('trace', output), lines };
}

describeEachAppliance((open) => {
  const canaries = new Canaries();
  const { log, lines } = keptLog();
  const refusals: Answer[] = [];
  const shown: Record<string, string> = {};
  let appliance: TestAppliance;

  /** A request whose refusal is kept. */
  const send = async (method: string, url: string, options: Parameters<TestAppliance['request']>[2] = {}) => {
    const answer = await appliance.request(method, url, options);
    if (answer.status >= 400) refusals.push(answer);
    return answer;
  };
  const post = (url: string, body: unknown, more: object = {}) => send('POST', url, { body, ...more });

  beforeAll(async () => {
    const settings = {
      CZ_LICENSE_TRUST: issuer.publicKey.toString('base64'),
      CZ_LICENSE_KEY: canaries.plant('license of the settings', newLicense('lic-settings')),
      CZ_SMTP_URL: `smtp://mailer:${canaries.plant('SMTP password', 'canary-smtp-9d2f')}@127.0.0.1:1`,
    };
    appliance = await open({ log, settings });
    await appliance.start();
    canaries.plantBytes('master key', appliance.masterKey);
    canaries.plantBytes('session key', appliance.jwtKey);
    await signIns();
    await tenants();
    await oddRequests();
    await appliance.services.mail.drain();
    const admin = await signUpAdmin(appliance, 'last@canary.example');
    for (const [name, url] of [
      ['metrics', '/metrics'],
      ['system metrics', '/api/admin/system/metrics'],
      ['system health', '/api/admin/system/health'],
      ['rate limits', '/api/admin/system/rate-limits'],
      ['activity log', '/api/admin/audit-logs?limit=100'],
      ['OpenAPI document', '/openapi.json'],
      ['licenses', '/api/admin/licenses'],
    ] as const) {
      const answer = await admin.request('GET', url);
      expect(answer.status, answer.text).toBe(200);
      shown[name] = answer.text;
    }
    const { state, audit } = appliance.kernel.databases;
    const waiting = await state.read.selectFrom('activity_outbox').selectAll().execute();
    const moved = await audit.read.selectFrom('activity').selectAll().execute();
    shown['activity records'] = JSON.stringify([...waiting, ...moved]);
    const alerts = await state.read.selectFrom('alerts').selectAll().execute();
    shown['alerts'] = JSON.stringify(alerts);
  });

  /** Passwords and links, right and wrong, in every place where they are typed. */
  async function signIns(): Promise<void> {
    const person = await signUp(appliance, 'ada@canary.example');
    canaries.plant('session token', person.token);
    canaries.plant('CSRF token', person.csrf);
    const [wrong, next, last] = ['canary wrong guess', 'canary quiet lanterns', 'canary amber stairway'];
    for (const password of [wrong, next, last]) canaries.plant(`password "${password}"`, password);
    await post('/auth/login', { email: person.email, password: wrong });
    await post('/auth/login', { email: person.email, password: wrong, unknown: wrong });
    await post('/auth/login', { email: person.email, password: [wrong] });
    await post('/auth/login', `{"email":"${person.email}","password":"${wrong}`);
    await post('/auth/register', { email: 'new@canary.example', password: next });
    await post('/auth/register', { email: 'no address', password: next });
    await post('/auth/change-password', { current_password: wrong, new_password: next }, { bearer: person.token });
    const context = operatorContext(appliance);
    const { url } = await appliance.services.auth.operator.resetLink(context, person.email);
    const token = canaries.plant('reset token', new URL(url).searchParams.get('token')!);
    await send('GET', `/ui/reset?token=${token}`);
    await post('/auth/reset-password', { token, new_password: 'short' });
    await post('/auth/reset-password', { token, new_password: next });
    await post('/auth/reset-password', { token, new_password: last });
    await post('/auth/verify-email', { token, password: last });
    await post('/ui/sign-in', `email=x&password=${encodeURIComponent(wrong)}`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  /** Keys, invites, licenses, and audit entries whose payloads are withheld. */
  async function tenants(): Promise<void> {
    const { owner, orgId, projectId, key } = await openTenant(appliance, 'canary');
    canaries.plant('session token of an owner', owner.token);
    canaries.plant('API key', key);
    const keys = `/api/projects/${projectId}/api-keys`;
    const idempotent = { bearer: owner.token, csrf: owner.csrf, headers: { 'idempotency-key': 'make-one-key' } };
    const body = { name: 'second', scopes: ['read'] };
    const made = await post(keys, body, idempotent);
    canaries.plant('API key made under an Idempotency-Key', made.body.key);
    await post(keys, body, idempotent);
    const rotated = await owner.request('POST', `${keys}/${made.body.id}/rotate`, {});
    canaries.plant('rotated API key', rotated.body.key);
    await owner.request('DELETE', `${keys}/${made.body.id}`);
    await send('GET', '/v1/sdk/policies/pull', { bearer: made.body.key });
    const bootstrap = await send('GET', '/v1/sdk/bootstrap', { bearer: key });
    canaries.plantBytes('encryption key of the project', Buffer.from(bootstrap.body.encryption_key, 'base64'));
    await owner.request('POST', `/api/orgs/${orgId}/members/invite`, { email: 'guest@canary.example' });

    const text = canaries.plant('payload of an audit entry', 'canary-payload-51c7');
    const aside = canaries.plant('payload of a row that is no entry', 'canary-aside-77aa');
    const entry = { id: 'canary-entry', tool_name: 'Bash', decision: 'deny', ts: new Date().toISOString() };
    const withheld = { args: { command: text }, input_payload: text, output_payload: text, error_message: text };
    const entries = [{ ...entry, ...withheld, later: text }, { ...entry, args: { command: aside } }, [aside], aside];
    const taken = await post('/v1/sdk/audit', { entries }, { bearer: key });
    expect(taken.body).toEqual({ accepted: 1, rejected: 3, dropped: 0 });
    await post('/v1/sdk/tamper-alert', { reason: 'signature mismatch', bundle_hash: 'x' }, { bearer: key });

    const license = canaries.plant('license that is installed', newLicense('lic-typed'));
    await appliance.operate('POST', '/operator/license', { license_key: license });
    refusals.push(await appliance.operate('POST', '/operator/license', { license_key: `${license}x` }));
    const admin = await signUpAdmin(appliance, 'admin@canary.example');
    const issue = { org_id: 'acme', tier: 'teams', seats: 5, expires_at: '2040-01-01T00:00:00Z' };
    const issued = await admin.request('POST', '/api/admin/licenses', issue);
    canaries.plant('license that was issued', issued.body.license_key);
    refusals.push(await admin.request('POST', '/api/admin/licenses', { ...issue, tier: issued.body.license_key }));
  }

  /** Credentials where none belongs, and faults of our own while some are at hand. */
  async function oddRequests(): Promise<void> {
    const secret = canaries.plant('secret in a header or a query', 'canary-odd-3e81');
    const unknownKey = canaries.plant('API key that nobody issued', `cz_live_${randomBytes(32).toString('hex')}`);
    await send('GET', '/v1/sdk/policies/pull', { bearer: unknownKey });
    await send('GET', '/v1/sdk/policies/pull', { headers: { 'x-api-key': secret } });
    for (const headers of [
      { authorization: `Basic ${Buffer.from(`a:${secret}`).toString('base64')}` },
      { authorization: `Bearer ${secret}` },
      { cookie: `cz_session=${secret}; other=${secret}` },
      { 'x-csrf-token': secret, 'x-secret': secret, 'x-request-id': `${secret} ${secret}`, traceparent: secret },
      { 'x-cz-machine-id': secret, 'x-cz-timestamp': secret, 'x-cz-signature': secret },
    ] as Record<string, string>[]) {
      await send('GET', '/api/orgs', { headers });
      await post('/api/orgs', { name: 'x' }, { headers });
    }
    await send('GET', `/api/orgs?access_token=${secret}&token=${secret}&cursor=${secret}&limit=${secret}`);
    await send('GET', `/no/such/page?token=${secret}`);
    await send('GET', `/%zz?token=${secret}`);
    // Every write: a timer of the appliance may be the next to write.
    const write = vi.spyOn(appliance.kernel.databases.state, 'write').mockRejectedValue(
      Object.assign(new Error('the disk is gone'), {
        detail: `Failing row contains (${secret})`,
        parameters: [secret],
      }),
    );
    const failed = await post('/auth/register', { email: 'late@canary.example', password: secret });
    write.mockRestore();
    expect(failed.status).toBe(500);
  }

  it('looks for secrets of every kind, in places that hold something', () => {
    expect(canaries.names.length).toBeGreaterThan(18);
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.join('')).toContain('a message could not be sent');
    expect(lines.join('')).toContain('the disk is gone');
    expect(refusals.length).toBeGreaterThan(25);
    for (const text of Object.values(shown)) expect(text.length).toBeGreaterThan(2);
  });

  it('finds none in the log', () => {
    expect(canaries.foundIn(lines.join(''))).toEqual([]);
  });

  it('finds none in refusals', () => {
    for (const { text, headers } of refusals)
      expect(canaries.foundIn(text + JSON.stringify(headers)), text).toEqual([]);
  });

  it('finds none in metrics, activity records, alerts and documents', () => {
    for (const [place, text] of Object.entries(shown)) expect([place, canaries.foundIn(text)]).toEqual([place, []]);
  });

  it('finds none in what is stored', async () => {
    const stored = await everythingStored(appliance);
    for (const known of ['ada@canary.example', 'canary-entry', 'lic-typed']) expect(stored).toContain(known);
    // A license is no key: its text is kept, so that its signature can be checked at every start.
    const licenses = ['license of the settings', 'license that is installed'];
    expect(canaries.foundIn(stored, licenses)).toEqual([]);
  });
});

describe('the password of the database', () => {
  it('is not told when the database cannot be reached', async () => {
    const canaries = new Canaries();
    const password = canaries.plant('password', 'canary-database-4b60');
    const { log, lines } = keptLog();
    for (const databaseUrl of [
      `postgres://someone:${password}@127.0.0.1:1/nothing`,
      `postgres://someone:${password}@127.0.0.1:port/nothing`,
    ]) {
      const error = await openDatabases({ databaseUrl, clock: systemClock, log }).then(
        () => null,
        (reason: Error) => reason,
      );
      log.error({ err: error }, 'not opened');
      expect(error).toBeInstanceOf(Error);
      expect(canaries.foundIn(`${error!.message}${error!.stack}${lines.join('')}`)).toEqual([]);
    }
  });
});

describe('czctl config', () => {
  it('shows that a secret is set, never what it is', async () => {
    const canaries = new Canaries();
    const home = mkdtempSync(join(tmpdir(), 'cz-canary-'));
    const secrets = {
      DATABASE_URL: `postgres://someone:${canaries.plant('database password', 'canary-database-4b60')}@localhost/x`,
      CZ_LICENSE_KEY: canaries.plant('license', newLicense('lic-file')),
      CZ_SMTP_URL: `smtp://mailer:${canaries.plant('SMTP password', 'canary-smtp-9d2f')}@localhost`,
    };
    const lines = Object.entries({ CZ_TLS: 'off', CZ_BIND: '127.0.0.1', ...secrets });
    writeFileSync(join(home, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const printed: string[] = [];
    const keep = (text: unknown) => printed.push(String(text)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep));
    try {
      const czctl = (...args: string[]) => main(['node', 'czctl', '--dir', home, ...args]);
      expect(await czctl('config', 'show')).toBe(0);
      expect(await czctl('--json', 'config', 'show')).toBe(0);
      for (const name of Object.keys(secrets)) expect(await czctl('config', 'get', name)).toBe(0);
      const typed = canaries.plant('typed', 'canary-typed-0c');
      expect(await czctl('config', 'set', 'CZ_SMTP_URL', `nonsense ${typed}`)).toBe(4);
      expect(await czctl('config', 'set', 'CZ_SMTP_URL', `smtp://mailer:${typed}@localhost`)).toBe(0);
      writeFileSync(join(home, '.env'), `CZ_PORT=none\nCZ_SMTP_URL=${secrets.CZ_SMTP_URL}\n`);
      expect(await czctl('config', 'check')).not.toBe(0);
    } finally {
      for (const spy of spies) spy.mockRestore();
      rmSync(home, { recursive: true });
    }
    expect(printed.join('')).toContain('not shown');
    expect(canaries.foundIn(printed.join(''))).toEqual([]);
  });
});
