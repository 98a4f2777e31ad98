/** What the exit code of a command says. Documented in `czctl --help` and docs/cli.md; never renumbered. */
export const EXIT = {
  ok: 0,
  /** The command ran and found something wrong: a failed check, an invalid policy, a refused request. */
  failed: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** There is no deployment in the directory. */
  notInitialized: 3,
  /** The configuration or a key file cannot be used. */
  configuration: 4,
  /** The appliance cannot be reached, or another process holds its directory or its port. */
  unavailable: 5,
  /** What was named does not exist. */
  notFound: 6,
  /** It exists already, or the state does not allow it; nothing was changed. */
  conflict: 7,
  /** The person at the terminal said no, or there is no terminal to ask. */
  declined: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error with its exit code; its message is shown as it is. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  /** Machine-readable members for `--json`. */
  readonly details: Record<string, unknown>;

  constructor(exitCode: ExitCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}
