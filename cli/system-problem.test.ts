import { expect, it } from 'vitest';
import { systemProblem } from './system-problem.ts';

const failed = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: mkdir`), { code, ...(path && { path }) });

it.each([
  ['EACCES', 'no right'],
  ['EPERM', 'no right'],
  ['EEXIST', 'not a directory'],
  ['ENOTDIR', 'not a directory'],
  ['EROFS', 'cannot be written'],
  ['ENOSPC', 'no room'],
])('%s is told with its path and what to do', (code, words) => {
  const problem = systemProblem(failed(code, '/opt/cz'));
  expect(problem).toContain(words);
  expect(problem).toContain('/opt/cz');
  expect(problem).toContain('--dir');
});

it('leaves other errors to their own words', () => {
  expect(systemProblem(failed('EACCES'))).toBeUndefined();
  expect(systemProblem(failed('ENOENT', '/opt/cz'))).toBeUndefined();
  expect(systemProblem('a text')).toBeUndefined();
});
