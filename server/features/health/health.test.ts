import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';

describe('health routes', () => {
  let appliance: TestAppliance;
  beforeAll(async () => {
    appliance = await startAppliance();
  });
  afterAll(() => appliance.discard());

  it('describes the service at /', async () => {
    const answer = await appliance.request('GET', '/');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      service: 'control-zero',
      environment: 'self-managed',
      auth_mode: 'self-managed',
    });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{16}-[0-9a-z]+$/);
  });

  it('sends browsers from / to the pages', async () => {
    const answer = await appliance.request('GET', '/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/ui/');
  });

  it('answers liveness and readiness', async () => {
    expect((await appliance.request('GET', '/health')).body).toMatchObject({ status: 'ok' });
    const ready = await appliance.request('GET', '/ready');
    expect(ready.status).toBe(200);
    expect(ready.body.status).toBe('ready');
  });

  it('gives metrics to the internal network only', async () => {
    expect((await appliance.request('GET', '/metrics')).text).toContain('cz_http_requests_total');
    const forwarded = await appliance.request('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(forwarded.status).toBe(404);
  });

  it('answers an unknown path in the shape of the contract', async () => {
    const answer = await appliance.request('GET', '/nowhere');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND', error: expect.stringContaining('/nowhere') });
  });
});
