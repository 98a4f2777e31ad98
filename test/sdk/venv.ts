import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The published Python SDK that tests compare with. */
export const pinnedSdk = { name: 'controlzero', version: '1.13.16' };

const folder = path.resolve(import.meta.dirname, '../../.cache/sdk-venv');

/** A Python that can import the pinned SDK, or why there is none. */
export type SdkPython =
  | { readonly python: string; readonly reason?: undefined }
  | { readonly python?: undefined; readonly reason: string };

/**
 * Finds the virtual environment with the pinned SDK under `.cache/sdk-venv`, or makes it (`python3 -m venv`, `pip install`).
 * Never throws: without Python, pip or the package the answer says what is missing, so that tests can skip by name.
 */
export async function sdkPython(): Promise<SdkPython> {
  const python = path.join(folder, 'bin', 'python');
  if (await hasSdk(python)) return { python };
  try {
    await mkdir(path.dirname(folder), { recursive: true });
    if (!existsSync(python)) await run('python3', ['-m', 'venv', folder], { timeout: 60_000 });
    const packages = [`${pinnedSdk.name}==${pinnedSdk.version}`];
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      timeout: 240_000,
    });
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error);
    return { reason: `the Python SDK ${pinnedSdk.version} cannot be installed: ${text}` };
  }
  return (await hasSdk(python))
    ? { python }
    : { reason: `the environment at ${folder} does not hold ${pinnedSdk.version}` };
}

async function hasSdk(python: string): Promise<boolean> {
  if (!existsSync(python)) return false;
  const script = `import importlib.metadata as m; print(m.version("${pinnedSdk.name}"))`;
  try {
    const { stdout } = await run(python, ['-c', script], { timeout: 60_000 });
    return stdout.trim() === pinnedSdk.version;
  } catch {
    return false;
  }
}
