import type { Command } from 'commander';
import type { Output } from './output.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  json: boolean;
  yes: boolean;
  /** The deployment directory, absolute. */
  home: string;
}

/** What a command is given to work with. */
export interface Session {
  options: GlobalOptions;
  out: Output;
  environment: NodeJS.ProcessEnv;
}

/** Gives a command's handler its session. */
export type SessionOf = (command: Command) => Session;
