// Makes decisions with our engine. The input comes as a JavaScript value, and the decision leaves as one.
import { readFileSync } from 'node:fs';
import { compile, fromJson, toJson } from '../server/rego/index.ts';
import { serveTurns } from './lib/decision-turns.ts';

await serveTurns(async ({ file, entrypoint }, json) => {
  const { policy, errors } = compile([{ file, text: readFileSync(file, 'utf8') }]);
  if (policy === undefined) throw new Error(errors.join('\n'));
  const data = fromJson(json);
  const path = `data.${entrypoint}`;
  return (input) => {
    const decision = policy.evaluate(path, { input: fromJson(input), data });
    return decision === undefined ? undefined : toJson(decision);
  };
});
