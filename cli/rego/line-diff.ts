/** Compares texts line by line. */

/** Lines around a change that are shown too. */
const CONTEXT = 3;

/** Where lines are compared one by one rather than by a table of all pairs. */
const MAXIMUM_PAIRS = 4_000_000;

interface Step {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

/** The change as a unified diff with the file's name in its head; empty when the texts are equal. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = compareLines(splitLines(before), splitLines(after));
  const out = [`--- ${file}`, `+++ ${file} (formatted)`];
  for (const [from, to] of hunks(steps)) {
    const part = steps.slice(from, to);
    const rowIn = (mark: Step['mark']) => steps.slice(0, from).filter((step) => step.mark !== mark).length + 1;
    const sizeIn = (mark: Step['mark']) => part.filter((step) => step.mark !== mark).length;
    out.push(`@@ -${rowIn('+')},${sizeIn('+')} +${rowIn('-')},${sizeIn('-')} @@`);
    out.push(...part.map(({ mark, line }) => mark + line));
  }
  return out.join('\n');
}

function splitLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Ranges of steps that belong together: changes with their context. */
function hunks(steps: readonly Step[]): [number, number][] {
  const found: [number, number][] = [];
  steps.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    const from = Math.max(0, index - CONTEXT);
    const to = Math.min(steps.length, index + CONTEXT + 1);
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  });
  return found;
}

/** The shortest way from one to the other, by the longest common subsequence of the lines that differ. */
function compareLines(before: readonly string[], after: readonly string[]): Step[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const kept = (line: string): Step => ({ mark: ' ', line });
  return [
    ...before.slice(0, start).map(kept),
    ...changed(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(kept),
  ];
}

function changed(before: readonly string[], after: readonly string[]): Step[] {
  const removed = (line: string): Step => ({ mark: '-', line });
  const added = (line: string): Step => ({ mark: '+', line });
  if (before.length * after.length > MAXIMUM_PAIRS) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      steps.push({ mark: ' ', line: before[i++]! });
      j++;
    } else if (
      i < before.length &&
      (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      steps.push(removed(before[i++]!));
    } else steps.push(added(after[j++]!));
  }
  return steps;
}
