/** Terms that are constants. */
import type { Term } from '../syntax/ast.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';

/** Whether a term is a constant, and which. */
export function constantOf(term: Term): { value: Value } | undefined {
  switch (term.kind) {
    case 'scalar':
      return { value: term.value };
    case 'array':
    case 'set': {
      const items = term.items.map(constantOf);
      if (items.some((item) => item === undefined)) return undefined;
      const values = items.map((item) => item!.value);
      return { value: term.kind === 'array' ? values : RegoSet.from(values) };
    }
    case 'object': {
      const entries: [Value, Value][] = [];
      for (const [key, value] of term.entries) {
        const constantKey = constantOf(key);
        const constantValue = constantOf(value);
        if (constantKey === undefined || constantValue === undefined) return undefined;
        entries.push([constantKey.value, constantValue.value]);
      }
      return { value: RegoObject.from(entries) };
    }
    default:
      return undefined;
  }
}
