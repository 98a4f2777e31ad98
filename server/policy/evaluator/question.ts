import { type Candidates, candidatesOf } from './candidates.ts';
import type { Facts } from './conditions.ts';
import { factsNowAndBefore, type Origin, originOf } from './origin.ts';
import type { CompiledPolicy } from './policy-types.ts';
import { isTruthy, member } from './python-text.ts';

type Json = Readonly<Record<string, unknown>>;

/** A tool call to be decided. */
export interface PolicyCall {
  readonly tool: string;
  /** Default `*`, which only patterns that accept the character `*` match. */
  readonly method?: string;
  readonly args?: Json;
  /**
   * What the caller says about the call: `resource`, `client_name` (absent: no client), `tags` and anything conditions
   * ask for. `project_id` is always the policy's.
   */
  readonly context?: Json;
  /** The host's own tool name when a hook asks; `tool` and `method` are then those of `extractAction`. */
  readonly hook?: string;
  /** Language of the reason, e.g. `ko-KR`; default English. */
  readonly locale?: string;
}

/** A call prepared for comparison with rules. */
export interface Question {
  readonly candidates: Candidates;
  readonly origin: Origin;
  /** What conditions see now, and what they saw in earlier releases. */
  readonly now: Facts;
  readonly before: Facts;
  readonly resource: unknown;
  readonly client: unknown;
  readonly project: string;
}

/**
 * Prepares a call for a policy.
 * @throws EvaluationFault for a call the SDK's evaluator cannot handle
 */
export function prepare(policy: CompiledPolicy, call: PolicyCall): Question {
  const given = call.context ?? {};
  const claimedClient = member(given, 'client_name');
  const client = isTruthy(claimedClient) ? claimedClient : '';
  const context: Json = {
    ...given,
    client_name: client,
    project_id: policy.projectId,
    ...(call.hook === undefined ? undefined : { host_tool_name: call.hook, subject_origin: 'hook_check' }),
  };
  const origin = originOf(context);
  return {
    candidates: candidatesOf(call.tool, call.method ?? '*', origin.hostTool, context, call.args),
    origin,
    ...factsNowAndBefore(origin, context, call.args),
    resource: member(context, 'resource'),
    client,
    project: policy.projectId,
  };
}
