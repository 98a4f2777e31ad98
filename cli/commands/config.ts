import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { NotInitializedError, PATHS } from '../../server/deployment.ts';
import { parseEnvFile, setInEnvFile } from '../../server/kernel/config/env-file.ts';
import { loadConfig, resolveConfig } from '../../server/kernel/config/load.ts';
import { SETTING_LIST } from '../../server/kernel/config/settings.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { table } from '../output.ts';
import { readArgument } from '../read-argument.ts';
import type { SessionOf } from './index.ts';

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
      '\nNothing is written when the resulting configuration would not be valid. The value of a secret setting may also be\n@FILE, or - for standard input.\n\nExamples:\n  czctl config set CZ_PORT 9443\n  czctl config set CZ_SMTP_URL - < smtp-url.txt',
    )
    .action((name: string, value: string, _options, command: Command) => {
      const { options, out } = sessionOf(command);
      const { setting } = known(name);
      const file = join(deployed(options.home), PATHS.env);
      const chosen = setting.secret ? readArgument(value) : value;
      if (/[\r\n\0]/.test(chosen)) throw new CommandError(EXIT.configuration, `${setting.env} must be one line.`);
      const text = setInEnvFile(readFileSync(file, 'utf8'), setting.env, chosen);
      resolveConfig(options.home, {}, parseEnvFile(text));
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      out.say(`${setting.env} is set.${setting.restart ? ' Restart the server for it to take effect.' : ''}`);
      out.result('setting', { name: setting.env, restart_required: setting.restart });
    });

  config
    .command('check')
    .description('check the configuration; exit code 4 when it is not usable')
    .addHelpText('after', '\nExample:\n  czctl config check')
    .action((_options, command: Command) => {
      const { options, out } = sessionOf(command);
      loadConfig(deployed(options.home));
      out.say('The configuration is valid.');
      out.result('config-check', { valid: true });
    });
}

function deployed(home: string): string {
  if (!existsSync(join(home, PATHS.env))) throw new NotInitializedError(home);
  return home;
}

function known(name: string) {
  const entry = SETTING_LIST.find(({ setting, name: key }) => setting.env === name.toUpperCase() || key === name);
  if (entry !== undefined) return entry;
  throw new CommandError(EXIT.notFound, `There is no setting ${name}. "czctl config show" lists all of them.`);
}

function shown(setting: { secret: boolean; format(value: never): string }, value: unknown): string {
  const text = setting.format(value as never);
  return setting.secret && text !== '' ? '(set, not shown)' : text;
}
