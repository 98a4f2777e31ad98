import { afterAll, describe, expect, it } from 'vitest';
import {
  decide,
  PolicyReadError,
  readBundle,
  readDlpRules,
  scanDecision,
} from '../../server/policy/evaluator/index.ts';
import { Judge, type Scan, type ScanRuling } from './judge.ts';
import { Random } from './random.ts';
import { sdkPython } from './venv.ts';

const found = await sdkPython();
const seed = Number(process.env['CZ_DIFFERENTIAL_SEED'] ?? 1);
const count = 12_000;

const patterns = [
  ...[
    'emp-\\d{4}',
    '\\b\\d{6}\\b',
    'secret',
    '(?i)key',
    's.*t',
    'a+',
    'x*',
    '^a',
    't$',
    '\\n',
    'True',
    '\\d+',
    'é|ß',
    '(?s)a.b',
    '-',
  ],
  ...['(', 'a(?i)b', '\\z', '', '[a-c]{2,3}', 'badge \\d+', '5'],
];
const texts = [
  ...[
    'emp-1234',
    'emp-1234 and emp-5678',
    'my Secret key',
    'secret',
    'badge 123456',
    '123456',
    'aaa',
    'a\nb',
    'part',
    '',
    'é ß',
  ],
  ...['xx', 'abcabc', 'nothing here!', 'se', 'cret', '😀emp-1234😀', 'a', 't\n'],
];
const categories = ['pii', 'secret', 'custom', 'healthcare', 'pii', 'financial', 'unheard', 5];

function rule(random: Random): unknown {
  if (random.chance(0.02)) return random.pick(['x', null, 5, []]);
  const written: Record<string, unknown> = {
    pattern: random.chance(0.97) ? random.pick(patterns) : random.pick([5, null]),
  };
  if (random.chance(0.9))
    written['id'] = random.chance(0.97)
      ? random.pick(['cust-1', 'emp', 'my rule', 'pii:x', 'pii:y', ''])
      : random.pick([5, null]);
  if (random.chance(0.5))
    written['name'] = random.chance(0.95) ? random.pick(['Employee', '']) : random.pick([5, null, { a: 1 }]);
  if (random.chance(0.7))
    written['category'] = random.chance(0.9) ? random.pick(categories.slice(0, 6)) : random.pick(categories);
  if (random.chance(0.85))
    written['action'] = random.pick(['detect', 'block', 'mask', 'mask', 'mask', 'mask', 'BLOCK', null]);
  if (random.chance(0.15)) written['scopes'] = random.pick([['sdk'], ['gateway'], [], 'gateway', ['gateway', 'sdk']]);
  if (random.chance(0.2)) written['context_required'] = random.pick([true, 1, false]);
  if (random.chance(0.2))
    written['context_keywords'] = random.chance(0.97)
      ? random.pick([['Badge'], ['zzz', 'my'], [], 'ae', ['', 'emp']])
      : random.pick([5, [5], { emp: 1 }]);
  return written;
}

function value(random: Random, depth: number): unknown {
  const roll = random.next();
  if (roll < 0.6 || depth > 2) return random.chance(0.01) ? '\ud83d' : random.pick(texts);
  if (roll < 0.75) return random.pick([5, 123456, 0.5, true, null]);
  if (roll < 0.88) return random.list(0, 3, () => value(random, depth + 1));
  return args(random, depth + 1);
}

function args(random: Random, depth = 0): Record<string, unknown> {
  const keys = ['command', 'a', 'b', 'c', random.chance(0.1) ? 'BASE64' : 'd', random.chance(0.05) ? 'encoded' : 'e'];
  return Object.fromEntries(random.list(0, 4, () => [random.pick(keys), value(random, depth)]));
}

function scanOf(random: Random): Scan {
  const big = random.chance(0.001) ? { big: 'z'.repeat(random.pick([1_048_576, 1_048_577])) } : {};
  const effect = random.pick(['allow', 'warn', 'deny', 'allow'] as const);
  return {
    rules: random.list(0, 2, () => rule(random)),
    effect,
    args: { ...args(random), ...big },
    rewrite: random.chance(0.6),
  };
}

function ourRuling(asked: Scan): ScanRuling {
  try {
    const rules = readDlpRules(asked.rules);
    const policy = readBundle({ policies: [{ rules: [{ effect: asked.effect }] }] }, { projectId: '' });
    const scanned = scanDecision(rules, decide(policy, { tool: 't', args: asked.args }), asked.args, asked.rewrite);
    const masked = scanned.maskedArgs ?? null;
    return { effect: scanned.effect, policy_id: scanned.policyId, reason_code: scanned.reasonCode, masked };
  } catch (error) {
    if (error instanceof PolicyReadError) return { error: error.message };
    throw error;
  }
}

function outcomeOf(ruling: ScanRuling): string {
  if ('error' in ruling) return 'refused';
  if (ruling.masked !== null) return 'masked';
  return ruling.reason_code === 'DLP_BLOCKED' ? 'blocked' : ruling.effect;
}

describe.skipIf(found.python === undefined)(
  `scans for sensitive data against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    it(`blocks, masks and lets pass alike in ${count} scans`, async () => {
      const random = new Random(seed);
      const scans = Array.from({ length: count }, () => scanOf(random));
      const counts: Record<string, number> = {};
      for (let start = 0; start < count; start += 200) {
        const batch = scans.slice(start, start + 200);
        const theirs = await judge.scans(batch);
        for (const [at, asked] of batch.entries()) {
          const ruling = theirs[at] as ScanRuling;
          const [left, right] = [ourRuling(asked), ruling].map((side) =>
            'error' in side ? 'refused' : { ...side, policy_id: side.policy_id.replace('rule-0', 'rule') },
          );
          expect(left, `seed ${seed}, scan ${start + at}: ${JSON.stringify(asked).slice(0, 2000)}`).toEqual(right);
          counts[outcomeOf(ruling)] = (counts[outcomeOf(ruling)] ?? 0) + 1;
        }
      }
      for (const name of ['masked', 'blocked', 'allow', 'warn', 'deny'])
        expect(counts[name], name).toBeGreaterThan(100);
      expect(counts['refused']).toBeGreaterThan(5);
    });
  },
);
