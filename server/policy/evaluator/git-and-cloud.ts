import { commandWords, foldedProgramName, shellSegments } from './shell-segments.ts';

const remoteSubcommands = new Set(['push', 'pull', 'fetch']);
const branchSubcommands = new Set(['checkout', 'switch']);
const newBranchFlags = new Set(['-b', '-B', '-c', '-C']);
const cloudTools = new Set(['aws', 'gcloud', 'kubectl']);

/**
 * The action of the first git command on a line: `git_push:main`, `git_status:*` when it names no ref.
 * @returns undefined when the line runs no git or the first git has no sub-command
 */
export function gitAction(line: string): string | undefined {
  const args = /git/iu.test(line) ? firstCommand(line, (program) => program === 'git')?.slice(1) : undefined;
  if (args === undefined) return undefined;
  let at = 0;
  while (args[at]?.startsWith('-')) at += args[at] === '-c' || args[at] === '-C' ? 2 : 1;
  const subcommand = args[at]?.toLowerCase();
  if (subcommand === undefined) return undefined;
  return `git_${subcommand}:${gitRef(subcommand, args.slice(at + 1)) || '*'}`;
}

/**
 * The action of the first cloud command on a line: `kubectl:delete`, `aws:s3`, `gcloud:compute`.
 * @returns undefined when the line runs none, or its first word is an option that hides the sub-command
 */
export function cloudAction(line: string): string | undefined {
  if (!/aws|gcloud|kubectl/iu.test(line)) return undefined;
  const [tool, subcommand] = firstCommand(line, (program) => cloudTools.has(program)) ?? [];
  if (tool === undefined || subcommand === undefined || subcommand.startsWith('-')) return undefined;
  return `${foldedProgramName(tool)}:${subcommand.toLowerCase()}`;
}

function firstCommand(line: string, wanted: (program: string) => boolean): string[] | undefined {
  for (const segment of shellSegments(line)) {
    const command = commandWords(segment);
    if (command[0] !== undefined && wanted(foldedProgramName(command[0]))) return command;
  }
  return undefined;
}

function gitRef(subcommand: string, operands: readonly string[]): string {
  if (branchSubcommands.has(subcommand)) {
    const flag = operands.findIndex((word) => newBranchFlags.has(word));
    if (flag >= 0) return destination(operands[flag + 1] ?? '');
  }
  const end = operands.indexOf('--');
  const names = (end < 0 ? operands : operands.slice(0, end)).filter((word) => !word.startsWith('-'));
  return destination((remoteSubcommands.has(subcommand) ? names[1] : names[0]) ?? '');
}

/** The receiving side of a refspec, without the sign that forces it. */
function destination(refspec: string): string {
  return refspec.slice(refspec.lastIndexOf(':') + 1).replace(/^\+/, '');
}
