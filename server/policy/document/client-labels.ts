import { hasGlob } from './rule-patterns.ts';

/** The source labels of SDKs and hooks; hooks compare them as they stand here. */
export const CLIENT_LABELS = [
  'claude_code', 'gemini_cli', 'codex_cli', 'kiro_cli', 'kiro_ide', 'antigravity', 'antigravity_ide', 'antigravity_cli',
  'cursor_ide', 'cursor_cli', 'mcp_server', 'python_sdk', 'node_sdk', 'go_sdk', 'gateway', 'windsurf', 'browser_ext',
  'copilot_cli', 'copilot_cloud_agent', 'mistral_vibe', 'grok_build', 'unknown',
] as const; // biome-ignore format: one list, read as a list

/** Other spellings that SDKs fold into a label; after lower-casing and with `_` for `-` and blanks. */
const ALIASES: Readonly<Record<string, string>> = {
  claudecode: 'claude_code',
  gemini: 'gemini_cli',
  codex: 'codex_cli',
  agy: 'antigravity',
  cursor: 'cursor_ide',
  cursor_agent: 'cursor_cli',
  mcp: 'mcp_server',
  python: 'python_sdk',
  node: 'node_sdk',
  nodejs: 'node_sdk',
  nodejs_sdk: 'node_sdk',
  go: 'go_sdk',
  cz_gateway: 'gateway',
  windsurf_ide: 'windsurf',
  browser_extension: 'browser_ext',
  browserext: 'browser_ext',
  copilot: 'copilot_cli',
  vibe: 'mistral_vibe',
  grok: 'grok_build',
};

/** Every spelling that `clientLabel` knows, for suggestions. */
export const CLIENT_SPELLINGS: readonly string[] = [...CLIENT_LABELS, ...Object.keys(ALIASES)];

/** The label that a client name stands for, or undefined for a name that SDKs would show as unknown. */
export function clientLabel(name: string): string | undefined {
  const folded = name.trim().toLowerCase().replaceAll(/[- ]/g, '_');
  if ((CLIENT_LABELS as readonly string[]).includes(folded)) return folded;
  return Object.hasOwn(ALIASES, folded) ? ALIASES[folded] : undefined;
}

/**
 * All spellings under which one selector has to be sent: as written, as the label that hooks compare
 * (`claude_code`) and as the hyphenated name that libraries compare (`claude-code`).
 */
export function clientSpellings(selector: string): string[] {
  const spellings = new Set([selector]);
  const label = hasGlob(selector) ? undefined : clientLabel(selector);
  for (const name of label === undefined ? [selector] : [label, selector]) {
    spellings.add(outsideBrackets(name, '-', '_'));
    spellings.add(outsideBrackets(name, '_', '-'));
  }
  return [...spellings];
}

/** Replaces a character everywhere but in `[…]`, where a hyphen means a range. */
function outsideBrackets(glob: string, from: string, to: string): string {
  return glob.replaceAll(/\[[^\]]*\]|[^[]+|\[/g, (part) => (part.startsWith('[') ? part : part.replaceAll(from, to)));
}
