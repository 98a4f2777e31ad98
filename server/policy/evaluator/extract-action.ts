import type { MethodSource } from './aliases.ts';
import { familyOf } from './aliases.ts';
import { EvaluationFault } from './policy-error.ts';
import { isObject, member } from './python-text.ts';
import { shellCommand } from './shell-segments.ts';
import { sqlKeyword } from './sql-class.ts';

/** The tool and method under which a hook asks for a decision. */
export interface ExtractedAction {
  /** Family name, or the host's own name when no family knows it. */
  readonly tool: string;
  readonly method: string;
}

const readMethod: Readonly<Record<MethodSource, (text: string) => string | undefined>> = {
  sql_keyword: sqlKeyword,
  shell_command: shellCommand,
  upper_case: (text) => text.toUpperCase(),
  as_is: (text) => text,
  none: () => undefined,
};

/**
 * Turns a coding agent's tool call into the action its hook asks about: `Read` → `file_read:read`,
 * `Bash {command: "rm x"}` → `Bash:rm`, `PostgreSQL {sql: "select 1"}` → `database:SELECT`. Tool names count in any case.
 * Never fails: what cannot be read gives the family's fallback method, an unknown tool gives `*`.
 * (Python SDK notes 9.6, Go notes 5.7.)
 */
export function extractAction(hostTool: string, args: unknown): ExtractedAction {
  const family = familyOf(hostTool);
  if (family === undefined) return { tool: hostTool, method: '*' };
  const texts = isObject(args) ? family.methodArguments.map((key) => member(args, key)) : [];
  const text = texts.find((value): value is string => typeof value === 'string' && value !== '');
  const method = text === undefined ? undefined : methodIn(text, family.methodSource);
  return { tool: family.name, method: method || family.fallbackMethod };
}

function methodIn(text: string, source: MethodSource): string | undefined {
  try {
    return readMethod[source](text);
  } catch (error) {
    if (error instanceof EvaluationFault) return undefined;
    throw error;
  }
}
