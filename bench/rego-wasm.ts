// Makes decisions with @open-policy-agent/opa-wasm, from a module that `opa build` made.
import { readFileSync } from 'node:fs';
import { loadPolicy } from '@open-policy-agent/opa-wasm';
import { serveTurns } from './lib/decision-turns.ts';

await serveTurns(async ({ file, entrypoint }, data) => {
  const policy = await loadPolicy(readFileSync(file));
  policy.setData(data as object);
  const name = entrypoint.replaceAll('.', '/');
  return (input) => (policy.evaluate(input, name) as { result: unknown }[])[0]?.result;
});
