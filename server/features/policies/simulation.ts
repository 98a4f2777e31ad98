import { notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import {
  type BuiltPayload,
  type BundleInput,
  buildPayload,
  type RuleOrigin,
  STANDARD_PRIORITY,
  verifyPayload,
} from '../../policy/bundle/index.ts';
import type { PolicyDocument } from '../../policy/document/index.ts';
import {
  type CompiledPolicy,
  type Decision,
  decide,
  type Effect,
  extractAction,
  type Gate,
  type PolicyCall,
} from '../../policy/evaluator/index.ts';
import type { Project } from '../projects/service.ts';
import { documentOf } from './catalogue.ts';
import type { DocumentChecks } from './checks.ts';
import type { DocumentInput } from './document-input.ts';
import { livePolicies, type NamedLivePolicy } from './live-policies.ts';
import { readablePolicy } from './lookup.ts';
import type { ProjectLookup } from './ports.ts';
import { pendingDrafts, type Reader, type Scope } from './store.ts';
import { currentVersions } from './version-store.ts';

/** Rules of a trace beyond this many are left out. */
const LONGEST_TRACE = 200;

/** A call to be decided, with what its author expects. */
export interface SimulatedCall extends Omit<PolicyCall, 'tool'> {
  tool?: string;
  expect?: Effect;
}

export interface SimulationRequest {
  calls: readonly SimulatedCall[];
  /** What decides: the policies in force, those with their drafts published, or a document that is not saved. */
  against: 'live' | 'drafts' | 'document';
  document: DocumentInput | null;
  /** With a document: the policy in force whose place it takes. Without one, the document decides alone. */
  policyId?: string | undefined;
  mode: 'live' | 'test';
  trace: boolean;
}

/** The rule of a policy that a decision or a step of its trace is about. */
export interface RuleReference {
  policyId: string;
  policyName: string;
  version: number;
  ruleIndex: number;
  ruleId: string | null;
}

export interface SimulatedDecision {
  tool: string;
  method: string;
  decision: Decision;
  /** Null when no rule of a policy decided. */
  rule: RuleReference | null;
  reason: string;
  trace: { rule: RuleReference | null; gate: Gate; condition: string | null; asCalled: boolean }[] | null;
  expected: Effect | null;
}

export interface Simulation {
  against: SimulationRequest['against'];
  policyCount: number;
  defaultAction: Effect;
  decisions: SimulatedDecision[];
}

/** Decides calls without anybody being bound by it: nothing is stored and no SDK hears of it. */
export class PolicySimulator {
  private readonly databases: Kernel['databases'];
  private readonly projects: ProjectLookup;
  private readonly checks: DocumentChecks;

  constructor(kernel: Pick<Kernel, 'databases'>, projects: ProjectLookup, checks: DocumentChecks) {
    this.databases = kernel.databases;
    this.projects = projects;
    this.checks = checks;
  }

  /**
   * Decides calls as the SDKs of a project would, before any scan for sensitive data: the same bundle is built, read
   * back and asked. 422 for a document that could not be saved.
   */
  async simulate(scope: Scope & { projectId: string }, request: SimulationRequest): Promise<Simulation> {
    const project = await this.projects.find(scope.projectId);
    if (project === null) throw notFound(`The project ${scope.projectId}`);
    const policies = await this.deciding(scope, request);
    const question = new Question(project, policies, request.mode);
    return {
      against: request.against,
      policyCount: policies.length,
      defaultAction: question.compiled.defaultAction,
      decisions: request.calls.map((call) => question.decide(call, request.trace)),
    };
  }

  private async deciding(
    scope: Scope & { projectId: string },
    request: SimulationRequest,
  ): Promise<readonly NamedLivePolicy[]> {
    const reader = this.databases.state.read;
    const live = await livePolicies(reader, scope.projectId);
    if (request.document !== null) return this.withDocument(reader, scope, live, request.document, request.policyId);
    return request.against === 'drafts' ? withDrafts(reader, scope, live) : live;
  }

  private async withDocument(
    reader: Reader,
    scope: Scope,
    live: readonly NamedLivePolicy[],
    input: DocumentInput,
    policyId: string | undefined,
  ): Promise<readonly NamedLivePolicy[]> {
    const { document } = await this.checks.accept(reader, scope, input);
    if (policyId === undefined) return [unsaved(document)];
    const policy = await readablePolicy(reader, scope, policyId);
    const own = { policyId, name: policy.name, priority: policy.priority, createdAt: policy.created_at };
    const version = policy.current_version + 1;
    const kind = policy.project_id === null ? ('org' as const) : ('project' as const);
    return [...live.filter((each) => each.policyId !== policyId), { ...own, version, scope: kind, document }];
  }
}

/** The policies in force as they would be with every draft of the project published. */
async function withDrafts(
  reader: Reader,
  scope: Scope & { projectId: string },
  live: readonly NamedLivePolicy[],
): Promise<readonly NamedLivePolicy[]> {
  const drafts = await pendingDrafts(reader, scope.projectId);
  const versions = await currentVersions(
    reader,
    drafts.map((draft) => draft.id),
  );
  const published = drafts.flatMap((draft): NamedLivePolicy[] => {
    const version = versions.get(draft.id);
    if (version === undefined) return [];
    const { id: policyId, name, priority, created_at: createdAt, current_version } = draft;
    const document = documentOf(version);
    return [{ policyId, name, priority, createdAt, version: current_version, scope: 'project', document }];
  });
  return [...live.filter((each) => !drafts.some((draft) => draft.id === each.policyId)), ...published];
}

function unsaved(document: PolicyDocument): NamedLivePolicy {
  const place = { priority: STANDARD_PRIORITY, createdAt: 0, scope: 'project' as const };
  return { policyId: 'unsaved', name: 'unsaved document', version: 1, ...place, document };
}

/** A bundle that is built for questions only, with the way back from its rules to their policies. */
class Question {
  readonly compiled: CompiledPolicy;
  private readonly built: BuiltPayload;
  private readonly policies: ReadonlyMap<string, NamedLivePolicy>;

  constructor(project: Project, policies: readonly NamedLivePolicy[], mode: BundleInput['mode']) {
    const tags = new Map<string, string>();
    const tagFor = (...origin: [string, number, number]) => {
      const key = JSON.stringify(origin);
      const tag = tags.get(key) ?? `r${(tags.size + 1).toString(36)}`;
      tags.set(key, tag);
      return tag;
    };
    const named = { id: project.id, names: [project.name, project.public_id] };
    this.built = buildPayload({ project: named, policies, defaults: project, mode, tagFor });
    this.compiled = verifyPayload(this.built);
    this.policies = new Map(policies.map((policy) => [policy.policyId, policy]));
  }

  decide(call: SimulatedCall, withTrace: boolean): SimulatedDecision {
    const asked = namedCall(call);
    const decision = decide(this.compiled, asked, { trace: withTrace });
    const trace = decision.trace?.slice(0, LONGEST_TRACE).map((step) => ({
      rule: this.reference(step.ruleIndex),
      gate: step.gate,
      condition: step.condition ?? null,
      asCalled: step.asCalled,
    }));
    return {
      tool: asked.tool,
      method: asked.method ?? '*',
      decision,
      rule: this.reference(decision.ruleIndex),
      reason: withoutTag(decision.reason, decision.ruleTag),
      trace: trace ?? null,
      expected: call.expect ?? null,
    };
  }

  private reference(index: number | null): RuleReference | null {
    const origin: RuleOrigin | undefined = index === null ? undefined : this.built.ruleIndex[index];
    if (origin === undefined || origin.policyId === null || origin.ruleIndex === null) return null;
    const policy = this.policies.get(origin.policyId);
    const rule = policy?.document.rules[origin.ruleIndex];
    if (policy === undefined || rule === undefined) return null;
    const { policyId, name, version } = policy;
    return { policyId, policyName: name, version, ruleIndex: origin.ruleIndex, ruleId: rule.id ?? null };
  }
}

/** A hook's call is asked about under the action that hooks derive from it. */
function namedCall(call: SimulatedCall): PolicyCall {
  const { expect: _expect, tool, ...rest } = call;
  if (call.hook !== undefined) return { ...rest, ...extractAction(call.hook, call.args) };
  return { ...rest, tool: tool ?? '*' };
}

function withoutTag(reason: string, tag: string | null): string {
  const suffix = ` [${tag}]`;
  return tag !== null && reason.endsWith(suffix) ? reason.slice(0, -suffix.length) : reason;
}
