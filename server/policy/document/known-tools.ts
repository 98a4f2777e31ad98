import { toolFamilies } from '../evaluator/aliases.ts';
import { shellClasses } from '../evaluator/shell-verbs.ts';

/** Tools whose calls are classified further; `git_` and the cloud tools take any sub-command. */
const DERIVED_TOOLS = ['git_push', 'git_commit', 'git_merge', 'git_rebase', 'git_reset', 'aws', 'gcloud', 'kubectl'];

/** Names that SDKs and gateways use for calls that are no agent tools. */
const SDK_TOOLS = ['Secrets', 'llm'];

const FAMILY_TOOLS = toolFamilies.flatMap((family) => [family.name, ...family.aliases]);

/** Every tool name that needs no registration, in the spelling that all SDKs match. */
export const KNOWN_TOOLS: readonly string[] = [
  ...new Set([...FAMILY_TOOLS, ...shellClasses, ...DERIVED_TOOLS, ...SDK_TOOLS]),
];

const BY_FOLDED_NAME = new Map<string, string[]>();
for (const tool of KNOWN_TOOLS) {
  const folded = tool.toLowerCase();
  BY_FOLDED_NAME.set(folded, [...(BY_FOLDED_NAME.get(folded) ?? []), tool]);
}

/** The known spellings of a tool name, whatever its case; empty for an unknown one. */
export function knownSpellings(tool: string): readonly string[] {
  return BY_FOLDED_NAME.get(tool.toLowerCase()) ?? [];
}

/** True for names whose pattern says where they come from: MCP servers and git sub-commands. */
export function isOpenNamespace(tool: string): boolean {
  return tool.startsWith('mcp__') || tool.startsWith('git_');
}

/** True for a class that is derived from a command line and is no tool that anybody calls; old SDKs do not derive it. */
export function isDerivedOnly(tool: string): boolean {
  return (
    ['file_delete', 'network', 'aws', 'gcloud', 'kubectl'].includes(tool.toLowerCase()) ||
    tool.toLowerCase().startsWith('git_')
  );
}
