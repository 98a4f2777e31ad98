import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { systemClock } from '../../server/kernel/clock.ts';
import type { OperatorClient } from '../client.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { resolveProject } from '../resolve.ts';
import type { SessionOf } from '../session.ts';
import { timeArgument } from '../time-argument.ts';
import { isServing, withAppliance } from '../with-appliance.ts';

interface Entry {
  id: string;
  seq: number;
  ts: string;
  decision: string;
  tool_name: string;
  method: string;
  reason: string;
  policy_id: string;
  policy_name: string | null;
  policy_version: number | null;
  rule_id: string | null;
  rule_index: number | null;
  user: string;
  is_test: boolean;
}

/** The filters of the logs, each a flag of the same name. */
const FILTERS = [
  ['decision', '<decision>', 'allow, deny, warn, audit, …'],
  ['kind', '<kind>', 'decision, dlp, credential or lifecycle'],
  ['tool', '<tool>', 'name of the tool'],
  ['policy-id', '<id>', 'id of the policy that decided'],
  ['rule', '<rule>', "tag of the rule, or its author's id"],
  ['reason-code', '<code>', 'reason code that the SDK gave'],
  ['user', '<user>', 'login name or e-mail address'],
  ['client', '<client>', 'claude_code, python_sdk, go_sdk, …'],
  ['mode', '<mode>', 'mode that the SDK reported'],
  ['since', '<time>', 'from here on: RFC 3339, or a time ago like 15m, 2h, 7d'],
  ['until', '<time>', 'up to here, not included'],
  ['q', '<text>', 'text in tool, method, reason, policy, user or host'],
  ['test', '<true|false>', 'only, or without, entries of test keys'],
  ['foreign', '<true|false>', 'only, or without, entries that name another project'],
] as const;
const TIMES: readonly string[] = ['since', 'until'];

const PROJECT = ['--project <project>', 'id, public id or name of the project (default: the only one)'] as const;
const LARGEST_PAGE = 100;
const POLL_MILLISECONDS = 1_000;

type Flags = Record<string, string | undefined>;

/** `czctl audit search|tail`: what SDKs and machines reported of their decisions. */
export function registerAudit(program: Command, sessionOf: SessionOf): void {
  const audit = program.command('audit').description('search and follow audit entries');

  filtered(audit.command('search'))
    .description('find audit entries, newest first')
    .option('--limit <number>', 'most entries to print', '50')
    .addHelpText(
      'after',
      '\nExamples:\n  czctl audit search --decision deny --since 1h\n  czctl audit search --q delete --json',
    )
    .action(async (flags: Flags, command: Command) => {
      const { options, out } = sessionOf(command);
      const query = queryOf(flags);
      const limit = count(flags.limit!);
      const { entries, more } = await withAppliance(options.home, async (client) =>
        search(client, (await resolveProject(client, flags.project)).id, query, limit),
      );
      for (const entry of entries) out.say(line(entry, out));
      if (entries.length === 0) out.note('No entry fits.');
      else if (more) out.note(`There are more; print them with --limit ${limit * 2}.`);
      out.result('audit-entries', { entries, more });
    });

  filtered(audit.command('tail'))
    .description('print audit entries as they arrive, until Ctrl-C')
    .addHelpText(
      'after',
      '\nUnder --json one document for each entry.\n\nExample:\n  czctl audit tail --decision deny --project production-agents',
    )
    .action(async (flags: Flags, command: Command) => {
      const { options, out } = sessionOf(command);
      const query = queryOf(flags);
      if (!(await isServing(options.home)))
        throw new CommandError(
          EXIT.unavailable,
          `No server runs in ${options.home}, so nothing can arrive. Start "czctl serve", or look back with "czctl audit search".`,
        );
      await withAppliance(options.home, async (client) =>
        follow(client, (await resolveProject(client, flags.project)).id, query, out),
      );
    });
}

function filtered(command: Command): Command {
  command.option(...PROJECT);
  for (const [name, placeholder, help] of FILTERS) {
    const option = new Option(`--${name} ${placeholder}`, help);
    command.addOption(placeholder === '<true|false>' ? option.choices(['true', 'false']) : option);
  }
  return command;
}

/** The query string of the logs API, its times brought into one form. */
function queryOf(flags: Flags): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name] of FILTERS) {
    const text = flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (text === undefined) continue;
    const value = TIMES.includes(name) ? timeArgument(`--${name}`, text, systemClock.now()) : text;
    query.set(name.replaceAll('-', '_'), value);
  }
  return query;
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100_000) return number;
  throw new CommandError(
    EXIT.usage,
    `--limit must be a whole number from 1 to 100000 (given: ${JSON.stringify(text)}).`,
  );
}

async function search(
  client: OperatorClient,
  projectId: string,
  filter: URLSearchParams,
  limit: number,
): Promise<{ entries: Entry[]; more: boolean }> {
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams(filter);
    query.set('limit', String(Math.min(limit - entries.length, LARGEST_PAGE)));
    if (cursor !== null) query.set('cursor', cursor);
    const page: { logs: Entry[]; next_cursor: string | null } = await client.call(
      'GET',
      `/operator/projects/${projectId}/logs?${query}`,
    );
    entries.push(...page.logs);
    cursor = page.next_cursor;
  } while (cursor !== null && entries.length < limit);
  return { entries, more: cursor !== null };
}

async function follow(client: OperatorClient, projectId: string, filter: URLSearchParams, out: Output): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  let { seq: seen } = await client.call<{ seq: number }>('GET', '/operator/logs/newest');
  out.note('Waiting for entries; stop with Ctrl-C.');
  while (!stopping.signal.aborted) {
    const query = new URLSearchParams(filter);
    query.set('after', String(seen));
    const arrived = await client.call<{ logs: Entry[]; seen: number }>(
      'GET',
      `/operator/projects/${projectId}/logs/arrivals?${query}`,
    );
    for (const entry of arrived.logs) {
      out.say(line(entry, out));
      out.result('audit-entry', { entry });
    }
    const idle = arrived.seen === seen;
    seen = arrived.seen;
    if (idle) await pause(POLL_MILLISECONDS, undefined, { signal: stopping.signal }).catch(() => {});
  }
}

function line(entry: Entry, out: Output): string {
  const colour =
    { allow: out.paint.green, deny: out.paint.red, warn: out.paint.yellow }[entry.decision] ?? out.paint.bold;
  const call = entry.method === '' ? entry.tool_name : `${entry.tool_name}:${entry.method}`;
  const parts = [
    entry.ts,
    colour(printable(entry.decision).padEnd(5)),
    printable(call),
    entry.user === '' ? '' : `by ${printable(entry.user)}`,
    printable(decidedBy(entry)),
    entry.is_test ? '(test)' : '',
    printable(entry.reason),
  ];
  return parts
    .filter((part) => part !== '')
    .map(printable)
    .join('  ');
}

function decidedBy(entry: Entry): string {
  if (entry.policy_name === null) return entry.policy_id === '' ? '' : `[${entry.policy_id}]`;
  const rule = entry.rule_id ?? (entry.rule_index === null ? null : `rule ${entry.rule_index + 1}`);
  return `[${entry.policy_name} v${entry.policy_version}${rule === null ? '' : `, ${rule}`}]`;
}

/** Entries hold what agents sent; nothing of it may move the cursor, colour the terminal or turn the direction of text. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
