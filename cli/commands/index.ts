import type { Command } from 'commander';
import type { Session } from '../main.ts';
import { registerCompletion } from './completion.ts';
import { registerConfig } from './config.ts';
import { registerInit } from './init.ts';
import { registerLicense } from './license.ts';
import { registerPreflight } from './preflight.ts';
import { registerServe } from './serve.ts';
import { registerVersion } from './version.ts';

/** Gives a command's handler its session. */
export type SessionOf = (command: Command) => Session;

/** The table of commands, in the order of `czctl --help`. */
export function registerCommands(program: Command, sessionOf: SessionOf): void {
  registerInit(program, sessionOf);
  registerPreflight(program, sessionOf);
  registerServe(program, sessionOf);
  registerLicense(program, sessionOf);
  registerConfig(program, sessionOf);
  registerVersion(program, sessionOf);
  registerCompletion(program, sessionOf);
}
