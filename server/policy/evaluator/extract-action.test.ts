import { describe, expect, it } from 'vitest';
import { extractAction } from './extract-action.ts';

describe('the action of a host tool call', () => {
  it.each<[string, unknown, string]>([
    ['Read', {}, 'file_read:read'],
    ['Edit', { file_path: 'a' }, 'file_write:write'],
    ['edit', {}, 'file_write:write'],
    ['Bash', { command: 'rm x' }, 'Bash:rm'],
    ['Bash', { command: 'ls | /bin/rm x; cat' }, 'Bash:rm'],
    ['Bash', { command: 'mytool a' }, 'Bash:mytool'],
    ['Bash', { command: ' ' }, 'Bash:*'],
    ['Bash', { command: ['rm'] }, 'Bash:*'],
    ['run_command', { command: '', CommandLine: 'git push' }, 'Bash:git'],
    ['PostgreSQL', { sql: 'select 1' }, 'database:SELECT'],
    ['database', { sql: 'SELECT 1; drop table t' }, 'database:DROP'],
    ['database', { sql: 'PRAGMA x' }, 'database:*'],
    ['http', { method: 'post' }, 'http:POST'],
    ['WebFetch', { url: 'u' }, 'http:*'],
    ['WebSearch', {}, 'web_search:search'],
    ['playwright', { action: 'click' }, 'browser:click'],
    ['Grep', null, 'file_search:search'],
    ['Agent', 'x', 'task:spawn'],
    ['mcp__db__query', { sql: 'select 1' }, 'mcp__db__query:*'],
    ['constructor', {}, 'constructor:*'],
  ])('%s %j is %s', (tool, args, expected) => {
    const action = extractAction(tool, args);
    expect(`${action.tool}:${action.method}`).toBe(expected);
  });

  it('falls back on a command nested beyond reason', () => {
    expect(extractAction('Bash', { command: '$('.repeat(2000) }).method).toBe('*');
  });
});
