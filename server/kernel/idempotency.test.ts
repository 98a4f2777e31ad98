import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../test/harness.ts';
import { type Person, signUp } from '../../test/people.ts';
import { manualClock } from './clock.ts';

describe('Idempotency-Key', () => {
  const clock = manualClock(Date.UTC(2026, 5, 1));
  let appliance: TestAppliance;
  let person: Person;
  let other: Person;
  beforeAll(async () => {
    appliance = await startAppliance({ clock });
    await appliance.operate('POST', '/operator/trial');
    person = await signUp(appliance, 'one@example.com');
    other = await signUp(appliance, 'two@example.com');
  });
  afterAll(() => appliance.discard());

  const create = (who: Person, key: string, name: string) =>
    appliance.request('POST', '/api/orgs', {
      bearer: who.token,
      csrf: who.csrf,
      headers: { 'idempotency-key': key },
      body: { name },
    });
  const count = async (who: Person) => (await who.request('GET', '/api/orgs')).body.orgs.length;

  it('repeats the first answer and does the work once', async () => {
    const first = await create(person, 'a', 'Once');
    const again = await create(person, 'a', 'Once');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await count(person)).toBe(1);
  });

  it('refuses the same key with another body, and forgets it after a day', async () => {
    expect((await create(person, 'a', 'Other')).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    clock.advance(24 * 3_600_000 + 1);
    const later = await appliance.request('POST', '/auth/login', {
      body: { email: 'one@example.com', password: 'violet tram kettle' },
    });
    const csrf = (await appliance.request('GET', '/api/csrf-token', { bearer: later.body.token })).body.csrf_token;
    const answer = await appliance.request('POST', '/api/orgs', {
      bearer: later.body.token,
      csrf,
      headers: { 'idempotency-key': 'a' },
      body: { name: 'Other' },
    });
    expect(answer.status).toBe(201);
    clock.set(Date.UTC(2026, 5, 1));
  });

  it('keeps callers apart', async () => {
    const before = await count(other);
    expect((await create(other, 'b', 'Mine')).status).toBe(201);
    expect((await create(person, 'b', 'Mine')).status).toBe(201);
    expect(await count(other)).toBe(before + 1);
  });

  it('does the work again after a refusal', async () => {
    expect((await create(person, 'c', '')).status).toBe(400);
    expect((await create(person, 'c', 'Now right')).status).toBe(201);
  });

  it('keeps no secret: the repeat of a key creation says that it was done', async () => {
    const org = (await create(person, 'd', 'Keys')).body;
    const project = (await person.request('POST', `/api/orgs/${org.id}/projects`, { name: 'p' })).body;
    const make = () =>
      appliance.request('POST', `/api/projects/${project.id}/api-keys`, {
        bearer: person.token,
        csrf: person.csrf,
        headers: { 'idempotency-key': 'e' },
        body: { name: 'k' },
      });
    const first = await make();
    expect(first.status).toBe(201);
    expect((await make()).body).toMatchObject({ code: 'IDEMPOTENCY_ANSWER_NOT_KEPT' });
    const stored = await appliance.kernel.databases.state.read.selectFrom('idempotency_keys').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(first.body.key);
    expect(stored.find((row) => row.key === 'e')?.body).toBeNull();
  });

  it('refuses a key that is no visible text', async () => {
    expect((await create(person, 'x'.repeat(300), 'Long')).status).toBe(400);
  });
});
