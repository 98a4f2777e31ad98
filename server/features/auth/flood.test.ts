import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, signIn, signUp } from '../../../test/people.ts';
import { temporaryPostgres } from '../../../test/postgres.ts';

describe('a flood of sign-ins', () => {
  let appliance: TestAppliance;
  beforeAll(async () => {
    // Each check takes tens of milliseconds, as it does in earnest.
    appliance = await startAppliance({
      settings: { CZ_TRUSTED_PROXIES: '127.0.0.0/8' },
      passwordCosts: { memoryKib: 19_456, passes: 2, lanes: 1 },
    });
  });
  afterAll(() => appliance.discard());

  const login = (n: number) =>
    appliance.request('POST', '/auth/login', {
      body: { email: `guess${n}@example.com`, password: 'wrong' },
      headers: { 'x-forwarded-for': `198.51.${n >> 8}.${n & 255}` },
    });

  it('is refused with 429 and Retry-After beyond a bound, and takes no refused attempt for a failure', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => login(n)));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(120 - refused.length);
    expect(refused.length).toBeGreaterThanOrEqual(80);
    for (const answer of refused) expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const { read } = appliance.kernel.databases.state;
    const rows = await read.selectFrom('sign_in_failures').select('failures').where('failures', '>', 0).execute();
    expect(rows).toHaveLength(2 * (120 - refused.length));
  });

  it('delays neither signed-in people nor changes', async () => {
    const person = await signUp(appliance, 'calm@example.com');
    const started = performance.now();
    const flood = Promise.all(Array.from({ length: 120 }, (_, n) => login(1_000 + n))).then(
      () => performance.now() - started,
    );
    const slowest = { read: 0, change: 0 };
    for (let n = 0; n < 10; n += 1) {
      const begun = performance.now();
      await person.request('GET', '/auth/me');
      const between = performance.now();
      await appliance.services.auth.admins.add(operatorContext(appliance), `admin${n}@example.com`);
      slowest.read = Math.max(slowest.read, between - begun);
      slowest.change = Math.max(slowest.change, performance.now() - between);
    }
    const whole = await flood;
    expect(slowest.read).toBeLessThan(whole / 2);
    expect(slowest.change).toBeLessThan(whole / 2);
  });

  it('works the same for known and unknown addresses', async () => {
    await signUp(appliance, 'timed@example.com');
    const times = { known: [] as number[], unknown: [] as number[] };
    for (let n = 0; n < 15; n += 1) {
      for (const kind of ['known', 'unknown'] as const) {
        const email = kind === 'known' ? 'timed@example.com' : `nobody${n}@example.com`;
        const begun = performance.now();
        const headers = { 'x-forwarded-for': `203.0.113.${n}` };
        const answer = await appliance.request('POST', '/auth/login', { body: { email, password: 'wrong' }, headers });
        if (answer.status === 401) times[kind].push(performance.now() - begun);
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
    const ratio = median(times.unknown) / median(times.known);
    // An answer without the work would be more than ten times faster.
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });
});

describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('two processes on one database', () => {
  it('end a session everywhere when one of them ends it', async () => {
    const { location, remove } = await temporaryPostgres();
    const one = await startAppliance({ databaseUrl: location.databaseUrl });
    const other = await startAppliance({ databaseUrl: location.databaseUrl, again: one });
    const seenBy = async (appliance: TestAppliance, bearer: string) =>
      (await appliance.request('GET', '/auth/me', { bearer })).status;
    const eventually = async (bearer: string, status: number) => {
      const deadline = performance.now() + 5_000;
      while ((await seenBy(other, bearer)) !== status && performance.now() < deadline) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return seenBy(other, bearer);
    };
    const person = await signUp(one, 'both@example.com');
    const second = await signIn(one, 'both@example.com', PASSWORD);
    expect(await seenBy(other, person.token)).toBe(200);
    expect(await seenBy(other, second.token)).toBe(200);

    await one.request('POST', '/auth/logout', { bearer: person.token });
    expect(await eventually(person.token, 401)).toBe(401);
    expect(await seenBy(other, second.token)).toBe(200);
    await one.services.auth.users.setStatus(operatorContext(one), second.id, 'disabled');
    expect(await eventually(second.token, 401)).toBe(401);

    await other.close();
    await one.discard();
    await remove();
  });
});
