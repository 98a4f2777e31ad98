import { type Static, Type } from 'typebox';
import { nullable, words } from '../../kernel/schemas.ts';
import { EFFECTS } from '../../policy/document/index.ts';
import type { RuleReference, SimulatedCall, SimulatedDecision, Simulation } from './simulation.ts';
import { DocumentMembers } from './wire.ts';

const MOST_CALLS = 100;
const AGAINST = ['live', 'drafts', 'document'] as const;
const Word = Type.String({ minLength: 1, maxLength: 300 });
const Json = Type.Record(Type.String({ maxLength: 200 }), Type.Unsafe<unknown>({}), { maxProperties: 500 });

const Call = Type.Object(
  {
    tool: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'The tool, or `tool:method`.' })),
    method: Type.Optional(Word),
    args: Type.Optional(Json),
    context: Type.Optional(Json),
    resource: Type.Optional(Type.String({ maxLength: 1024, description: 'As context.resource.' })),
    client: Type.Optional(Type.String({ maxLength: 200, description: 'As context.client_name.' })),
    hook: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: "A coding agent's own tool name; tool and method are derived from it and args as its hook does.",
      }),
    ),
    locale: Type.Optional(Type.String({ maxLength: 35 })),
    expect: Type.Optional(words(EFFECTS, 'Makes the call a test case: the answer says whether it got this effect.')),
  },
  { additionalProperties: false },
);

/** Members of the body that are no part of a document. */
export const SIMULATION_KEYS = ['calls', 'against', 'policy_id', 'mode', 'trace'];

export const SimulationBody = Type.Object(
  {
    calls: Type.Array(Call, { minItems: 1, maxItems: MOST_CALLS }),
    against: Type.Optional(
      words(AGAINST, 'The policies in force (default), those with their drafts published, or the document sent along.'),
    ),
    policy_id: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'With a document: the policy whose place it takes among those in force.',
      }),
    ),
    mode: Type.Optional(words(['live', 'test'] as const, 'What live or test API keys get.')),
    trace: Type.Optional(Type.Boolean({ description: 'Adds every rule that was asked, with what stopped it.' })),
    ...DocumentMembers,
  },
  {
    additionalProperties: false,
    examples: [{ calls: [{ tool: 'Bash', method: 'rm', args: { command: 'rm -rf build' }, expect: 'deny' }] }],
  },
);

const Rule = nullable(
  Type.Object({
    policy_id: Type.String(),
    policy_name: Type.String(),
    version: Type.Integer(),
    rule_index: Type.Integer(),
    rule_id: nullable(Type.String()),
  }),
);
export const SimulationResult = Type.Object({
  against: words(AGAINST),
  policy_count: Type.Integer(),
  default_action: words(EFFECTS),
  passed: Type.Integer({ description: 'Calls whose effect is the expected one.' }),
  failed: Type.Integer(),
  results: Type.Array(
    Type.Object({
      tool: Type.String(),
      method: Type.String(),
      effect: words(EFFECTS),
      allowed: Type.Boolean({ description: 'True for `allow` alone; a warned call proceeds too.' }),
      decided_by: Rule,
      policy_id: Type.String({ description: 'As SDKs name it: `rule-<n>` or `synthetic:…`.' }),
      reason: Type.String(),
      reason_code: Type.String(),
      match_semantics: Type.String(),
      escalate_on_deny: Type.Boolean(),
      expected: nullable(words(EFFECTS)),
      passed: nullable(Type.Boolean()),
      trace: nullable(
        Type.Array(
          Type.Object({
            rule: Rule,
            gate: Type.String(),
            condition: nullable(Type.String()),
            as_called: Type.Boolean(),
          }),
        ),
      ),
    }),
  ),
});

/** A call of a body as the evaluator wants it. */
export function callOf(said: Static<typeof Call>): SimulatedCall {
  const { client, resource, tool, method, context, ...rest } = said;
  const facts = {
    ...context,
    ...(resource === undefined ? {} : { resource }),
    ...(client === undefined ? {} : { client_name: client }),
  };
  const [name, ...after] = method === undefined ? (tool ?? '').split(':') : [tool ?? ''];
  const asked = after.length > 0 ? after.join(':') : method;
  return {
    ...rest,
    ...(name === '' || name === undefined ? {} : { tool: name }),
    ...(asked === undefined ? {} : { method: asked }),
    context: facts,
  };
}

export function simulationJson(simulation: Simulation): Static<typeof SimulationResult> {
  const results = simulation.decisions.map(resultJson);
  return {
    against: simulation.against,
    policy_count: simulation.policyCount,
    default_action: simulation.defaultAction,
    passed: results.filter((result) => result.passed === true).length,
    failed: results.filter((result) => result.passed === false).length,
    results,
  };
}

function resultJson({ tool, method, decision, rule, reason, trace, expected }: SimulatedDecision) {
  return {
    tool,
    method,
    effect: decision.effect,
    allowed: decision.allowed,
    decided_by: ruleJson(rule),
    policy_id: decision.policyId,
    reason,
    reason_code: decision.reasonCode,
    match_semantics: decision.matchSemantics,
    escalate_on_deny: decision.escalateOnDeny,
    expected,
    passed: expected === null ? null : expected === decision.effect,
    trace:
      trace === null
        ? null
        : trace.map((step) => ({
            rule: ruleJson(step.rule),
            gate: step.gate,
            condition: step.condition,
            as_called: step.asCalled,
          })),
  };
}

function ruleJson(rule: RuleReference | null) {
  if (rule === null) return null;
  const { policyId, policyName, version, ruleIndex, ruleId } = rule;
  return { policy_id: policyId, policy_name: policyName, version, rule_index: ruleIndex, rule_id: ruleId };
}
