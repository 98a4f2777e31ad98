import { readFileSync } from 'node:fs';

/** An argument given as it is, as `@FILE`, or as `-` for standard input, so that secrets need not stand on a command line. */
export function readArgument(argument: string): string {
  if (argument === '-') return readFileSync(0, 'utf8').trim();
  return argument.startsWith('@') ? readFileSync(argument.slice(1), 'utf8').trim() : argument;
}
