import { rfc3339 } from '../../kernel/clock.ts';
import { invalid } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ProjectsService } from '../projects/service.ts';
import { catchAllPolicy, type RuleAttribution } from './attribution.ts';
import type { EntryFilter } from './filter.ts';
import { Latencies, Tally } from './tally.ts';
import { type WalkedEntry, walkEntries } from './walk.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LONGEST_WINDOW = 366 * DAY;
const MOST_STEPS = 2_000;
const TOP = 10;

/** Counts of decisions by their words; words that are none of the language count as `other`. */
export type Decisions = Partial<Record<'allow' | 'deny' | 'warn' | 'audit' | 'other', number>>;

const WORDS: ReadonlySet<string> = new Set(['allow', 'deny', 'warn', 'audit'] satisfies (keyof Decisions)[]);

export interface StatsRequest {
  filter: EntryFilter;
  /** The length of a step; by the hour up to two days, else by the day, when absent. */
  step?: 'hour' | 'day' | undefined;
}

interface Window {
  since: number;
  until: number;
}

/** Statistics over the decisions of a project. Rows that name another project are never counted; rows of test keys only when asked for. */
export class AuditStats {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases'>;
  private readonly projects: Pick<ProjectsService, 'get'>;
  private readonly attribution: RuleAttribution;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'databases'>,
    projects: Pick<ProjectsService, 'get'>,
    attribution: RuleAttribution,
  ) {
    this.kernel = kernel;
    this.projects = projects;
    this.attribution = attribution;
  }

  /** Decisions over a window (the last 24 hours when it is not given): totals, course, tops and latency. */
  async overview(projectId: string, { filter, step }: StatsRequest) {
    const { org_id: orgId } = await this.projects.get(projectId);
    const window = this.windowOf(filter);
    const length = stepOf(window, step);
    const decisions: Decisions = {};
    const steps = new Map<number, Decisions>();
    const tools = new Tally<Decisions>(() => ({}));
    const policies = new Tally<Decisions>(() => ({}));
    const reasons = new Tally<{ total: number }>(() => ({ total: 0 }));
    const clients = new Tally<Decisions>(() => ({}));
    const latencies = new Latencies();
    const complete = await this.walk(orgId, projectId, filter, window, (entry) => {
      add(decisions, entry.decision);
      const start = entry.ts - (entry.ts % length);
      const counts = steps.get(start) ?? {};
      steps.set(start, counts);
      add(counts, entry.decision);
      add(tools.at(entry.tool), entry.decision);
      add(policies.at(entry.rule_tag === null ? `ref ${entry.policy_ref}` : `tag ${entry.rule_tag}`), entry.decision);
      reasons.at(entry.reason_code).total += 1;
      add(clients.at(entry.client), entry.decision);
      if (entry.latency_ms !== null) latencies.add(entry.latency_ms);
    });
    return {
      since: rfc3339(window.since),
      until: rfc3339(window.until),
      step: length === HOUR ? ('hour' as const) : ('day' as const),
      complete,
      total: sum(decisions),
      decisions,
      series: seriesOf(window, length, steps),
      tools: tools.top(TOP, sum).map(([tool_name, counts]) => ({ tool_name, total: sum(counts), decisions: counts })),
      policies: await this.topPolicies(orgId, policies),
      reason_codes: reasons.top(TOP, ({ total }) => total).map(([reason_code, { total }]) => ({ reason_code, total })),
      clients: clients.top(TOP, sum).map(([client, counts]) => ({ client, total: sum(counts), decisions: counts })),
      latency: latencies.summary(),
    };
  }

  /** The tools of a project over a window, the busiest first. */
  async tools(projectId: string, filter: EntryFilter, limit: number) {
    const { org_id: orgId } = await this.projects.get(projectId);
    const window = this.windowOf(filter);
    const tools = new Tally(() => ({
      decisions: {} as Decisions,
      methods: new Tally<{ total: number }>(() => ({ total: 0 })),
      latencies: new Latencies(),
      last: 0,
    }));
    const complete = await this.walk(orgId, projectId, filter, window, (entry) => {
      const tool = tools.at(entry.tool);
      add(tool.decisions, entry.decision);
      tool.methods.at(entry.method).total += 1;
      if (entry.latency_ms !== null) tool.latencies.add(entry.latency_ms);
      tool.last = Math.max(tool.last, entry.ts);
    });
    return {
      since: rfc3339(window.since),
      until: rfc3339(window.until),
      complete,
      tools: tools
        .top(limit, ({ decisions }) => sum(decisions))
        .map(([tool_name, tool]) => ({
          tool_name,
          total: sum(tool.decisions),
          decisions: tool.decisions,
          methods: tool.methods.top(TOP, ({ total }) => total).map(([method, { total }]) => ({ method, total })),
          last_seen: rfc3339(tool.last),
          latency: tool.latencies.summary(),
        })),
    };
  }

  private walk(
    orgId: string,
    projectId: string,
    filter: EntryFilter,
    { since, until }: Window,
    visit: (entry: WalkedEntry) => void,
  ): Promise<boolean> {
    const counted = { kind: 'decision' as const, test: false, ...withoutGaps(filter), foreign: false, since, until };
    return walkEntries(this.kernel.databases.audit.read, { orgId, projectId, filter: counted }, visit);
  }

  private windowOf({ since, until }: EntryFilter): Window {
    const end = until ?? this.kernel.clock.now() + 1;
    const window = { since: since ?? end - DAY, until: end };
    if (window.since >= window.until) throw invalid('since must be earlier than until.');
    if (window.until - window.since > LONGEST_WINDOW) throw invalid('The window is longer than a year; ask for less.');
    return window;
  }

  private async topPolicies(orgId: string, policies: Tally<Decisions>) {
    const counted = policies.top(Number.POSITIVE_INFINITY, sum);
    const tags = counted.flatMap(([name]) => (name.startsWith('tag ') ? [name.slice(4)] : []));
    const rules = await this.attribution.rules(orgId, tags.slice(0, 1000));
    const byPolicy = new Tally<{ name: string | null; decisions: Decisions }>(() => ({ name: null, decisions: {} }));
    for (const [name, decisions] of counted) {
      const tag = name.startsWith('tag ') ? name.slice(4) : null;
      const rule = tag === null ? undefined : rules.get(tag);
      const policy = byPolicy.at(rule?.policy_id ?? (tag === null ? name.slice(4) : (catchAllPolicy(tag) ?? tag)));
      policy.name ??= rule?.policy_name ?? null;
      for (const [word, count] of Object.entries(decisions)) add(policy.decisions, word, count);
    }
    return byPolicy
      .top(TOP, ({ decisions }) => sum(decisions))
      .map(([policy_id, { name, decisions }]) => ({
        policy_id,
        policy_name: name,
        total: sum(decisions),
        decisions,
      }));
  }
}

function withoutGaps(filter: EntryFilter): EntryFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function stepOf({ since, until }: Window, asked: 'hour' | 'day' | undefined): number {
  const step = asked ?? (until - since <= 2 * DAY ? 'hour' : 'day');
  const length = step === 'hour' ? HOUR : DAY;
  if ((until - since) / length > MOST_STEPS) throw invalid('The window has too many hours; ask with step=day.');
  return length;
}

function seriesOf({ since, until }: Window, length: number, steps: ReadonlyMap<number, Decisions>) {
  const series = [];
  for (let start = since - (since % length); start < until; start += length) {
    const decisions = steps.get(start) ?? {};
    series.push({ start: rfc3339(start), total: sum(decisions), decisions });
  }
  return series;
}

function add(decisions: Decisions, word: string, count = 1): void {
  const known = WORDS.has(word) ? (word as keyof Decisions) : 'other';
  decisions[known] = (decisions[known] ?? 0) + count;
}

function sum(decisions: Decisions): number {
  return Object.values(decisions).reduce((total, count) => total + count, 0);
}
