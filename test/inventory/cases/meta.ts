import { expect } from 'vitest';
import type { Cases } from '../case.ts';

/** Health and meta of the main contract. */
export const metaCases: Cases = {
  'control-zero GET /': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ version: expect.any(String), environment: expect.any(String) });
  },
  'control-zero GET /health': async ({ appliance }) => {
    expect((await appliance.request('GET', '/health')).status).toBe(200);
  },
  'control-zero GET /ready': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/ready');
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe('ready');
  },
  'control-zero-reference GET /v1/health': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/v1/health');
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe('ok');
  },
  'zero GET /api/v1/health': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/api/v1/health', { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe('healthy');
  },
  'control-core GET /api/v1/health': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/api/v1/health');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'healthy',
      version: expect.any(String),
      uptime_seconds: expect.any(Number),
      components: {
        database: { status: 'connected', latency_ms: expect.any(Number) },
        redis: { status: 'not_configured' },
      },
      timestamp: expect.stringMatching(/Z$/),
    });
  },
  'control-core GET /api/v1/metrics': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/api/v1/metrics');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^# HELP /m);
  },
  'secrets-broker GET /healthz': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/healthz');
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  },
  'secrets-broker GET /readyz': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/readyz');
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  },
  'secrets-broker GET /metrics': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/metrics', { headers: { accept: 'text/plain' } });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('cz_http_requests_total');
  },
  'control-zero GET /metrics': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/metrics');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^# HELP /m);
  },
};
