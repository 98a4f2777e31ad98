export type DiffLine = { kind: 'same' | 'added' | 'removed'; text: string };

/** Edits after which two texts count as altogether different; keeps time and memory bounded. */
const MAX_EDITS = 500;

/**
 * The shortest way from one list of lines to another (E. Myers, "An O(ND) Difference Algorithm", 1986). Texts that
 * differ in more than 500 lines are shown as removed and added as a whole between what they share at both ends.
 */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const middle = shortestPath(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...mark('same', before.slice(0, head)), ...middle, ...mark('same', before.slice(before.length - tail))];
}

/** The lines of a diff as a unified text: three lines of context around each change, blocks headed by `@@`. */
export function unifiedDiff(before: string, after: string): string {
  const lines = diffLines(splitLines(before), splitLines(after));
  const kept = lines.map((_, at) => lines.slice(Math.max(0, at - 3), at + 4).some((line) => line.kind !== 'same'));
  const out: string[] = [];
  let from = 1;
  let to = 1;
  for (const [at, line] of lines.entries()) {
    if (kept[at] && !kept[at - 1]) out.push(header(lines, kept, at, from, to));
    if (kept[at]) out.push(`${{ same: ' ', added: '+', removed: '-' }[line.kind]}${line.text}`);
    if (line.kind !== 'added') from += 1;
    if (line.kind !== 'removed') to += 1;
  }
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

function header(lines: readonly DiffLine[], kept: readonly boolean[], start: number, from: number, to: number): string {
  let end = start;
  while (kept[end]) end += 1;
  const block = lines.slice(start, end);
  const removed = block.filter((line) => line.kind !== 'added').length;
  const added = block.filter((line) => line.kind !== 'removed').length;
  return `@@ -${removed === 0 ? from - 1 : from},${removed} +${added === 0 ? to - 1 : to},${added} @@`;
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function mark(kind: DiffLine['kind'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind, text }));
}

function shortestPath(before: readonly string[], after: readonly string[]): DiffLine[] {
  const rounds: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MAX_EDITS, before.length + after.length); edits += 1) {
    rounds.push(new Map(reach));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = goesDown(reach, diagonal, edits) ? reach.get(diagonal + 1)! : reach.get(diagonal - 1)! + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return retrace(rounds, before, after);
    }
    reach = new Map([...reach].filter(([diagonal]) => Math.abs(diagonal) <= edits + 1));
  }
  return [...mark('removed', before), ...mark('added', after)];
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  if (diagonal === edits) return false;
  return (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

function retrace(
  rounds: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = rounds.length - 1; edits >= 0; edits -= 1) {
    const reach = rounds[edits]!;
    const diagonal = x - y;
    const previous = goesDown(reach, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const previousX = edits === 0 ? 0 : reach.get(previous)!;
    const previousY = edits === 0 ? 0 : previousX - previous;
    while (x > previousX && y > previousY) {
      x -= 1;
      y -= 1;
      lines.push({ kind: 'same', text: before[x]! });
    }
    if (edits === 0) break;
    if (x === previousX) lines.push({ kind: 'added', text: after[previousY]! });
    else lines.push({ kind: 'removed', text: before[previousX]! });
    x = previousX;
    y = previousY;
  }
  return lines.reverse();
}
