import { conditionOperators, operatorAliases, reservedConditionKeys } from '../../server/policy/evaluator/index.ts';
import { conditionFor, factValue, operandFor } from './conditions.ts';
import { type Feature, type Json, oneRule, twoCalls, withCall } from './feature.ts';
import type { Random } from './random.ts';
import { patternNear } from './vocabulary.ts';

function fact(random: Random): Json {
  return random.chance(0.15) ? {} : { n: factValue(random) };
}

const operators: Feature[] = [...conditionOperators, ...Object.keys(operatorAliases)].map((operator) => ({
  name: `operator ${operator}`,
  make: (random) => {
    const args = fact(random);
    const envelope = {
      op: operator,
      value: operandFor(random, operator, args['n']),
      case_insensitive: random.chance(0.3),
    };
    return twoCalls(random, { conditions: { n: envelope } }, { tool: 't', args }, { tool: 't', args: fact(random) });
  },
}));

const conditions: Feature[] = [
  {
    name: 'plain condition',
    make: (random) => {
      const args = fact(random);
      const expected = random.chance(0.7) ? patternNear(random, String(args['n'] ?? 'a')) : args['n'];
      return twoCalls(random, { when: { n: expected ?? 'a' } }, { tool: 't', args }, { tool: 't', args: fact(random) });
    },
  },
  {
    name: 'input_text',
    make: (random) => {
      const keys = ['command', 'sql', 'prompt', 'url', 'path', 'input_payload', 'input_text', 'other'];
      const args = () =>
        Object.fromEntries(random.list(1, 3, () => [random.pick(keys), random.pick(['rm -rf /', 'ls', '', 'a rm b'])]));
      const expected = random.pick(['rm', 'rm -rf', 'rm*', '*rm*', { op: 'contains', value: 'rm' }]);
      return twoCalls(
        random,
        { conditions: { input_text: expected } },
        { tool: 't', args: args() },
        { tool: 't', args: args() },
      );
    },
  },
  {
    name: 'input_text in another case',
    make: (random) => {
      const call = () => ({
        tool: 't',
        args: { Input_Text: random.pick(['a rm b', 'ls', 'rm']), command: random.pick(['rm', 'ls']) },
      });
      return twoCalls(random, { conditions: { Input_Text: random.pick(['rm', 'a*', 'm b']) } }, call(), call());
    },
  },
  {
    name: 'context over arguments',
    make: (random) => {
      const [args, context] = [{ n: random.pick(['a', 'b']) }, { n: random.pick(['a', 'b', null]) }];
      return twoCalls(random, { conditions: { n: 'a' } }, { tool: 't', args }, { tool: 't', args, context });
    },
  },
  {
    name: 'tags over context',
    make: (random) => {
      const call = { tool: 't', context: { env: random.pick(['prod', 'dev']) } };
      return twoCalls(random, { conditions: { env: 'prod' } }, call, {
        ...call,
        context: { ...call.context, tags: { env: random.pick(['prod', 'dev', null]) } },
      });
    },
  },
  {
    name: 'case_insensitive',
    make: (random) => {
      const value = random.pick(['prod', 'STRASSE', 'İ', 'a*']);
      const envelope = {
        op: random.pick(['equals', 'contains', 'glob', 'in', 'matches']),
        value: random.pick([value.toUpperCase(), 'straße']),
      };
      const call = { tool: 't', args: { n: value.toLowerCase() } };
      const rule = (more: Json) => ({ effect: 'deny', conditions: { n: { ...envelope, ...more } } });
      return {
        first: oneRule(random, rule({ case_insensitive: true }), call),
        second: oneRule(random, rule({}), call),
      };
    },
  },
  {
    name: 'all conditions',
    make: (random) => {
      const rule = { conditions: { a: 'x', b: conditionFor(random, 'y') } };
      return twoCalls(
        random,
        rule,
        { tool: 't', args: { a: 'x', b: 'y' } },
        { tool: 't', args: { a: random.pick(['x', 'z']), b: factValue(random) } },
      );
    },
  },
  ...[...reservedConditionKeys].map((key) => ({
    name: `reserved condition ${key}`,
    make: (random: Random) => {
      const call = { tool: 't', args: { a: 'x' }, context: random.chance(0.5) ? { [key]: { op: 'x' } } : {} };
      const reserved = random.pick([{ op: 'exists' }, { op: 'frob' }, '09:00-17:00', { start: '09:00' }]);
      const first = oneRule(random, { effect: 'deny', conditions: { a: 'x' } }, call);
      return { first, second: oneRule(random, { effect: 'deny', conditions: { a: 'x', [key]: reserved } }, call) };
    },
  })),
  {
    name: 'condition on the entry point',
    make: (random) => {
      const rule = { effect: random.pick(['deny', 'allow']), conditions: { subject_origin: 'hook_check' } };
      const first = oneRule(random, rule, { tool: 'file_read', method: 'read', hook: 'Read' });
      return { first, second: withCall(first, { tool: 'file_read', method: 'read' }) };
    },
  },
];

/** Features about the conditions of a rule. */
export const conditionFeatures: readonly Feature[] = [...operators, ...conditions];
