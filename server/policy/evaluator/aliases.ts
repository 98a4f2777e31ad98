import { foldCase } from './python-text.ts';

/** How the method of a call is read from its arguments. */
export type MethodSource = 'sql_keyword' | 'shell_command' | 'upper_case' | 'as_is' | 'none';

/** One family of tools: every name that agents and hosts use for the same thing. */
export interface ToolFamily {
  /** The name rules are best written with. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Arguments that may hold the method, first non-empty string wins. */
  readonly methodArguments: readonly string[];
  readonly methodSource: MethodSource;
  /** The method when none can be read. */
  readonly fallbackMethod: string;
}

function family(
  name: string,
  methodSource: MethodSource,
  methodArguments: readonly string[],
  fallbackMethod: string,
  aliases: string,
): ToolFamily {
  return { name, aliases: aliases.split(' '), methodArguments, methodSource, fallbackMethod };
}

/** The known tool families (SDK extractor specification 2, as of Python SDK 1.13.16). */
export const toolFamilies: readonly ToolFamily[] = [
  family('database', 'sql_keyword', ['sql'], '*', 'sql Database PostgreSQL MySQL postgres sqlite'),
  family(
    'Bash',
    'shell_command',
    ['command', 'CommandLine'],
    '*',
    'bash shell ShellTool run_shell_command run_command PowerShell powershell Shell execute_bash local_shell ' +
      'run_terminal_cmd run_terminal_command',
  ),
  family('http', 'upper_case', ['method'], '*', 'fetch web_fetch WebFetch HTTPRequest request'),
  family('web_search', 'none', [], 'search', 'WebSearch google_web_search SearchTool'),
  family('browser', 'as_is', ['action'], '*', 'playwright Puppeteer'),
  family(
    'file_read',
    'none',
    [],
    'read',
    'read_file Read ReadFile read_many_files view_file NotebookRead fs_read fsRead hashline_read',
  ),
  family(
    'file_write',
    'none',
    [],
    'write',
    'write_file Write WriteFile edit_file Edit replace apply_patch write_to_file replace_file_content MultiEdit ' +
      'NotebookEdit fs_write fsWrite search_replace hashline_edit',
  ),
  family('file_search', 'none', [], 'search', 'Grep grep_search Glob glob ListDir hashline_grep list_dir'),
  family('task', 'none', [], 'spawn', 'Task Agent subagent spawn_agent spawn_subagent'),
];

const familyByName = new Map<string, ToolFamily>();
for (const entry of toolFamilies) {
  for (const name of [entry.name, ...entry.aliases]) familyByName.set(foldCase(name), entry);
}

const spelledNames = new Set(toolFamilies.flatMap((entry) => [entry.name, ...entry.aliases]));
const namesAddedForWriters = new Set('NotebookRead fs_write fs_read MultiEdit NotebookEdit fsWrite fsRead'.split(' '));
const namesAddedForTerminals = new Set(
  'hashline_edit search_replace spawn_subagent hashline_read list_dir hashline_grep run_terminal_command'.split(' '),
);

/** The family a tool name belongs to (in any case), or undefined. */
export function familyOf(tool: string): ToolFamily | undefined {
  return familyByName.get(foldCase(tool));
}

/** The family name of a tool, or the name itself when no family knows it. */
export function canonicalTool(tool: string): string {
  return familyOf(tool)?.name ?? tool;
}

/**
 * The action that SDKs computed for a host tool before the alias table grew, or undefined when it has not changed.
 * A rule that newly matches through a later alias may only close, never open (the phase gate compares with this action).
 */
export function actionBeforeAliases(hostTool: string): string | undefined {
  if (canonicalTool(hostTool) === hostTool) return undefined;
  const isLaterName = namesAddedForWriters.has(hostTool) || namesAddedForTerminals.has(hostTool);
  return spelledNames.has(hostTool) && !isLaterName ? undefined : `${hostTool}:*`;
}
