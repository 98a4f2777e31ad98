/** Prints what stands in brackets: items, in lines as they were written. */
import type { Location } from '../errors.ts';
import { type CommentQueue, commentText, endRow } from './format-comments.ts';

/** One item of a collection or call. */
export interface ListItem {
  /** The place where it begins. */
  readonly first: Location;
  /** The place that its end is in. */
  readonly last: Location;
  print(depth: number): string;
}

/** The brackets around items. */
export interface Brackets {
  readonly open: string;
  readonly close: string;
  /** The row of the opening bracket; a first item below it goes on a line of its own. Absent for calls. */
  readonly row?: number;
  /** The offset of the closing bracket. */
  readonly end: number;
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
  const { open, close, row, end } = brackets;
  if (items.length === 0) return open + close;
  const groups = byRow(items);
  const isBroken = groups.length > 1 || (row !== undefined && items[0]!.first.row !== row);
  if (!isBroken) return `${open}${items.map((item) => item.print(depth)).join(', ')}${close}`;
  const indent = '\t'.repeat(depth + 1);
  const lines: string[] = [];
  for (const group of groups) {
    const above = comments.before(group[0]!.first.offset);
    // A comment beside the opening bracket goes to the end of the first line.
    const beside = lines.length === 0 && above[0]?.location.row === row ? above.splice(0, 1) : [];
    for (const comment of above) lines.push(indent + commentText(comment));
    const text = group.map((item) => item.print(depth + 1)).join(', ');
    const { last } = group.at(-1)!;
    const trailing = [...beside, ...comments.upTo(last.offset + last.text.length, endRow(last))];
    lines.push(`${indent}${text},${trailing.length === 0 ? '' : ` ${commentText(trailing[0]!)}`}`);
    for (const comment of trailing.slice(1)) lines.push(indent + commentText(comment));
  }
  for (const comment of comments.before(end)) lines.push(indent + commentText(comment));
  return `${open}\n${lines.join('\n')}\n${'\t'.repeat(depth)}${close}`;
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
