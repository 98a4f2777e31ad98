import { type Command, InvalidArgumentError, Option } from 'commander';
import { SIGNATURE_ALGORITHMS } from '../../server/rego/bundle/algorithms.ts';
import type { BenchFlags } from '../rego/bench.ts';
import type { BuildFlags } from '../rego/build.ts';
import type { CheckFlags } from '../rego/check.ts';
import type { DependencyFlags } from '../rego/dependencies.ts';
import type { EvaluateFlags } from '../rego/evaluate.ts';
import type { FormatFlags } from '../rego/format.ts';
import type { Streams } from '../rego/session.ts';
import type { TestFlags } from '../rego/test.ts';
import { OpaUsageError } from '../rego/usage.ts';
import type { SessionOf } from '../session.ts';

const EXIT_HELP = `
Exit codes are those of the opa command. --json is the same as --format json.`;

const streams: Streams = {
  write: (text) => process.stdout.write(`${text}\n`),
  warn: (text) => process.stderr.write(`${text}\n`),
};

/** `czctl rego check|eval|test|fmt|bench|deps|build`: the Rego engine on files. Needs no appliance; the engine is loaded on use. */
export function registerRego(program: Command, sessionOf: SessionOf): void {
  const rego = program
    .command('rego')
    .description('check, evaluate, test, format, measure and pack Rego policies on files');
  registerCheck(rego, sessionOf);
  registerEvaluate(rego, sessionOf);
  registerTest(rego, sessionOf);
  registerFormat(rego);
  registerBench(rego, sessionOf);
  registerDependencies(rego, sessionOf);
  registerBuild(rego);
  for (const command of rego.commands) {
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : new OpaUsageError(error);
    });
  }
}

function registerCheck(rego: Command, sessionOf: SessionOf): void {
  verificationOptions(compileOptions(rego.command('check <paths...>')))
    .description('compile policies and report errors with row and column; - reads standard input')
    .option('-b, --bundle', 'take files and folders as bundles')
    .addOption(formats('pretty', ['pretty', 'json']))
    .option('--ignore <pattern>', 'leave out files and folders of this name', collect)
    .option('-m, --max-errors <count>', 'show at most this many errors; 0 shows all', whole(0), '10')
    .option('-S, --strict', 'unused variables and imports are errors')
    .option('--v0-compatible', 'read sources as Rego v0')
    .addHelpText('after', `${EXIT_HELP}\nExample:\n  czctl rego check --strict policies/`)
    .action(async (paths: string[], flags: CheckFlags, command: Command) => {
      const { checkCommand } = await import('../rego/check.ts');
      process.exitCode = await checkCommand(paths, withFormat(flags, command, sessionOf), streams);
    });
}

function registerEvaluate(rego: Command, sessionOf: SessionOf): void {
  queryOptions(rego.command('eval [query]'))
    .description('evaluate a query in a thread with limits')
    .addOption(formats('json', ['json', 'values', 'bindings', 'pretty', 'raw', 'discard']))
    .option('--fail', 'exit code 1 when the result is undefined')
    .option('--fail-defined', 'exit code 1 when the result is defined')
    .option('-S, --strict', 'unused variables and imports are errors')
    .option('--strict-builtin-errors', 'the first error of a built-in function ends the evaluation')
    .option('--coverage', 'report which lines were evaluated')
    .addOption(new Option('--explain <mode>', 'tell how the result came about').choices(['off', 'full', 'fails']))
    .option('--timeout <duration>', 'end the evaluation after this time', duration, '30s')
    .addHelpText('after', `${EXIT_HELP}\nExample:\n  czctl rego eval -d policies/ -i request.json data.authz.allow`)
    .action(async (query: string | undefined, flags: EvaluateFlags, command: Command) => {
      requireQuery(query, flags, command);
      if (flags.fail && flags.failDefined) {
        command.error('error: specify --fail or --fail-defined but not both');
      }
      const { evaluateCommand } = await import('../rego/evaluate.ts');
      process.exitCode = await evaluateCommand(query, withFormat(flags, command, sessionOf), streams);
    });
}

function registerTest(rego: Command, sessionOf: SessionOf): void {
  verificationOptions(rego.command('test <paths...>'))
    .description('run the rules named test_… in a thread with limits')
    .option('-b, --bundle', 'take files and folders as bundles')
    .option('-c, --coverage', 'report which lines were evaluated')
    .option('--threshold <percent>', 'exit code 2 when fewer lines were evaluated', percent)
    .option('-r, --run <pattern>', 'only tests whose name matches the regular expression', pattern)
    .option('-v, --verbose', 'show tests that pass too, and why others failed')
    .addOption(formats('pretty', ['pretty', 'json']))
    .option('-z, --exit-zero-on-skipped', 'skipped tests are no failure')
    .option('--fail-on-empty', 'exit code 1 when there is no test')
    .option('--ignore <pattern>', 'leave out files and folders of this name', collect)
    .option('--timeout <duration>', 'end each test after this time', duration, '5s')
    .option('--memory <mebibytes>', 'end the run when it needs more memory', whole(1))
    .option('--v0-compatible', 'read sources as Rego v0')
    .addHelpText('after', `${EXIT_HELP}\nExample:\n  czctl rego test -v --threshold 90 policies/`)
    .action(async (paths: string[], flags: TestFlags, command: Command) => {
      const { testCommand } = await import('../rego/test.ts');
      process.exitCode = await testCommand(paths, withFormat(flags, command, sessionOf), streams);
    });
}

function registerFormat(rego: Command): void {
  compileOptions(rego.command('fmt [paths...]'))
    .description('put policies into canonical layout; without paths from standard input to standard output')
    .option('-d, --diff', 'show what would change')
    .option('--fail', 'exit code 2 when a file is not in canonical layout')
    .option('-l, --list', 'list the files that would change')
    .option('-w, --write', 'change the files')
    .option('--v0-compatible', 'read sources as Rego v0')
    .option('--v0-v1', 'read sources as Rego v0 and write them with the keywords of v1, for both versions')
    .addHelpText('after', `${EXIT_HELP.split(' --json')[0]}\nExample:\n  czctl rego fmt --list --fail policies/`)
    .action(async (paths: string[], flags: FormatFlags) => {
      const { formatCommand } = await import('../rego/format.ts');
      process.exitCode = await formatCommand(paths, flags, streams);
    });
}

function registerBench(rego: Command, sessionOf: SessionOf): void {
  queryOptions(rego.command('bench [query]'))
    .description('measure how long a query takes, in a thread with limits')
    .addOption(formats('pretty', ['pretty', 'json', 'gobench']))
    .option('--count <number>', 'measure this many times', whole(1), '1')
    .option('--duration <duration>', 'how long one measurement takes', duration, '1s')
    .addHelpText('after', `${EXIT_HELP}\nExample:\n  czctl rego bench -d policies/ -i request.json data.authz.allow`)
    .action(async (query: string | undefined, flags: BenchFlags, command: Command) => {
      requireQuery(query, flags, command);
      const { benchCommand } = await import('../rego/bench.ts');
      process.exitCode = await benchCommand(query, withFormat(flags, command, sessionOf), streams);
    });
}

function registerDependencies(rego: Command, sessionOf: SessionOf): void {
  verificationOptions(compileOptions(rego.command('deps <query>')))
    .description('list the input, base data and rules that a query can read, without asking it')
    .option('-d, --data <path>', 'policy, document or folder; repeatable', collect)
    .option('-b, --bundle <path>', 'bundle file or folder; repeatable', collect)
    .addOption(formats('pretty', ['pretty', 'json']))
    .option('--ignore <pattern>', 'leave out files and folders of this name', collect)
    .option('--v0-compatible', 'read sources as Rego v0')
    .addHelpText('after', `${EXIT_HELP}\nExample:\n  czctl rego deps -d policies/ data.authz.allow`)
    .action(async (query: string, flags: DependencyFlags, command: Command) => {
      const { dependenciesCommand } = await import('../rego/dependencies.ts');
      process.exitCode = await dependenciesCommand(query, withFormat(flags, command, sessionOf), streams);
    });
}

function registerBuild(rego: Command): void {
  verificationOptions(compileOptions(rego.command('build <paths...>')))
    .description('compile policies and pack them with their data into a bundle, signed where a key is given')
    .option('-b, --bundle', 'take files and folders as bundles: their manifests are joined, their signatures verified')
    .option('-o, --output <file>', 'the bundle to write', 'bundle.tar.gz')
    .option('-r, --revision <text>', 'revision for the manifest')
    .option('--signing-key <key>', 'PEM file of the private key, or the secret of an HS algorithm; needs --bundle')
    .option('--claims-file <file>', 'JSON file with further claims of the signature, such as keyid and scope')
    .option('--ignore <pattern>', 'leave out files and folders of this name', collect)
    .option('--v0-compatible', 'read sources as Rego v0')
    .addHelpText(
      'after',
      `${EXIT_HELP.split(' --json')[0]}
Examples:
  czctl rego build -b policies/ -r v7 -o bundle.tar.gz
  czctl rego build -b policies/ --signing-key private.pem --signing-alg ES256`,
    )
    .action(async (paths: string[], flags: BuildFlags) => {
      const { buildCommand } = await import('../rego/build.ts');
      process.exitCode = await buildCommand(paths, flags, streams);
    });
}

/** What compiling may take. */
function compileOptions(command: Command): Command {
  return command
    .option('--timeout <duration>', 'end when it takes longer', duration, '60s')
    .option('--memory <mebibytes>', 'end when it needs more memory', whole(1));
}

function verificationOptions(command: Command): Command {
  return command
    .option('--verification-key <key>', 'PEM file of the public key, or the secret, that bundles must be signed for')
    .option('--verification-key-id <name>', 'name of the key in signatures (default: default)')
    .addOption(
      new Option('--signing-alg <name>', 'algorithm of signatures (default: RS256)').choices(SIGNATURE_ALGORITHMS),
    )
    .option('--scope <name>', 'scope that signatures must name')
    .option('--exclude-files-verify <name>', 'file that needs no signature; repeatable', collect);
}

function queryOptions(command: Command): Command {
  return verificationOptions(command)
    .option('-d, --data <path>', 'policy, document or folder; prefix.of.data:path places it; repeatable', collect)
    .option('-b, --bundle <path>', 'bundle file or folder; repeatable', collect)
    .option('-i, --input <file>', 'input document')
    .option('-I, --stdin-input', 'read the input document from standard input')
    .option('--stdin', 'read the query from standard input')
    .option('--package <path>', 'package that the query stands in')
    .option('--import <path>', 'import for the query; repeatable', collect)
    .option('--ignore <pattern>', 'leave out files and folders of this name', collect)
    .option('--memory <mebibytes>', 'end the evaluation when it needs more memory', whole(1))
    .option('--v0-compatible', 'read sources as Rego v0');
}

function requireQuery(query: string | undefined, flags: { stdin?: boolean }, command: Command): void {
  if (query === undefined && !flags.stdin) command.error('error: specify a query or --stdin');
  if (query !== undefined && flags.stdin) command.error('error: specify a query or --stdin but not both');
}

/** Checks a whole number and leaves it as it is. */
function whole(least: number): (text: string) => string {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return text;
    throw new InvalidArgumentError(`Give a whole number of at least ${least}.`);
  };
}

/** Checks a duration and leaves it as it is. */
function duration(text: string): string {
  if (/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return text;
  throw new InvalidArgumentError('Write 500ms, 10s or 1m30s.');
}

/** Checks a regular expression and leaves it as it is. */
function pattern(text: string): string {
  try {
    return new RegExp(text, 'u').source;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function percent(text: string): string {
  if (/^\d+(?:\.\d+)?$/.test(text) && Number(text) <= 100) return text;
  throw new InvalidArgumentError('Give a number from 0 to 100.');
}

function formats(usual: string, choices: readonly string[]): Option {
  return new Option('-f, --format <format>', `output (default: ${usual})`).choices(choices);
}

function withFormat<Flags extends { format?: string }>(flags: Flags, command: Command, sessionOf: SessionOf): Flags {
  return flags.format === undefined && sessionOf(command).options.json ? { ...flags, format: 'json' } : flags;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
