import type { Command } from 'commander';
import type { Session } from '../main.ts';
import { registerServe } from './serve.ts';
import { registerVersion } from './version.ts';

/** Gives a command's handler its session. */
export type SessionOf = (command: Command) => Session;

/** The table of commands, in the order of `czctl --help`. */
export function registerCommands(program: Command, sessionOf: SessionOf): void {
  registerServe(program, sessionOf);
  registerVersion(program, sessionOf);
}
