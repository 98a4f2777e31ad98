/** Makes every hostile decision once; run by a test in a process with little memory. Prints how many ended. */
import { compile, DECISION_LIMITS, RegoError } from '../../server/rego/index.ts';
import { BOMBS, DATA, INPUT } from './hostile-policies.ts';

const limits = { ...DECISION_LIMITS, milliseconds: 60_000 };
let ended = 0;
for (const body of Object.values(BOMBS)) {
  const { policy } = compile([{ file: 'hostile.rego', text: `package hostile\n\n${body}\n` }]);
  try {
    policy?.evaluate('data.hostile.p', { input: INPUT, data: DATA, limits, capabilities: { print: () => undefined } });
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
  }
  ended += 1;
}
console.log(ended);
