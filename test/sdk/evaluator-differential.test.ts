import { afterAll, describe, expect, it } from 'vitest';
import { agree, ourRuling, smallest } from './compare.ts';
import { type Case, Judge } from './judge.ts';
import { Random } from './random.ts';
import { randomCase } from './random-case.ts';
import { sdkPython } from './venv.ts';

const found = await sdkPython();
const firstSeed = Number(process.env['CZ_DIFFERENTIAL_SEED'] ?? 1);
const cases = Number(process.env['CZ_DIFFERENTIAL_CASES'] ?? 10_000);
const batch = 250;

describe.skipIf(found.python === undefined)(
  `the evaluator against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    it(`decides ${cases} random policies and their calls alike`, async () => {
      for (let start = firstSeed; start < firstSeed + cases; start += batch) {
        const seeds = Array.from({ length: Math.min(batch, firstSeed + cases - start) }, (_, offset) => start + offset);
        const subjects: Case[] = seeds.map((seed) => randomCase(new Random(seed)));
        const theirs = await judge.policies(subjects);
        for (const [at, subject] of subjects.entries()) {
          const ruling = theirs[at];
          if (ruling === undefined || agree(ourRuling(subject), ruling)) continue;
          expect.fail(`seed ${seeds[at]} differs; smallest case: ${await smallest(judge, subject)}`);
        }
      }
    });
  },
);
