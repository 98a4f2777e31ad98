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
  'control-zero GET /metrics': async ({ appliance }) => {
    const answer = await appliance.request('GET', '/metrics');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^# HELP /m);
  },
};
