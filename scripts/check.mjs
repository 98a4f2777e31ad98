// `npm test`: every check of the project, cheapest first, with the time each part took.
import { performance } from 'node:perf_hooks';
import { ensureDependencies, run } from './dependencies.mjs';

const started = performance.now();
ensureDependencies();

const parts = [
  ['build', 'node', ['scripts/build.mjs']],
  ['types', 'npx', ['tsc', '--noEmit']],
  ['lint and format', 'npx', ['biome', 'check', '.']],
  ['dead code', 'npx', ['knip']],
  ['import arrows', 'npx', ['depcruise', '--config', 'dependency-cruiser.config.cjs', 'server', 'cli', 'migrations']],
  ['tests', 'npx', ['vitest', 'run']],
];

for (const [name, command, args] of parts) {
  const begun = performance.now();
  console.log(`\n── ${name}`);
  run(command, args);
  console.log(`── ${name}: ${seconds(begun)} s`);
}
console.log(`\nAll checks passed in ${seconds(started)} s`);

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(1);
}
