import { readFileSync } from 'node:fs';
import { CommandError, EXIT } from './exit-codes.ts';

/**
 * An argument given as it is, as `@FILE`, or as `-` for standard input, so that secrets need not stand on a command line.
 * Throws `CommandError` (not found) when the file cannot be read.
 */
export function readArgument(argument: string): string {
  if (argument === '-') return readFileSync(0, 'utf8').trim();
  if (!argument.startsWith('@')) return argument;
  const file = argument.slice(1);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CommandError(EXIT.notFound, `${file} cannot be read: ${(error as Error).message}`);
  }
}
