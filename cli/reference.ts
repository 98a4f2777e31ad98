import type { Command, Option } from 'commander';
import { SETTING_LIST } from '../server/kernel/config/settings.ts';

/** The reference page of the settings, as Markdown. */
export function configurationPage(): string {
  const entries = SETTING_LIST.map(({ setting }) => {
    const fallback = setting.format(setting.fallback);
    const facts = [
      `Value: ${setting.form}`,
      `default: ${fallback === '' ? 'empty' : `\`${fallback}\``}`,
      setting.restart ? 'a change needs a restart' : 'a change needs no restart',
      ...(setting.secret ? ['never shown'] : []),
    ];
    return `### ${setting.env}\n\n${setting.summary}\n\n${facts.join(' · ')}\n`;
  });
  return [
    '# Settings\n',
    'A setting comes from the environment of the process, else from `.env` in the deployment directory, else it has its',
    'default. `czctl config show` prints all of them with their source; `czctl config set NAME VALUE` changes one in `.env`',
    'and refuses what would not work.\n',
    'Only the environment is read for the directory (`CZ_HOME`), for `CZ_MASTER_KEY` (the master key itself, base64 or',
    'hexadecimal) and for `CZ_MASTER_PASSPHRASE` (where `init` was given a passphrase).\n',
    ...entries,
  ].join('\n');
}

/** The reference page of the command line, as Markdown. */
export function cliPage(program: Command): string {
  return [
    '# czctl\n',
    `${program.description()}\n`,
    'With `--json` a command prints one JSON document on a line of standard output (`audit tail` one for each entry):',
    '`{"version": 1, "kind": …}` and the members of its kind; errors are of kind `error` with `error` and `exit_code`.',
    'Within a version members are only added; `rego` writes the JSON of the opa command instead. Remarks and progress go to standard error. Colours appear on a terminal only,',
    'and not with `NO_COLOR`.\n',
    ...optionTable(program.options),
    ...exitCodes(program),
    ...leaves(program, []).flatMap(([command, path]) => section(command, path)),
  ].join('\n');
}

/** The commands that do something, with their whole names. */
export function leaves(command: Command, path: readonly string[]): [Command, string][] {
  const name = [...path, command.name()];
  if (command.commands.length === 0) return [[command, name.join(' ')]];
  return command.commands.flatMap((child) => leaves(child, name));
}

function section(command: Command, path: string): string[] {
  const operands = command.registeredArguments.map((argument) => ` <${argument.name()}>`).join('');
  const { examples, remarks } = helpText(command);
  return [
    `## ${path}${operands}\n`,
    `${capital(command.description())}.\n`,
    ...optionTable(command.options),
    ...(remarks === '' ? [] : [`${remarks}\n`]),
    ...(examples === '' ? [] : ['```sh', examples, '```\n']),
  ];
}

function optionTable(options: readonly Option[]): string[] {
  if (options.length === 0) return [];
  const rows = options.map((option) => {
    const fallback = typeof option.defaultValue === 'string' ? ` (default: ${option.defaultValue})` : '';
    const required = option.mandatory ? ' (required)' : '';
    return `| \`${option.flags.replaceAll('|', '\\|')}\` | ${option.description.replaceAll('|', '\\|')}${fallback}${required} |`;
  });
  return ['| option | meaning |', '| --- | --- |', ...rows, ''];
}

function exitCodes(program: Command): string[] {
  const codes = /Exit codes: ([\s\S]+)/.exec(afterHelp(program))?.[1] ?? '';
  return [
    'Exit codes:\n',
    ...codes
      .replaceAll('\n', ' ')
      .split(' · ')
      .map((code) => `- \`${code[0]}\`${code.slice(1)}`),
    '',
  ];
}

/** What stands below the options of a command's help: remarks, then examples. */
export function helpText(command: Command): { remarks: string; examples: string } {
  const [remarks = '', examples = ''] = afterHelp(command).split(/Examples?:\n/);
  return { remarks: remarks.trim(), examples: examples.replace(/^ {2}/gm, '').trim() };
}

function afterHelp(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
