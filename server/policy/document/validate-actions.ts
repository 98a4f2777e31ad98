import { familyOf } from '../evaluator/aliases.ts';
import { databaseMethods } from '../evaluator/database-aliases.ts';
import { compileGlob } from '../evaluator/patterns.ts';
import type { PolicyRule } from './document.ts';
import { isOpenNamespace, KNOWN_TOOLS, knownSpellings } from './known-tools.ts';
import { nearestAll } from './nearest.ts';
import { addPatternsFix, replacePatternFix } from './pattern-fixes.ts';
import { type Fix, type ProblemList, quote } from './problem.ts';
import { type ActionParts, actionParts, hasGlob } from './rule-patterns.ts';
import { step } from './source-map.ts';

/** Judges the patterns of a rule: their form, whether anything is known by their names, and who is reached by them. */
export function validateActions(
  rule: PolicyRule,
  pointer: string,
  tools: readonly string[],
  problems: ProblemList,
): void {
  for (const [index, pattern] of rule.actions.entries()) {
    const at = step(step(pointer, 'actions'), index);
    const parts = actionParts(pattern);
    if (!hasForm(pattern, parts, at, problems)) continue;
    checkGlobForm(pattern, at, problems);
    if (!hasGlob(parts.tool)) checkTool(pattern, parts, at, tools, problems);
  }
  warnAboutLibraryCallers(rule, pointer, problems);
}

/** Warns where a glob means something else, or nothing, to an SDK with other glob rules. */
export function checkGlobForm(glob: string, pointer: string, problems: ProblemList): void {
  if (/\[[^\]]*$/.test(glob)) {
    problems.error(
      'unclosed_class',
      pointer,
      `${quote(glob)} has a "[" without "]", which some SDKs never match. Close it.`,
    );
  } else if (/\[[!^]/.test(glob)) {
    const message = `${quote(glob)} negates a class; "[!…]" and "[^…]" mean different things to different SDKs. Write it out.`;
    problems.warn('negated_class', pointer, message);
  } else if (glob.includes('\\')) {
    const message = `${quote(glob)} has a backslash, which escapes in Go SDKs 1.7.6 and older and stands for itself elsewhere.`;
    problems.warn('backslash', pointer, message);
  }
}

function hasForm(pattern: string, { tool, method }: ActionParts, pointer: string, problems: ProblemList): boolean {
  if (/\s/.test(pattern) && /^\s|\s$|\s:|:\s/.test(pattern)) {
    const meant = pattern.replaceAll(/\s*:\s*/g, ':').trim();
    const message = `The pattern ${quote(pattern)} has blanks around its parts, so nothing matches it. Write ${quote(meant)}.`;
    problems.error('blanks_in_pattern', pointer, message, {
      suggestion: meant,
      fix: replacePatternFix(pointer, meant, problems),
    });
    return false;
  }
  if (tool === '' || method === '') {
    const message = `The pattern ${quote(pattern)} lacks the ${tool === '' ? 'tool' : 'method'}. Write "tool:method", with * for any.`;
    problems.error('half_pattern', pointer, message);
    return false;
  }
  return true;
}

function checkTool(
  pattern: string,
  parts: ActionParts,
  pointer: string,
  tools: readonly string[],
  problems: ProblemList,
): void {
  const { tool, method } = parts;
  const family = familyOf(tool);
  if (family?.name === 'database') checkDatabaseMethod(tool, method, pointer, problems);
  const spellings = knownSpellings(tool);
  if (tools.includes(tool)) return;
  const caseMates =
    spellings.length > 0 ? spellings : tools.filter((name) => name.toLowerCase() === tool.toLowerCase());
  if (caseMates.length > 0) {
    if (!caseMates.includes(tool)) warnAboutCase(pattern, parts, caseMates[0]!, pointer, problems);
    return;
  }
  if (isOpenNamespace(tool)) return;
  if (warnAboutDot(pattern, tool, pointer, problems)) return;
  const near = nearestAll(tool, [...tools, ...KNOWN_TOOLS], tool.length > 4 ? 2 : 1, 3);
  const meant = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  const message = `Nobody knows a tool ${quote(tool)}, so the rule may never apply. If agents have it, register it with the project.${meant}`;
  const [first] = near;
  problems.warn('unknown_action', pointer, message, {
    ...(first !== undefined && {
      suggestion: first,
      fix: replacePatternFix(pointer, withTool(pattern, first), problems),
    }),
  });
}

function checkDatabaseMethod(tool: string, method: string, pointer: string, problems: ProblemList): void {
  if (databaseMethods.includes(method)) return;
  if (hasGlob(method)) {
    const glob = compileGlob(method);
    if (databaseMethods.some((known) => glob.matches(known))) return;
  }
  const near = nearestAll(method, databaseMethods, 2, 3);
  const [first] = near;
  if (first === undefined) {
    const message = `${quote(method)} is no class (read, write, admin, exec) and no known method of databases.`;
    problems.warn('unknown_action', pointer, message);
    return;
  }
  const message = `${quote(method)} is no class and no method of databases, so SQL never matches it. Did you mean ${near.join(', ')}?`;
  const fix = replacePatternFix(pointer, `${tool}:${first}`, problems);
  problems.error('unknown_database_method', pointer, message, { suggestion: first, fix });
}

function warnAboutCase(
  pattern: string,
  { tool }: ActionParts,
  known: string,
  pointer: string,
  problems: ProblemList,
): void {
  const message = `The tool is spelled ${known}; Go SDKs 1.7.6 and older do not match ${quote(tool)} with it.`;
  const fix = replacePatternFix(pointer, withTool(pattern, known), problems);
  problems.warn('tool_case', pointer, message, { suggestion: known, fix });
}

/** Older documents separated tool and method by a dot. */
function warnAboutDot(pattern: string, tool: string, pointer: string, problems: ProblemList): boolean {
  const dot = tool.indexOf('.');
  if (pattern.includes(':') || dot < 0 || knownSpellings(tool.slice(0, dot)).length === 0) return false;
  const meant = `${tool.slice(0, dot)}:${tool.slice(dot + 1)}`;
  const message = `${quote(pattern)} is the name of one tool, not a tool and its method. Did you mean ${meant}?`;
  problems.warn('dot_separator', pointer, message, {
    suggestion: meant,
    fix: replacePatternFix(pointer, meant, problems),
  });
  return true;
}

/**
 * An allow or warn rule reaches only the tool names it spells: hooks pass the name of the family, libraries the name
 * that their own code uses. A deny rule may name the family alone.
 */
function warnAboutLibraryCallers(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  if (rule.effect === 'deny') return;
  const spelled = rule.actions.map((pattern) => actionParts(pattern).tool.toLowerCase());
  if (spelled.some((tool) => hasGlob(tool))) return;
  const warned = new Set<string>();
  for (const [index, pattern] of rule.actions.entries()) {
    const { tool, method } = actionParts(pattern);
    const family = familyOf(tool);
    if (!family || warned.has(family.name)) continue;
    warned.add(family.name);
    const names = distinctIgnoringCase([family.name, ...family.aliases]);
    const missing = names.filter((name) => !spelled.includes(name.toLowerCase()));
    // Two names or more show that the author knows about them.
    if (missing.length < names.length - 1) continue;
    const proposed = missing.map((name) => `${name}:${method}`);
    const message =
      tool.toLowerCase() === family.name.toLowerCase()
        ? `This reaches hooks. Libraries that call the tool by another name (${missing.slice(0, 3).join(', ')} …) are not reached; add the names in use.`
        : `This reaches libraries that name ${tool}. Hooks pass ${family.name} and are not reached; add it.`;
    const fix: Fix = addPatternsFix(`Add every name of ${family.name}`, rule, pointer, proposed, problems);
    problems.warn('callers_not_reached', step(step(pointer, 'actions'), index), message, { fix });
  }
}

function distinctIgnoringCase(names: readonly string[]): string[] {
  return [...new Map(names.toReversed().map((name) => [name.toLowerCase(), name])).values()].toReversed();
}

function withTool(pattern: string, tool: string): string {
  const colon = pattern.indexOf(':');
  return colon < 0 ? tool : tool + pattern.slice(colon);
}
