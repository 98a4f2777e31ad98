import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
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

describe('the pages that people write', () => {
  const root = join(DOCS, '..');
  const pages = [
    'README.md',
    ...readdirSync(DOCS)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  it.each(pages)('%s links to files that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
      expect(existsSync(join(root, dirname(page), target!)), target).toBe(true);
  });

  it.each(pages)('%s names commands and flags that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const program = buildProgram();
    for (const [, line] of text.matchAll(/(?:^|[`$ (/])czctl ((?:[a-z-]+ ?)+[^\n`#|<,]*)/gm)) {
      const words = line!.split(/\s+/);
      let command: Command = program;
      for (const word of words) {
        const next = command.commands.find((child) => child.name() === word);
        if (next === undefined) break;
        command = next;
      }
      expect(command, `czctl ${line}`).not.toBe(program);
      const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
      for (const flag of words
        .filter((word) => word.startsWith('-') && word.length > 1)
        .map((word) => word.replace(/[^a-z-]+$/, '')))
        expect([...known, '--help'], `czctl ${line}`).toContain(flag);
    }
  });
});
