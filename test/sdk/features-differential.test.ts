import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { agree, ourRuling, smallest } from './compare.ts';
import { eitherWay, type Feature, type Pair } from './feature.ts';
import { actionFeatures } from './features-actions.ts';
import { bundleFeatures } from './features-bundle.ts';
import { conditionFeatures } from './features-conditions.ts';
import { Judge, type Judgement } from './judge.ts';
import { Random } from './random.ts';
import { sdkPython } from './venv.ts';

const found = await sdkPython();
const seed = Number(process.env['CZ_DIFFERENTIAL_SEED'] ?? 1);
const wanted = 100;
const batch = 200;
const mostPairs = 8000;

function deciding(pair: Pair, judgements: readonly [Judgement, Judgement]): 'match' | 'no match' | undefined {
  const isProbe = pair.isProbe ?? ((judgement: Judgement) => judgement.policy_id === 'rule-0');
  const [first, second] = judgements;
  if (isDeepStrictEqual(first, second) || isProbe(first) === isProbe(second)) return undefined;
  return isProbe(first) ? 'match' : 'no match';
}

describe.skipIf(found.python === undefined)(
  `every feature against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    /** Plays pairs until the feature has decided often enough in both directions. */
    async function play(feature: Feature): Promise<Record<'match' | 'no match', number>> {
      const random = new Random(seed);
      const counts = { match: 0, 'no match': 0 };
      for (let played = 0; played < mostPairs && Math.min(counts.match, counts['no match']) < wanted; played += batch) {
        const pairs = Array.from({ length: batch }, () => eitherWay(random, feature.make(random)));
        const cases = pairs.flatMap((pair) => [pair.first, pair.second]);
        const rulings = await judge.policies(cases);
        for (const [at, subject] of cases.entries()) {
          const theirs = rulings[at];
          if (theirs === undefined || agree(ourRuling(subject), theirs)) continue;
          expect.fail(
            `seed ${seed} differs after ${played + at} pairs; smallest case: ${await smallest(judge, subject)}`,
          );
        }
        for (const [at, pair] of pairs.entries()) {
          const first = rulings[2 * at]?.decisions?.[0];
          const second = rulings[2 * at + 1]?.decisions?.[0];
          const direction = first && second ? deciding(pair, [first, second]) : undefined;
          if (direction !== undefined) counts[direction] += 1;
        }
      }
      return counts;
    }

    it.each([...actionFeatures, ...conditionFeatures, ...bundleFeatures])(
      `agrees about: $name (deciding at least ${wanted} times each way)`,
      async (feature) => {
        const counts = await play(feature);
        expect(counts.match, 'made a call match').toBeGreaterThanOrEqual(wanted);
        expect(counts['no match'], 'kept a call from matching').toBeGreaterThanOrEqual(wanted);
      },
    );
  },
);
