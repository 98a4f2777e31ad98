import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
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

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

/** Every JSON body and every JSON answer of success, by the name of its place. */
function contents(): [string, Media][] {
  return Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody, responses }]) =>
        Object.entries<{ content?: Record<string, Media> }>({ body: requestBody ?? {}, ...responses })
          .filter(([place]) => place === 'body' || place.startsWith('2'))
          .flatMap(([place, { content = {} }]): [string, Media][] => {
            const media = content['application/json'];
            return media === undefined ? [] : [[`${method} ${path} ${place}`, media]];
          }),
      ),
  );
}

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

  it('shows an example of every body and JSON answer that fits its schema', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const wrong: string[] = [];
    for (const [name, media] of contents()) {
      const examples =
        media.example === undefined ? Object.values(media.examples ?? {}).map(({ value }) => value) : [media.example];
      if (examples.length === 0) wrong.push(`${name} has no example`);
      const fits = ajv.compile(media.schema);
      for (const example of examples)
        if (!fits(example)) wrong.push(`${name}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(example)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('asks for the CSRF token where a session changes something, and nowhere else', () => {
    const { paths } = document as unknown as { paths: Record<string, Record<string, { security: object[] }>> };
    expect(paths['/api/orgs']?.['post']?.security).toEqual([{ session: [], csrf: [] }]);
    expect(paths['/api/orgs']?.['get']?.security).toEqual([{ session: [] }]);
    expect(paths['/auth/logout']?.['post']?.security).toEqual([{ session: [] }]);
  });

  it('is shown interactively with assets of our own', async () => {
    const page = await appliance.request('GET', '/devdocs/', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)="https?:/);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('https:');
  });
});
