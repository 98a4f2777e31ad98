import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { isDeployed, NotInitializedError, PATHS } from '../../server/deployment.ts';
import { parseEnvFile, setInEnvFile } from '../../server/kernel/config/env-file.ts';
import { ConfigError, loadConfig, resolveConfig } from '../../server/kernel/config/load.ts';
import { SETTING_LIST } from '../../server/kernel/config/settings.ts';
import { didYouMean, suggestionFor } from '../did-you-mean.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { table } from '../output.ts';
import { readArgument } from '../read-argument.ts';
import type { SessionOf } from '../session.ts';

const NAMES = SETTING_LIST.map(({ setting }) => setting.env);

/** `czctl config show|get|set|check`: the settings of the deployment. */
export function registerConfig(program: Command, sessionOf: SessionOf): void {
  const config = program.command('config').description('show and change settings');

  config
    .command('show')
    .description('show every setting, its value and where it comes from')
    .addHelpText('after', '\nSecrets are not shown.\n\nExample:\n  czctl config show --json')
    .action((_options, command: Command) => {
      const { options, out } = sessionOf(command);
      const values = loadConfig(deployed(options.home));
      const rows = SETTING_LIST.map(({ name, setting }) => ({
        name: setting.env,
        value: shown(setting, values[name]),
        source: values.sources[name],
        meaning: setting.summary,
        restart: setting.restart,
      }));
      out.say(
        table(
          ['SETTING', 'VALUE', 'FROM', 'MEANING'],
          rows.map((row) => [row.name, row.value, row.source, row.meaning]),
        ),
      );
      out.result('config', { settings: rows });
    });

  config
    .command('get <name>')
    .description('print one setting')
    .addHelpText('after', '\nExample:\n  czctl config get CZ_PORT')
    .action((name: string, _options, command: Command) => {
      const { options, out } = sessionOf(command);
      const entry = known(name);
      const value = shown(entry.setting, loadConfig(deployed(options.home))[entry.name]);
      out.say(value);
      out.result('setting', { name: entry.setting.env, value });
    });

  config
    .command('set <name> <value>')
    .description('change one setting in .env')
    .addHelpText(
      'after',
      '\nNothing is written when the change would break the configuration. The value of a secret setting may also be\n@FILE, or - for standard input.\n\nExamples:\n  czctl config set CZ_PORT 9443\n  czctl config set CZ_SMTP_URL - < smtp-url.txt',
    )
    .action((name: string, value: string, _options, command: Command) => {
      const { options, out, environment } = sessionOf(command);
      const { setting } = known(name);
      const file = join(deployed(options.home), PATHS.env);
      const chosen = setting.secret ? readArgument(value) : value;
      if (/[\r\n\0]/.test(chosen)) throw new CommandError(EXIT.configuration, `${setting.env} must be one line.`);
      const before = readFileSync(file, 'utf8');
      const text = setInEnvFile(before, setting.env, chosen);
      const remaining = refuseNewProblems(options.home, setting.env, before, text);
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      const overridden = environment[setting.env] !== undefined;
      out.say(
        `${setting.env} is set. ${setting.restart ? 'Restart the server to use it' : 'A server takes it within seconds'}.`,
      );
      if (overridden) out.note(`The environment sets ${setting.env} too, and comes first.`);
      if (remaining.length > 0) out.note(new ConfigError(remaining).message);
      out.result('setting', {
        name: setting.env,
        restart_required: setting.restart,
        overridden_by_environment: overridden,
        remaining_problems: remaining,
      });
    });

  config
    .command('check')
    .description('check the configuration; exit code 4 when it is not usable')
    .addHelpText('after', '\nExample:\n  czctl config check')
    .action((_options, command: Command) => {
      const { options, out } = sessionOf(command);
      loadConfig(deployed(options.home));
      const unread = unreadNames(join(options.home, PATHS.env));
      for (const { name, suggestion } of unread)
        out.note(`${PATHS.env} sets ${name}, which nothing reads.${didYouMean(suggestion)}`);
      out.say('The configuration is valid.');
      out.result('config-check', { valid: true, unread });
    });
}

function deployed(home: string): string {
  if (!isDeployed(home)) throw new NotInitializedError(home);
  return home;
}

function known(name: string) {
  const entry = SETTING_LIST.find(({ setting, name: key }) => setting.env === name.toUpperCase() || key === name);
  if (entry !== undefined) return entry;
  const suggestion = suggestionFor(name.toUpperCase(), NAMES);
  throw new CommandError(
    EXIT.notFound,
    `There is no setting ${name}.${didYouMean(suggestion)} "czctl config show" lists all of them.`,
    { suggestion },
  );
}

/**
 * Throws `ConfigError` with what a change of one setting would break. A configuration that was broken before may be
 * mended one setting at a time; what is still wrong afterwards is returned.
 */
function refuseNewProblems(home: string, changed: string, before: string, after: string): readonly string[] {
  const old = problemsOf(home, before);
  const remaining = problemsOf(home, after);
  const caused = remaining.filter(
    (problem) =>
      problem.startsWith(`${changed} `) || (!old.includes(problem) && (old.length === 0 || problem.includes(changed))),
  );
  if (caused.length > 0) throw new ConfigError(caused);
  return remaining;
}

function problemsOf(home: string, text: string): readonly string[] {
  try {
    resolveConfig(home, {}, parseEnvFile(text));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    return [(error as Error).message];
  }
}

/** Names in `.env` that are meant for the appliance, or nearly so, and that no setting has. */
function unreadNames(file: string): { name: string; suggestion: string | null }[] {
  return Object.keys(parseEnvFile(readFileSync(file, 'utf8')))
    .filter((name) => !NAMES.includes(name))
    .map((name) => ({ name, suggestion: suggestionFor(name, NAMES) }))
    .filter(({ name, suggestion }) => name.startsWith('CZ_') || suggestion !== null);
}

function shown(setting: { secret: boolean; format(value: never): string }, value: unknown): string {
  const text = setting.format(value as never);
  return setting.secret && text !== '' ? '(set, not shown)' : text;
}
