/** Canonical labels of the programs behind a decision (facts file, 10.3; Python notes, 5.2). */
export const CLIENTS = [
  'claude_code',
  'gemini_cli',
  'codex_cli',
  'kiro_cli',
  'kiro_ide',
  'antigravity',
  'antigravity_ide',
  'antigravity_cli',
  'cursor_ide',
  'cursor_cli',
  'mcp_server',
  'python_sdk',
  'node_sdk',
  'go_sdk',
  'gateway',
  'windsurf',
  'browser_ext',
  'copilot_cli',
  'copilot_cloud_agent',
  'mistral_vibe',
  'grok_build',
  'unknown',
] as const;
export type Client = (typeof CLIENTS)[number];

const ALIASES: Readonly<Record<string, Client>> = {
  claudecode: 'claude_code',
  gemini: 'gemini_cli',
  codex: 'codex_cli',
  agy: 'antigravity',
  'antigravity-cli': 'antigravity',
  cursor: 'cursor_ide',
  cursor_agent: 'cursor_cli',
  mcp: 'mcp_server',
  python: 'python_sdk',
  node: 'node_sdk',
  nodejs: 'node_sdk',
  go: 'go_sdk',
  cz_gateway: 'gateway',
  windsurf_ide: 'windsurf',
  browser_extension: 'browser_ext',
  browserext: 'browser_ext',
  copilot: 'copilot_cli',
  vibe: 'mistral_vibe',
  grok: 'grok_build',
};

const LABELS: ReadonlyMap<string, Client> = new Map<string, Client>([
  ...CLIENTS.map((client) => [client, client] as const),
  ...Object.entries(ALIASES),
]);

/** The canonical label of a client's name: aliases first as spelt, then with hyphens and blanks as underscores. */
export function clientLabel(name: string): Client {
  const known = LABELS.get(name);
  if (known !== undefined) return known;
  const tidy = name.trim().toLowerCase();
  return LABELS.get(tidy) ?? LABELS.get(tidy.replace(/[- ]/g, '_')) ?? 'unknown';
}
