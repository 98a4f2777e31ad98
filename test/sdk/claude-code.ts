import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CommandEnd, SdkUser } from './sdk-process.ts';

/** The command that the SDK's installation wrote into the settings of Claude Code. */
export function hookCommand(user: SdkUser): string {
  const settings = JSON.parse(readFileSync(path.join(user.home, '.claude/settings.json'), 'utf8'));
  return settings.hooks.PreToolUse[0].hooks[0].command;
}

/** Installs the SDK's hook for Claude Code; throws with what it printed when that fails. */
export async function installHook(user: SdkUser, key: string): Promise<void> {
  const url = user.variables['CONTROLZERO_API_URL']!;
  const { code, stdout, stderr } = await user.command(['install', 'claude-code', '--api-key', key, '--api-url', url]);
  if (code !== 0) throw new Error(`install claude-code ended with ${code}: ${stdout}${stderr}`);
}

/** Runs the installed hook as Claude Code does before it uses its shell. */
export function askHook(user: SdkUser, command: string): Promise<CommandEnd> {
  const event = {
    hook_event_name: 'PreToolUse',
    session_id: 's-1',
    transcript_path: path.join(user.home, 'transcript.jsonl'),
    cwd: user.home,
    permission_mode: 'default',
    tool_name: 'Bash',
    tool_input: { command },
  };
  return user.shell(hookCommand(user), event);
}

/** What the hook tells Claude Code to do, and why; `allow` without a reason where it only lets the call through. */
export function permission({ code, stdout }: CommandEnd): { code: number; decision: string; reason: string } {
  const answer = JSON.parse(stdout).hookSpecificOutput ?? {};
  return { code, decision: answer.permissionDecision ?? 'allow', reason: answer.permissionDecisionReason ?? '' };
}
