/**
 * Runs conformance cases: `npm run rego:conformance -- DIR [part of a note]`.
 *
 * DIR holds JSON files `{"cases": [...]}`. Prints each failure and ends with `N passed, N failed`; the exit code is 1
 * when a case failed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases, runCase } from '../server/rego/tools/conformance.ts';

const [folder, filter] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run rego:conformance -- DIR [part of a note]');
  process.exit(2);
}

let passed = 0;
let failed = 0;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort();
for (const file of files) {
  for (const testCase of readCases(readFileSync(join(folder, file), 'utf8'))) {
    if (filter !== undefined && !testCase.note.includes(filter)) continue;
    const failure = runCase(testCase);
    if (failure === undefined) passed++;
    else {
      failed++;
      console.log(`FAILED ${file}: ${testCase.note}\n  ${failure.replaceAll('\n', '\n  ')}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
