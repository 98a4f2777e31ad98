import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { NotInitializedError } from '../server/deployment.ts';
import { readBuildInfo } from '../server/version.ts';
import { registerCommands } from './commands/index.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';
import { OpaUsageError } from './rego/usage.ts';
import type { Session } from './session.ts';
import { systemProblem } from './system-problem.ts';

const EXIT_HELP = `
Exit codes: 0 done · 1 the command found something wrong · 2 wrong usage · 3 no deployment here · 4 configuration or key
unusable · 5 appliance not reachable, directory locked or port taken · 6 not found · 7 exists already or state forbids it · 8 declined`;

/** Runs the command line and returns its exit code. Never throws; `argv` is as in `process.argv`. */
export async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const program = buildProgram();
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return report(error, createOutput(argv.includes('--json')));
  }
}

/** `czctl … | head` ends when the reader has enough; that is no failure. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
}

/** Builds the table of commands; also used by `completion` and by the reference page. */
export function buildProgram(): Command {
  const build = readBuildInfo();
  const program = new Command('czctl')
    .description('Installs and operates Control Zero, self-managed.')
    .version(
      `czctl ${build.version} (commit ${build.commit}, built ${build.date})`,
      '--version',
      'print version, commit and build date',
    )
    .option('--dir <directory>', 'deployment directory (default: CZ_HOME, else ./.controlzero)')
    .option('--json', 'machine-readable output, stable within its "version"', false)
    .option('-y, --yes', 'answer yes to confirmations', false)
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('(run with --help for usage)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .exitOverride();
  registerCommands(program, (command) => sessionOf(command));
  return program;
}

function sessionOf(command: Command): Session {
  const options = command.optsWithGlobals<{ dir?: string; json: boolean; yes: boolean }>();
  const home = resolve(options.dir ?? process.env.CZ_HOME ?? '.controlzero');
  return {
    options: { json: options.json, yes: options.yes, home },
    out: createOutput(options.json),
    environment: process.env,
  };
}

function report(error: unknown, out: Output): ExitCode {
  if (error instanceof CommanderError) return reportUsage(error, out);
  const exitCode = exitCodeOf(error);
  const message = systemProblem(error) ?? declined(error) ?? (error instanceof Error ? error.message : String(error));
  out.done();
  out.note(`${out.paint.red('error:')} ${message}`);
  out.result('error', { error: message, exit_code: exitCode, ...(error instanceof CommandError ? error.details : {}) });
  if (process.env.CZ_DEBUG === '1' && error instanceof Error) out.note(error.stack ?? '');
  return exitCode;
}

/** Commander has written the message for people already. */
function reportUsage(error: CommanderError, out: Output): ExitCode {
  if (error.exitCode === 0) return EXIT.ok;
  const message = error.message.replace(/^error: /, '');
  const exitCode = error instanceof OpaUsageError ? EXIT.failed : EXIT.usage;
  out.result('error', { error: message === '(outputHelp)' ? 'A command is missing.' : message, exit_code: exitCode });
  return exitCode;
}

/** The prompts end by themselves when Ctrl-C is pressed. */
function declined(error: unknown): string | undefined {
  const isDeclined = error instanceof Error && error.name === 'ExitPromptError';
  return isDeclined ? 'Stopped before everything was answered. Nothing was changed.' : undefined;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof NotInitializedError) return EXIT.notInitialized;
  const name = error instanceof Error ? error.name : '';
  if (name === 'ConfigError' || name === 'MasterKeyError' || name === 'SealError') return EXIT.configuration;
  if (['DirectoryLockedError', 'ListenError', 'DatabaseUnreachableError'].includes(name)) return EXIT.unavailable;
  if (name === 'ExitPromptError') return EXIT.declined;
  return EXIT.failed;
}
