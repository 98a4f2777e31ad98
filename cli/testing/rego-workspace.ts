import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import type { Streams } from '../rego/session.ts';

/** Where tests of `czctl rego` work: a folder that is empty before each test, and what was written during it. */
export interface RegoWorkspace {
  readonly folder: string;
  /** Writes a file below the folder and gives its path. */
  file(name: string, text: string): string;
  readonly out: string[];
  readonly warnings: string[];
  readonly streams: Streams;
}

/** Makes the workspace of a test file; it is removed after the last test. */
export function regoWorkspace(): RegoWorkspace {
  const folder = mkdtempSync(join(tmpdir(), 'rego-commands-'));
  const out: string[] = [];
  const warnings: string[] = [];
  beforeEach(() => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    out.length = 0;
    warnings.length = 0;
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    file(name, text) {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    out,
    warnings,
    streams: { write: (text) => void out.push(text), warn: (text) => void warnings.push(text) },
  };
}
