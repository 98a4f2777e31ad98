import { type Command, Option } from 'commander';
import type { SessionOf } from './index.ts';

/** `czctl completion bash|zsh|fish`: a script made from the table of commands itself. */
export function registerCompletion(program: Command, sessionOf: SessionOf): void {
  program
    .command('completion <shell>')
    .description('print a completion script for bash, zsh or fish')
    .addHelpText(
      'after',
      '\nExamples:\n  source <(czctl completion bash)\n  czctl completion fish > ~/.config/fish/completions/czctl.fish',
    )
    .action((shell: string, _options, command: Command) => {
      const { out } = sessionOf(command);
      const script = scriptFor(shell, program);
      if (script === null) command.error(`error: there is no completion for "${shell}"; use bash, zsh or fish`);
      else {
        out.say(script);
        out.result('completion', { shell, script });
      }
    });
}

function scriptFor(shell: string, program: Command): string | null {
  const paths = commandPaths(program, []);
  if (shell === 'bash') return bashScript(paths);
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(paths)}`;
  if (shell === 'fish') return fishScript(paths);
  return null;
}

interface CommandPath {
  path: readonly string[];
  words: readonly string[];
}

function commandPaths(command: Command, path: readonly string[]): CommandPath[] {
  const flags = [...command.options, new Option('--help')]
    .map((option) => option.long)
    .filter((flag): flag is string => flag != null);
  const words = [...command.commands.map((child) => child.name()), ...flags];
  return [{ path, words }, ...command.commands.flatMap((child) => commandPaths(child, [...path, child.name()]))];
}

function bashScript(paths: readonly CommandPath[]): string {
  const cases = paths.map(({ path, words }) => `    "${path.join(' ')}") words="${words.join(' ')}" ;;`).join('\n');
  return `_czctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _czctl czctl`;
}

function fishScript(paths: readonly CommandPath[]): string {
  return paths
    .flatMap(({ path, words }) =>
      words.map((word) => {
        const condition = path.length === 0 ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.at(-1)}`;
        const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
        return `complete -c czctl -n '${condition}' ${what}`;
      }),
    )
    .join('\n');
}
