import type { PolicyCall } from '../../server/policy/evaluator/index.ts';
import { extractAction, toolFamilies } from '../../server/policy/evaluator/index.ts';
import { conditionFor, conditionKeys, factValue } from './conditions.ts';
import type { Case } from './judge.ts';
import type { Random } from './random.ts';
import { clients, commandLine, methods, patternNear, projects, resources, sqlText, toolNames } from './vocabulary.ts';

type Json = Record<string, unknown>;

/** A call as agents make them: any tool, arguments that fit its family, a context with selectors and facts. */
export function randomCall(random: Random): PolicyCall {
  const tool = random.pick(random.chance(0.5) ? ['database', 'Bash', 'Read', 'file_write', 'http'] : toolNames);
  const args: Json = {};
  if (random.chance(0.5)) args['command'] = random.chance(0.95) ? commandLine(random) : factValue(random);
  if (random.chance(0.3)) args['sql'] = random.chance(0.95) ? sqlText(random) : factValue(random);
  if (random.chance(0.1)) args['CommandLine'] = commandLine(random);
  for (const key of random.list(0, 2, () => random.pick(conditionKeys))) args[key] = factValue(random);
  const context: Json = {};
  if (random.chance(0.5)) context['resource'] = random.chance(0.96) ? random.pick(resources) : factValue(random);
  if (random.chance(0.6)) context['client_name'] = random.chance(0.97) ? random.pick(clients) : factValue(random);
  if (random.chance(0.2))
    context['tags'] = random.chance(0.8) ? { env: factValue(random), n: factValue(random) } : factValue(random);
  for (const key of random.list(0, 2, () => random.pick(conditionKeys))) context[key] ??= factValue(random);
  if (random.chance(0.05))
    context['action_semantic_class'] = random.pick(['database:read', 'file_write:file_write', 'x', 5]);
  const isHook = random.chance(0.25);
  const host = random.chance(0.1) ? tool.toUpperCase() : tool;
  const action = isHook ? extractAction(host, args) : { tool, method: random.pick(methods) };
  return {
    ...action,
    ...(isHook ? { hook: host } : {}),
    ...(random.chance(0.9) ? { args } : {}),
    ...(random.chance(0.9) ? { context } : {}),
    ...(random.chance(0.1) ? { locale: random.pick(['ko', 'KO-kr', 'en', 'de_AT', ' fr ']) } : {}),
  };
}

/** An action pattern that often has to do with a call. */
function actionNear(random: Random, call: PolicyCall): string {
  const family = random.pick(toolFamilies);
  const action = random.pick([
    ...[
      `${call.tool}:${call.method ?? '*'}`,
      call.tool,
      call.hook ?? call.tool,
      `${family.name}:*`,
      random.pick(family.aliases),
    ],
    ...['database:read', 'database:write', 'database:admin', 'database:exec', `database:${random.pick(methods)}`],
    ...[
      'file_delete',
      'file_write',
      'file_read',
      'network',
      'git_push:main',
      'git_clean',
      'kubectl:delete',
      'aws:s3',
      'Bash:rm',
    ],
  ]);
  return patternNear(random, action);
}

function randomRule(random: Random, calls: readonly PolicyCall[]): unknown {
  if (random.chance(0.02)) return random.pick(['x', null, 5, []]);
  const call = random.pick(calls);
  const rule: Json = {};
  const roll = random.next();
  if (roll < 0.75) rule['actions'] = random.list(1, random.chance(0.3) ? 3 : 1, () => actionNear(random, call));
  else if (roll < 0.8) rule['tool'] = actionNear(random, call);
  else if (roll < 0.85) rule['pattern'] = actionNear(random, call);
  else if (roll < 0.9) rule['action'] = actionNear(random, call);
  else if (roll < 0.95) rule['match'] = { [random.pick(['tool', 'action', 'x'])]: actionNear(random, call) };
  if (random.chance(0.92))
    rule['effect'] = random.pick(['allow', 'deny', 'warn', 'allow', 'deny', 'audit', 'ALLOW', '', null]);
  else rule['action'] = random.pick(['allow', 'deny', 'warn', 'foo']);
  if (random.chance(0.3)) rule['resources'] = resourceList(random);
  if (random.chance(0.25)) rule['clients'] = selector(random, clients);
  if (random.chance(0.2)) rule['projects'] = selector(random, projects);
  if (random.chance(0.4)) rule[random.chance(0.8) ? 'conditions' : 'when'] = randomConditions(random, call);
  if (random.chance(0.4)) rule['reason'] = random.pick(['no', 'because', 5, '', null, ['a'], { k: true }]);
  if (random.chance(0.3)) rule['reason_code'] = random.pick(['HITL_REQUIRED', '', 5, 'X']);
  if (random.chance(0.2))
    rule['reason_localized'] = random.pick([{ ko: '안 돼', KO_kr: 'x' }, { de: 'nein', fr: '' }, {}, 5, { ko: 5 }]);
  if (random.chance(0.2)) rule['escalate_on_deny'] = random.pick([true, false, 1, 'no', null, []]);
  if (random.chance(0.5)) rule['id'] = `r${random.between(1, 999)}`;
  return rule;
}

function resourceList(random: Random): unknown {
  if (random.chance(0.01)) return random.pick([5, { a: 1 }, ['a', 5], true]);
  return random.chance(0.2)
    ? random.pick(['*', 'acme/*', [], ['*'], null, ''])
    : random.list(1, 2, () => patternNear(random, random.pick(resources)));
}

function selector(random: Random, names: readonly string[]): unknown {
  if (random.chance(0.1)) return random.pick(['python-sdk', [], [5], null, ['*'], [5, 'proj-1'], { a: 1 }]);
  return random.list(1, 2, () => patternNear(random, random.pick(names)));
}

function randomConditions(random: Random, call: PolicyCall): unknown {
  if (random.chance(0.01)) return random.pick([5, [], 'x', { n: { op: 'frob' } }, { n: { op: 5 } }]);
  const facts: Json = { ...call.args, ...call.context };
  const conditions: Json = {};
  for (const key of random.list(1, 2, () => random.pick(random.chance(0.6) ? Object.keys(facts) : conditionKeys))) {
    if (key !== undefined) conditions[key] = conditionFor(random, facts[key]);
  }
  if (random.chance(0.05))
    conditions[random.pick(['time_range', 'ip_whitelist', 'tags'])] = conditionFor(random, undefined);
  return conditions;
}

/** A whole bundle with up to eight rules and calls that meet them. */
export function randomCase(random: Random): Case {
  const calls = random.list(2, 4, () => randomCall(random));
  const policy = (): unknown => {
    if (random.chance(0.02)) return random.pick([null, 'x', 5]);
    const written: Json = { rules: random.list(random.chance(0.1) ? 0 : 1, 4, () => randomRule(random, calls)) };
    if (random.chance(0.9)) written['id'] = random.pick(['p1', 'p2', '', null, 7]);
    if (random.chance(0.7))
      written['priority'] = random.chance(0.99)
        ? random.pick([1, 100, 100, 200, '5', 1.9, -3, true, ' 7 '])
        : random.pick([null, 'abc', []]);
    if (random.chance(0.05))
      written['rules'] = random.pick([{ a: randomRule(random, calls), b: randomRule(random, calls) }, null, 'x']);
    return written;
  };
  const payload: Json = {
    policies: random.chance(0.95)
      ? random.list(random.chance(0.1) ? 0 : 1, 2, policy)
      : random.pick([null, [], {}, 'x', 5]),
  };
  if (random.chance(0.7)) payload['default_action'] = random.pick(['deny', 'allow', 'warn', 'ALLOW', null, 5]);
  if (random.chance(0.3)) payload['default_on_missing'] = random.pick(['deny', 'allow', 'warn']);
  if (random.chance(0.3)) payload['default_on_empty'] = random.pick(['observe', 'deny', 'allow', 'warn', 'DENY']);
  if (random.chance(0.5)) payload['metadata'] = metadata(random);
  return {
    payload,
    projectId: random.pick(projects),
    ...(random.chance(0.05) ? { stale: true } : {}),
    ...(random.chance(0.1) ? { sdkVersion: random.pick(['1.13.16', '1.13.4', '1.7.6', '2.0.0', '1.13.16-rc1']) } : {}),
    calls,
  };
}

function metadata(random: Random): unknown {
  if (random.chance(0.05)) return random.pick([null, 'x', []]);
  const found: Json = { active_policy_count: random.pick([0, 1, 2, -1, true, '1', 1.5]) };
  const versions = [
    '1.13.0',
    '1.14',
    '2',
    'v1.13.17',
    '1.13.17-beta',
    '1.13.16-rc1',
    'abc',
    '',
    5,
    '1.13.16.1',
    '1.13.16',
    '1.8.0',
  ];
  if (random.chance(0.2)) found['min_sdk_version'] = random.pick(versions);
  return found;
}
