import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/rego.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'rego-embedding-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the program on the page about the engine prints what stands there', async () => {
  const [, program, output] = /```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/.exec(page)!;
  const file = join(folder, 'example.mts');
  writeFileSync(file, program!.replace('./server/rego/index.ts', new URL('./index.ts', import.meta.url).href));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, file]);
  expect(stdout).toBe(output);
});
