/** What a test says of its cases: a tree, with a level for each step of the test's head. */
import { walkKeys } from '../evaluate/code-refs.ts';
import { toJsonText, type Value } from '../values.ts';

/** One case, or the cases below one step, in the form of `opa test --format json`. */
export interface CaseResult {
  readonly name: string;
  readonly fail?: true;
  readonly sub_results?: CaseResults;
}

export type CaseResults = Readonly<Record<string, CaseResult>>;

/** What has cases: a test, or a step of one. */
type Parent = { readonly sub_results?: CaseResults };

/** The outcome of a test from its value and the keys of its cases: each case whose value is not `true` fails. */
export function caseResults(
  value: Value | undefined,
  cases: readonly (readonly Value[])[],
  depth = 0,
): Omit<CaseResult, 'name'> {
  const groups = new Map<string, (readonly Value[])[]>();
  for (const keys of cases) {
    const name = nameOf(keys[depth]!);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [keys]);
    else group.push(keys);
  }
  if (groups.size === 0) return {};
  const results = [...groups].map(([name, group]): CaseResult => {
    const [keys] = group as [readonly Value[]];
    if (depth + 1 < keys.length) return { name, ...caseResults(value, group, depth + 1) };
    return walkKeys(value, keys, 0) === true ? { name } : { name, fail: true };
  });
  results.sort((a, b) => (a.name < b.name ? -1 : 1));
  const failed = results.some(({ fail }) => fail);
  return {
    ...(failed ? { fail: true } : {}),
    sub_results: Object.fromEntries(results.map((result) => [result.name, result])),
  };
}

/** A text as it is, anything else as JSON with `<`, `>` and `&` escaped. */
function nameOf(key: Value): string {
  if (typeof key === 'string') return key;
  return toJsonText(key).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

/** The innermost cases; none for a test without. */
export function leafCases(parent: Parent): CaseResult[] {
  return children(parent).flatMap((child) => (child.sub_results === undefined ? [child] : leafCases(child)));
}

/** A line for each case that failed, `all` for those that passed too, indented below what it is a case of. */
export function caseLines(parent: Parent, all: boolean, depth = 1): string[] {
  return children(parent)
    .filter(({ fail }) => fail || all)
    .flatMap((child) => [
      `${'  '.repeat(depth)}${child.name}: ${child.fail ? 'FAIL' : 'PASS'}`,
      ...caseLines(child, all, depth + 1),
    ]);
}

function children({ sub_results }: Parent): CaseResult[] {
  return Object.values(sub_results ?? {});
}
