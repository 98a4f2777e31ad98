import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance } from '../harness.ts';
import { signUpAdmin } from '../people.ts';
import type { World } from './case.ts';
import { allCases } from './cases/index.ts';
import { readRows } from './rows.ts';

const rows = readRows();
const DOCUMENT = new URL('../../docs/not-served-yet.md', import.meta.url);

/** The page that lists what is not built yet; made from the rows without a case. */
function notServedPage(): string {
  const lines = [
    '# Not served yet',
    '',
    'Rows of the published contracts that this release does not serve. Made by `UPDATE_DOCS=1 npx vitest run test/inventory`.',
    '',
  ];
  for (const system of [...new Set(rows.map((row) => row.system))]) {
    const missing = rows.filter((row) => row.system === system && allCases[row.key] === undefined);
    const total = rows.filter((row) => row.system === system).length;
    lines.push(`## ${system}: ${total - missing.length} of ${total} served`, '');
    for (const row of missing) lines.push(`- \`${row.method} ${row.path}\``);
    if (missing.length > 0) lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

describe('the endpoint inventory', () => {
  it('holds all 399 rows: 340 of the specifications, 48 families, 11 of the SDKs', () => {
    const count = (origin: string) => rows.filter((row) => row.origin === origin).length;
    expect([rows.length, count('specification'), count('family'), count('sdk')]).toEqual([399, 340, 48, 11]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(399);
  });

  it('has no case for a row that is not in the list', () => {
    const keys = new Set(rows.map((row) => row.key));
    expect(Object.keys(allCases).filter((key) => !keys.has(key))).toEqual([]);
  });

  it('lists what is not served in the docs', () => {
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, notServedPage());
    expect(existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '').toBe(notServedPage());
  });
});

describe('a served row', () => {
  let world: World;
  beforeAll(async () => {
    const appliance = await startAppliance();
    await appliance.operate('POST', '/operator/trial');
    const admin = await signUpAdmin(appliance, 'admin@example.com');
    const org = await admin.request('POST', '/api/orgs', { name: 'Inventory' });
    const project = await admin.request('POST', `/api/orgs/${org.body.id}/projects`, { name: 'inventory' });
    const key = await admin.request('POST', `/api/projects/${project.body.id}/api-keys`, {
      name: 'inventory',
      scopes: ['read', 'write', 'scout'],
    });
    world = { appliance, admin, orgID: org.body.id, projectID: project.body.id, key: key.body.key };
  });
  afterAll(() => world?.appliance.discard());

  for (const [key, run] of Object.entries(allCases)) it(key, () => run(world));
});
