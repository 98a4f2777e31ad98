import { CommanderError } from 'commander';

/** A wrong command line of a Rego command, which gives the exit code that it gives for opa. */
export class OpaUsageError extends CommanderError {
  constructor({ exitCode, code, message }: CommanderError) {
    super(exitCode, code, message);
  }
}
