import { afterAll, describe, expect, it } from 'vitest';
import { extractAction } from '../../server/policy/evaluator/extract-action.ts';
import { cloudAction, gitAction } from '../../server/policy/evaluator/git-and-cloud.ts';
import { shellClass } from '../../server/policy/evaluator/shell-class.ts';
import { shellCommand } from '../../server/policy/evaluator/shell-segments.ts';
import { sqlClass, sqlKeyword } from '../../server/policy/evaluator/sql-class.ts';
import { factValue } from './conditions.ts';
import { Judge } from './judge.ts';
import { Random } from './random.ts';
import { sdkPython } from './venv.ts';
import { commandLine, sqlText, toolNames } from './vocabulary.ts';

const found = await sdkPython();
const seed = Number(process.env['CZ_DIFFERENTIAL_SEED'] ?? 1);
const count = 20_000;

/** How often each answer was given; a class that never came up has not been compared. */
function tally(answers: readonly string[][], column: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer[column] ?? ''] = (counts[answer[column] ?? ''] ?? 0) + 1;
  return counts;
}

describe.skipIf(found.python === undefined)(
  `derived classes against the published SDK (${found.reason ?? 'installed'})`,
  () => {
    const judge = new Judge(found.python ?? 'python3');
    afterAll(() => judge.close());

    it(`reads ${count} command lines alike`, async () => {
      const random = new Random(seed);
      const lines = Array.from({ length: count }, () => commandLine(random));
      const theirs = await judge.commands(lines);
      for (const [at, line] of lines.entries()) {
        const ours = [shellClass(line), shellCommand(line), gitAction(line), cloudAction(line)].map(
          (part) => part ?? '',
        );
        expect(ours, `seed ${seed}, line ${at}: ${JSON.stringify(line)}`).toEqual(theirs[at]);
      }
      const classes = tally(theirs, 0);
      for (const name of ['file_delete', 'network', 'file_write', 'file_read', ''])
        expect(classes[name], name).toBeGreaterThan(100);
      expect(tally(theirs, 2)['git_push:main']).toBeGreaterThan(20);
      expect(tally(theirs, 3)['kubectl:delete']).toBeGreaterThan(20);
    });

    it(`reads ${count} SQL texts alike`, async () => {
      const random = new Random(seed);
      const texts = Array.from({ length: count }, () => sqlText(random));
      const theirs = await judge.statements(texts);
      for (const [at, text] of texts.entries()) {
        const ours = [sqlClass(text) ?? '', sqlKeyword(text) ?? ''];
        expect(ours, `seed ${seed}, text ${at}: ${JSON.stringify(text)}`).toEqual(theirs[at]);
      }
      const classes = tally(theirs, 0);
      for (const name of ['admin', 'write', 'exec', 'read', '']) expect(classes[name], name).toBeGreaterThan(100);
    });

    it(`extracts the action of ${count} host tool calls alike`, async () => {
      const random = new Random(seed);
      const argument = () =>
        random.chance(0.7) ? commandLine(random) : random.chance(0.5) ? sqlText(random) : factValue(random);
      const calls = Array.from({ length: count }, (): readonly [string, unknown] => {
        const name = random.pick(toolNames);
        const keys = ['command', 'CommandLine', 'sql', 'method', 'action', 'x'];
        const args = Object.fromEntries(random.list(0, 3, () => [random.pick(keys), argument()]));
        return [random.chance(0.2) ? name.toUpperCase() : name, random.chance(0.95) ? args : factValue(random)];
      });
      const theirs = await judge.tools(calls);
      for (const [at, [tool, args]] of calls.entries()) {
        const ours = extractAction(tool, args);
        expect([ours.tool, ours.method], `seed ${seed}, call ${at}: ${JSON.stringify([tool, args])}`).toEqual(
          theirs[at],
        );
      }
    });
  },
);
