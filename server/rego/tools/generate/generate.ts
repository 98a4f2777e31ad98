/** Makes random policies with inputs and data, for comparing this engine with another. */
import { Random } from './random.ts';
import { RuleMaker } from './rules.ts';
import { DATA, INPUT_VALUES } from './vocabulary.ts';

/** A policy to compare, made from a seed. */
export interface GeneratedCase {
  readonly module: string;
  /** The input in JSON, with every digit. */
  readonly input: string;
  /** The base documents in JSON. */
  readonly data: string;
  /** The path whose document is compared. */
  readonly query: string;
}

/** Makes the case of a seed; equal seeds make equal cases. */
export function generateCase(seed: number): GeneratedCase {
  const random = new Random(seed);
  const logic = random.chance(25);
  const parts = ['package generated', ...(logic ? ['import rego.v2'] : [])];
  const rules = new RuleMaker(random, logic);
  for (let count = 2 + random.below(4); count > 0; count--) parts.push(rules.rule());
  const values = Object.entries(INPUT_VALUES).map(([name, texts]) => `"${name}": ${random.pick(texts)}`);
  return {
    module: `${parts.join('\n\n')}\n`,
    input: `{${values.join(', ')}}`,
    data: DATA,
    query: 'data.generated',
  };
}
