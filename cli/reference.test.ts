import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from './main.ts';
import { cliPage, configurationPage, helpText, leaves } from './reference.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');

describe('the reference pages', () => {
  it.each([
    ['configuration.md', configurationPage],
    ['cli.md', () => cliPage(buildProgram())],
  ])('%s is what the program says of itself (UPDATE_DOCS=1 rewrites it)', (name, page) => {
    const file = join(DOCS, name);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, page());
    expect(readFileSync(file, 'utf8')).toBe(page());
  });

  it('every command has a description and an example that begins with its name', () => {
    const commands = leaves(buildProgram(), []);
    expect(commands.length).toBeGreaterThan(20);
    for (const [command, path] of commands) {
      expect(command.description(), path).not.toBe('');
      expect(helpText(command).examples, path).toContain(path);
    }
  });
});
