import { actionBeforeAliases, canonicalTool } from './aliases.ts';
import { governingDatabaseAction, withDatabaseAliases } from './database-aliases.ts';
import { cloudAction, gitAction } from './git-and-cloud.ts';
import { foldAction, toolOf } from './patterns.ts';
import { EvaluationFault, shown } from './policy-error.ts';
import { foldCase, isTruthy, member } from './python-text.ts';
import { shellClass } from './shell-class.ts';
import { sqlClass } from './sql-class.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The actions rules are compared with. `wide` holds every name of the call; `narrow` leaves out the names that came with
 * tool aliases, so that both can be decided and the stricter outcome taken. Folded for {@link compileActionPattern}.
 */
export interface Candidates {
  /** `<tool>:<method>` as called. */
  readonly subject: string;
  readonly wide: readonly string[];
  readonly narrow: readonly string[];
  /** The folded tools of `wide`; no rule about another tool can match. */
  readonly tools: readonly string[];
}

/**
 * Collects the actions of a call: as called, the tool's family name, the host's own tool name, the classes derived from
 * its arguments (SQL, shell, git, cloud) and the database aliases of each.
 * @throws EvaluationFault for an empty tool name or a semantic class that is not text
 */
export function candidatesOf(
  tool: string,
  method: string,
  hostTool: string,
  context: Json,
  args: Json | undefined,
): Candidates {
  if (tool === '') throw new EvaluationFault('the call names no tool');
  const subject = `${tool}:${method}`;
  const semantic = semanticAction(tool, context, args);
  const governing = tool === 'database' || semantic !== '' ? governingDatabaseAction(subject, semantic) : undefined;
  if (governing !== undefined) {
    return candidates(subject, fold(withDatabaseAliases([governing])));
  }
  const derived = [semantic, ...commandActions(tool, args)].filter((action) => action !== '');
  const names = namesOf(tool, hostTool).map((name) => `${name}:${method}`);
  const earlier = (hostTool === '' ? undefined : actionBeforeAliases(hostTool)) ?? subject;
  if (derived.length === 0 && names.length === 1 && earlier === subject && tool !== 'database') {
    return candidates(subject, [foldAction(subject)]);
  }
  const wide = fold(withDatabaseAliases([...names, ...derived]));
  if (names.length === 1 && earlier === subject) return candidates(subject, wide);
  return candidates(subject, wide, fold(withDatabaseAliases([earlier, ...derived])));
}

function candidates(subject: string, wide: readonly string[], narrow = wide): Candidates {
  return { subject, wide, narrow, tools: [...new Set(wide.map(toolOf))] };
}

function namesOf(tool: string, hostTool: string): string[] {
  const names = [tool];
  const seen = new Set([foldCase(tool)]);
  for (const name of [canonicalTool(tool), hostTool]) {
    if (name === '' || seen.has(foldCase(name))) continue;
    seen.add(foldCase(name));
    names.push(name);
  }
  return names;
}

/** What the SQL says beats what the caller says; for a shell the caller's word comes first. */
function semanticAction(tool: string, context: Json, args: Json | undefined): string {
  const sql = tool === 'database' && args !== undefined ? member(args, 'sql') : undefined;
  const fromSql = typeof sql === 'string' ? sqlClass(sql) : undefined;
  if (fromSql !== undefined) return `database:${fromSql}`;
  const claimed = member(context, 'action_semantic_class');
  if (isTruthy(claimed)) {
    if (typeof claimed === 'string') return claimed;
    throw new EvaluationFault(`context.action_semantic_class has to be text, not ${shown(claimed)}`);
  }
  const command = tool === 'Bash' ? commandText(args) : undefined;
  const fromShell = command === undefined ? undefined : shellClass(command);
  return fromShell === undefined ? '' : `${fromShell}:${fromShell}`;
}

function commandActions(tool: string, args: Json | undefined): string[] {
  const command = tool === 'Bash' ? commandText(args) : undefined;
  return command === undefined
    ? []
    : [gitAction(command), cloudAction(command)].filter((action) => action !== undefined);
}

function commandText(args: Json | undefined): string | undefined {
  if (args === undefined) return undefined;
  const texts = ['command', 'CommandLine'].map((key) => member(args, key));
  return texts.find((text): text is string => typeof text === 'string' && text !== '');
}

function fold(actions: readonly string[]): string[] {
  return [...new Set(actions.map(foldAction))];
}
