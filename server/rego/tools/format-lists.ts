/** Prints what stands in brackets: items, in lines as they were written. */
import type { Location } from '../errors.ts';
import type { Comment } from '../syntax/ast.ts';
import { type CommentQueue, commentText, standingLines } from './format-comments.ts';
import { goesOnLines } from './format-ends.ts';

/** One item of a collection or call. */
export interface ListItem {
  /** The place where it begins. */
  readonly first: Location;
  /** The row of its end: comments up to there go beside it. */
  lastRow(): number;
  print(depth: number): string;
}

/** The brackets around items. */
export interface Brackets {
  readonly open: string;
  readonly close: string;
  /** The row of the opening bracket; a first item below it goes on a line of its own, but for calls. */
  readonly row: number;
  readonly isCall?: boolean;
  /** The place of the closing bracket; comments before it go inside. Absent for calls, where they go below. */
  readonly end?: { readonly offset: number; readonly row: number };
}

/**
 * The items in brackets. Items that began on one row stay on one line; with several lines, each is indented and ends in
 * a comma.
 */
export function printList(
  brackets: Brackets,
  items: readonly ListItem[],
  depth: number,
  comments: CommentQueue,
): string {
  const { open, close, row, isCall, end } = brackets;
  if (items.length === 0) return open + close;
  const groups = byRow(items);
  const firsts = items.map(({ first }) => first);
  if (!goesOnLines(isCall ? undefined : row, firsts))
    return `${open}${items.map((item) => item.print(depth)).join(', ')}${close}`;
  const indent = '\t'.repeat(depth + 1);
  const lines: string[] = [];
  const stand = (standing: string[]): void => void lines.push(...standing.map((line) => line && indent + line));
  for (const group of groups) {
    const above = comments.before(group[0]!.first.offset);
    const beside = lines.length === 0 && above[0]?.location.row === row ? above.splice(0, 1) : [];
    stand(standingLines(above, group[0]!.first.row));
    const text = group.map((item) => item.print(depth + 1)).join(', ');
    const [trailing, ...others] = comments.onRows(group.at(-1)!.lastRow());
    const line = `${indent}${text},${trailing === undefined ? '' : ` ${commentText(trailing)}`}`;
    lines.push(...beside.reduce(withBeside, line.split('\n')));
    stand(standingLines(others));
  }
  if (end !== undefined) stand(standingLines(comments.before(end.offset), end.row));
  return `${open}\n${lines.join('\n')}\n${'\t'.repeat(depth)}${close}`;
}

/**
 * A comment beside an opening bracket goes to the end of the first line below it that opens no other; above all where
 * that line has one already or may be in a string.
 */
function withBeside(lines: readonly string[], comment: Comment): string[] {
  const at = lines.findIndex((line) => !/[[({]$/.test(line));
  const line = lines[at];
  if (line === undefined || line.includes('#') || lines.some((text) => text.includes('`'))) {
    return [`${/^\t*/.exec(lines[0]!)![0]}${commentText(comment)}`, ...lines];
  }
  return lines.with(at, `${line} ${commentText(comment)}`);
}

function byRow(items: readonly ListItem[]): ListItem[][] {
  const groups: ListItem[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]!.first.row === item.first.row) group.push(item);
    else groups.push([item]);
  }
  return groups;
}
