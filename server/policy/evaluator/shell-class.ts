import { strip } from './python-text.ts';
import { inlineCodeClass, interpreterClass, interpreters, platformCodeClass } from './shell-code.ts';
import {
  commandWords,
  foldedProgramName,
  isAssignment,
  redirectsToFile,
  shellSegments,
  unquoted,
} from './shell-segments.ts';
import type { ShellClass } from './shell-verbs.ts';
import { graver, programClass } from './shell-verbs.ts';

/** Command lines inside command lines are followed this deep, wrappers in front of a program this often. */
const deepestNesting = 5;
const mostWrappers = 8;

/** Programs that run a script given after a flag, with that flag. */
const launcherFlags = new Map<string, RegExp>();
for (const shell of 'sh bash zsh dash ash ksh fish su'.split(' ')) launcherFlags.set(shell, /^-\p{L}*c$/u);
for (const shell of ['powershell', 'pwsh']) launcherFlags.set(shell, /^(?:-c|-command)$/);
launcherFlags.set('cmd', /^\/[ck]$/);

/** Programs that run the program named in their arguments. */
const wrappers = new Set(
  (
    'sudo doas env xargs nice ionice nohup time timeout watch parallel setsid stdbuf busybox exec command builtin ' +
    'unshare nsenter'
  ).split(' '),
);
const wrapperFlagsWithValue = new Set(['-n', '-u', '-g', '-p', '-I', '--group', '--user']);

/**
 * What a command line does to files or the network: the gravest of file_delete, network, file_write, file_read over all
 * its commands, wrappers and nested shells included.
 * @returns undefined when none of these can be told from the line
 */
export function shellClass(line: string): ShellClass | undefined {
  return lineClass(line, 0);
}

function lineClass(line: string, depth: number): ShellClass | undefined {
  if (strip(line) === '') return undefined;
  let found = graver(platformCodeClass(line), inlineCodeClass(line));
  for (const segment of shellSegments(line)) found = graver(found, segmentClass(segment, depth));
  return found;
}

function segmentClass(segment: string, depth: number): ShellClass | undefined {
  const redirect = redirectsToFile(segment) ? 'file_write' : undefined;
  const command = withoutWrappers(commandWords(segment));
  const first = command[0];
  if (first === undefined) return redirect;
  return graver(redirect, commandClass(verb(first), command.slice(1), depth));
}

/** File-system makers share one name: `mkfs.ext4` is `mkfs`. */
function verb(word: string): string {
  const program = foldedProgramName(word);
  return program.startsWith('mkfs.') ? 'mkfs' : program;
}

function withoutWrappers(words: readonly string[]): readonly string[] {
  let at = 0;
  for (let unwrapped = 0; unwrapped < mostWrappers; unwrapped += 1) {
    const word = words[at];
    if (word === undefined || !wrappers.has(verb(word))) return words.slice(at);
    at += 1;
    for (let argument = words[at]; argument !== undefined && isWrapperArgument(argument); argument = words[at]) {
      at += 1;
      if (wrapperFlagsWithValue.has(argument) && words[at]?.startsWith('-') === false) at += 1;
    }
  }
  return [];
}

function isWrapperArgument(word: string): boolean {
  return word.startsWith('-') || isAssignment(word) || /^(?=.*\p{Nd})[\p{Nd}.]+[smhd]?$/u.test(word);
}

function commandClass(program: string, args: readonly string[], depth: number): ShellClass | undefined {
  const flag = launcherFlags.get(program);
  if (flag !== undefined) {
    const at = args.findIndex((word) => flag.test(word.toLowerCase()));
    if (at < 0 || at + 1 >= args.length || depth >= deepestNesting) return undefined;
    return lineClass(unquoted(args.slice(at + 1).join(' ')), depth + 1);
  }
  if (program === 'find') return findClass(args, depth);
  return interpreters.has(program) ? interpreterClass(args) : programClass(program, args);
}

function findClass(args: readonly string[], depth: number): ShellClass | undefined {
  if (args.includes('-delete')) return 'file_delete';
  for (const flag of ['-exec', '-execdir']) {
    const start = args.indexOf(flag) + 1;
    if (start === 0) continue;
    const rest = args.slice(start);
    const end = rest.findIndex((word) => word === ';' || word === '\\;' || word === '+');
    const command = end < 0 ? rest : rest.slice(0, end);
    if (command.length > 0 && depth < deepestNesting) return segmentClass(command.join(' '), depth + 1);
  }
  return undefined;
}
