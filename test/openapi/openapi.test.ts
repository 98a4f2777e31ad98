import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';

let appliance: TestAppliance;
let document: Record<string, never> & { paths: Record<string, Record<string, unknown>>; info: Record<string, unknown> };
beforeAll(async () => {
  appliance = await startAppliance();
  document = (await appliance.request('GET', '/openapi.json')).body;
});
afterAll(() => appliance.discard());

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 and names the Control Core contract', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { 'x-control-core-contract': expect.any(String) } });
  });

  it('describes every route of the published contracts', () => {
    const described = new Set(
      Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
    const missing = appliance.kernel.routes
      .filter((route) => route.contract !== 'operator' && (route.schema as { hide?: boolean }).hide !== true)
      .map((route) => `${route.method} ${route.path.replace(/:([A-Za-z_]+)/g, '{$1}')}`)
      .filter((name) => !described.has(name));
    expect(missing).toEqual([]);
  });

  it('is clean under the linter', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cz-openapi-'));
    const file = join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(document));
    const { exitCode, stdout, stderr } = await execa(
      'node_modules/.bin/redocly',
      ['lint', file, '--config', 'redocly.yaml', '--format', 'stylish'],
      {
        reject: false,
        env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    );
    rmSync(folder, { recursive: true });
    expect(exitCode === 0 ? '' : `${stdout}\n${stderr}`).toBe('');
  });

  it('is shown interactively with assets of our own', async () => {
    const page = await appliance.request('GET', '/devdocs/', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)="https?:/);
  });
});
