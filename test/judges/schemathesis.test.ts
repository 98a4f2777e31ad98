import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { type Person, signUpAdmin } from '../people.ts';

const VERSION = '4.32.5';
const FOLDER = resolve(import.meta.dirname, '../../.cache/schemathesis-venv');
const SEED = '20261121';
const EXAMPLES = '12';
/** What an outsider may hold against the document: crashes, undocumented answers, bodies unlike their schema. */
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
/** Operations that end the session or the account that the run signs in with. */
const LEFT_OUT =
  '^(/auth/logout|/api/account|/auth/change-password|/api/admin/admins|/api/admin/features|/api/events/stream|/ui/.*)$';

/** Finds or makes the virtual environment; the reason when that cannot be done. */
async function schemathesis(): Promise<{ command: string } | { reason: string }> {
  const command = resolve(FOLDER, 'bin/schemathesis');
  if (existsSync(command)) return { command };
  await mkdir(resolve(FOLDER, '..'), { recursive: true });
  const made = await execa('python3', ['-m', 'venv', FOLDER], { reject: false, timeout: 60_000 });
  if (made.failed) return { reason: 'python3 with venv is not here' };
  const installed = await execa(
    resolve(FOLDER, 'bin/pip'),
    ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`],
    { reject: false, timeout: 240_000 },
  );
  return installed.failed ? { reason: 'schemathesis cannot be installed' } : { command };
}

const judge = await schemathesis();

describe.skipIf('reason' in judge)(
  `schemathesis ${VERSION}${'reason' in judge ? ` (skipped: ${judge.reason})` : ''}`,
  () => {
    let appliance: TestAppliance;
    let admin: Person;
    let key: string;
    let url: string;

    beforeAll(async () => {
      appliance = await startAppliance();
      await appliance.operate('POST', '/operator/trial');
      admin = await signUpAdmin(appliance, 'judge@example.com');
      const org = await admin.request('POST', '/api/orgs', { name: 'Judge' });
      const project = await admin.request('POST', `/api/orgs/${org.body.id}/projects`, { name: 'judge' });
      key = (
        await admin.request('POST', `/api/projects/${project.body.id}/api-keys`, {
          name: 'judge',
          scopes: ['read', 'write', 'scout'],
        })
      ).body.key;
      url = await appliance.app.listen({ host: '127.0.0.1', port: 0 });
    });
    afterAll(() => appliance.discard());

    const examine = (headers: Record<string, string>) =>
      execa(
        'command' in judge ? judge.command : '',
        [
          ...[
            'run',
            `${url}/openapi.json`,
            '--seed',
            SEED,
            '--max-examples',
            EXAMPLES,
            '--generation-database',
            'none',
          ],
          ...[
            '--phases',
            'examples,coverage,fuzzing',
            '--checks',
            CHECKS,
            '--exclude-path-regex',
            LEFT_OUT,
            '--warnings',
            'off',
          ],
          ...['--continue-on-failure', '--suppress-health-check', 'all', '--no-color', '--workers', '1'],
          ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
        ],
        { reject: false, timeout: 280_000, cwd: resolve(FOLDER, '..') },
      );

    it('finds no 500 and no undocumented answer for a signed-in admin', async () => {
      const { exitCode, stdout } = await examine({
        Authorization: `Bearer ${admin.token}`,
        'X-CSRF-Token': admin.csrf,
      });
      expect(exitCode === 0 ? '' : stdout.slice(-12_000)).toBe('');
    }, 300_000);

    it('finds no 500 and no undocumented answer for an API key', async () => {
      const { exitCode, stdout } = await examine({ Authorization: `Bearer ${key}` });
      expect(exitCode === 0 ? '' : stdout.slice(-12_000)).toBe('');
    }, 300_000);
  },
);
