import type { PolicyRule } from './document.ts';
import type { Fix, PatchStep, ProblemList } from './problem.ts';
import { step } from './source-map.ts';

/** A change that writes one entry of a list, or the single text that stands for the list, anew. */
export function replacePatternFix(pointer: string, value: string, problems: ProblemList): Fix {
  return { title: `Write ${value}`, patch: [{ op: 'replace', path: problems.authored(pointer), value }] };
}

/** A change that adds patterns to the actions of a rule, in whichever way its author wrote them. */
export function addPatternsFix(
  title: string,
  rule: PolicyRule,
  pointer: string,
  more: readonly string[],
  problems: ProblemList,
): Fix {
  return { title, patch: addEntries(step(pointer, 'actions'), rule.actions, more, problems) };
}

/** The same for its resources. */
export function addResourcesFix(
  title: string,
  rule: PolicyRule,
  pointer: string,
  more: readonly string[],
  problems: ProblemList,
): Fix {
  return { title, patch: addEntries(step(pointer, 'resources'), rule.resources ?? [], more, problems) };
}

function addEntries(
  pointer: string,
  present: readonly string[],
  more: readonly string[],
  problems: ProblemList,
): PatchStep[] {
  const list = problems.authored(pointer);
  // A single text stands at the place of the list itself.
  if (problems.authored(step(pointer, 0)) === list)
    return [{ op: 'replace', path: list, value: [...present, ...more] }];
  return more.map((value) => ({ op: 'add', path: `${list}/-`, value }));
}
