import { resolve } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

it('a failing test ends the run with a non-zero exit code', async () => {
  const root = resolve(import.meta.dirname, '..');
  const args = ['run', '--root', root, '--config', 'test/fixtures/failing/vitest.config.ts'];
  const { exitCode, stdout } = await execa('node_modules/.bin/vitest', args, { cwd: root, reject: false });
  expect(stdout).toContain('1 failed');
  expect(exitCode).toBe(1);
});
