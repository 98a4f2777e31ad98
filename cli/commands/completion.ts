import { Argument, type Command, Option } from 'commander';
import { SETTING_LIST } from '../../server/kernel/config/settings.ts';
import type { SessionOf } from '../session.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `czctl completion bash|zsh|fish`: a script made from the table of commands itself. */
export function registerCompletion(program: Command, sessionOf: SessionOf): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell that is to run the script').choices(SHELLS))
    .description('print a completion script for bash, zsh or fish')
    .addHelpText(
      'after',
      '\nExamples:\n  source <(czctl completion bash)\n  source <(czctl completion zsh)\n  czctl completion fish > ~/.config/fish/completions/czctl.fish',
    )
    .action((shell: (typeof SHELLS)[number], _options, command: Command) => {
      const { out } = sessionOf(command);
      const script = SCRIPTS[shell](placesOf(program, []), valuedFlags(program));
      out.say(script);
      out.result('completion', { shell, script });
    });
}

/** What may follow the command words `path`. */
interface Place {
  path: string;
  words: readonly { word: string; meaning: string }[];
  options: readonly Option[];
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Words of operands that commander does not know. */
const OPERANDS: Readonly<Record<string, Place['words']>> = {
  'config get': settingNames(),
  'config set': settingNames(),
};

function settingNames(): Place['words'] {
  return SETTING_LIST.map(({ setting }) => ({ word: setting.env, meaning: setting.summary }));
}

function placesOf(command: Command, path: readonly string[], inherited: readonly Option[] = []): Place[] {
  const own = command.options.filter(({ long }) => long !== '--version');
  const options = [...own, ...inherited];
  const choices = command.registeredArguments[0]?.argChoices ?? [];
  const words = [
    ...command.commands.map((child) => ({ word: child.name(), meaning: child.description() })),
    ...choices.map((word) => ({ word, meaning: '' })),
    ...(OPERANDS[path.join(' ')] ?? []),
  ];
  return [
    { path: path.join(' '), words, options: [...options, new Option('-h, --help', 'show help')] },
    ...command.commands.flatMap((child) => placesOf(child, [...path, child.name()], options)),
  ];
}

/** Every spelling of the options that are followed by a value, which is no command word. */
function valuedFlags(command: Command): string[] {
  const flags = new Set<string>();
  const collect = (one: Command) => {
    for (const option of one.options) if (takesValue(option)) for (const flag of spellings(option)) flags.add(flag);
    one.commands.forEach(collect);
  };
  collect(command);
  return [...flags];
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function spellings({ long, short }: Option): string[] {
  return [long, short].filter((flag): flag is string => flag != null);
}

function bashScript(places: readonly Place[], valued: readonly string[]): string {
  const cases = places.map(({ path, words, options }) => {
    const all = [...words.map(({ word }) => word), ...options.flatMap(({ long }) => (long == null ? [] : [long]))];
    return `    "${path}") offers="${all.join(' ')}" ;;`;
  });
  // zsh runs it too, where $path and $words are special.
  return `_czctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place="" offers="" value="" word
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    if [ -n "$value" ]; then value=""; continue; fi
    case "$word" in
      ${valued.join('|')}) value=1 ;;
      -*) ;;
      *) place="\${place:+$place }$word" ;;
    esac
  done
  COMPREPLY=()
  if [ -n "$value" ]; then return; fi
  case "$place" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$current"))
}
complete -o default -F _czctl czctl`;
}

function zshScript(places: readonly Place[], valued: readonly string[]): string {
  return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -U +X bashcompinit && bashcompinit
${bashScript(places, valued)}`;
}

function fishScript(places: readonly Place[], valued: readonly string[]): string {
  const lines = places.flatMap(({ path, words, options }) => {
    const here = `complete -c czctl -n "test (__czctl_path) = '${path}'"`;
    return [
      ...words.map(({ word, meaning }) => `${here} -a ${word}${described(meaning)}`),
      ...options.map((option) => `${here}${fishFlags(option)}${described(option.description)}`),
    ];
  });
  return `function __czctl_path
  set -l path
  set -l value 0
  for word in (commandline -opc)[2..-1]
    if test $value = 1
      set value 0
      continue
    end
    switch $word
      case ${valued.join(' ')}
        set value 1
      case '-*'
      case '*'
        set -a path $word
    end
  end
  echo "$path"
end
complete -c czctl -f
${lines.join('\n')}`;
}

function fishFlags(option: Option): string {
  const long = option.long == null ? '' : ` -l ${option.long.slice(2)}`;
  const short = option.short == null ? '' : ` -s ${option.short.slice(1)}`;
  return `${long}${short}${takesValue(option) ? ' -r -F' : ''}`;
}

function described(meaning: string): string {
  return meaning === '' ? '' : ` -d '${meaning.replace(/[\\']/g, '\\$&')}'`;
}
