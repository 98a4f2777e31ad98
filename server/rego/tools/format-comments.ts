/** Hands out the comments of a module in order while it is printed. */
import type { Location } from '../errors.ts';
import type { Comment } from '../syntax/ast.ts';

/** The comments that are not printed yet. */
export class CommentQueue {
  readonly #comments: readonly Comment[];
  #next = 0;

  constructor(comments: readonly Comment[]) {
    this.#comments = comments;
  }

  /** Takes the comments before an offset. */
  before(offset: number): Comment[] {
    return this.#take((comment) => comment.location.offset < offset);
  }

  #take(belongs: (comment: Comment) => boolean): Comment[] {
    const taken: Comment[] = [];
    while (this.#next < this.#comments.length && belongs(this.#comments[this.#next]!)) {
      taken.push(this.#comments[this.#next++]!);
    }
    return taken;
  }

  /** Takes the comments that begin no later than a row. */
  onRows(row: number): Comment[] {
    return this.#take((comment) => comment.location.row <= row);
  }

  /** Takes the next comment where it is the only one on a row or before. */
  onlyOn(row: number): Comment[] {
    const [next, after] = this.#comments.slice(this.#next, this.#next + 2);
    const isOnly = next?.location.row === row && after?.location.row !== row;
    return isOnly ? this.onRows(row) : [];
  }

  /** Takes the comments in a place, unless some before it are not printed yet; tells whether it did. */
  takeWithin({ offset, text }: Location): boolean {
    const next = this.#comments[this.#next];
    if (next === undefined || next.location.offset < offset) return false;
    this.before(offset + text.length);
    return true;
  }

  /** Whether a comment that is not printed yet stands in a place, below its first row. */
  standsIn(place: Location): boolean {
    return this.#within(place).some(({ location }) => location.row > place.row);
  }

  /** Whether a comment that is not printed yet stands in a place on a row. */
  standsOn(place: Location, row: number): boolean {
    return this.#within(place).some(({ location }) => location.row === row);
  }

  #within({ offset, text }: Location): Comment[] {
    const end = offset + text.length;
    const within: Comment[] = [];
    for (let at = this.#next; at < this.#comments.length && this.#comments[at]!.location.offset < end; at++) {
      if (this.#comments[at]!.location.offset > offset) within.push(this.#comments[at]!);
    }
    return within;
  }
}

/**
 * Comments on lines of their own above something on a row: with one empty line where there were some, among them and
 * below them. Without the row nothing is below them.
 */
export function standingLines(comments: readonly Comment[], row?: number): string[] {
  const lines: string[] = [];
  for (const [index, comment] of comments.entries()) {
    lines.push(commentText(comment));
    const next = comments[index + 1]?.location.row ?? row;
    if (next !== undefined && next > comment.location.row + 1) lines.push('');
  }
  return lines;
}

/** A comment as it is printed. */
export function commentText(comment: Comment): string {
  return `#${comment.text.trimEnd()}`;
}

/** The row of the last character of a place. */
export function endRow(location: Location): number {
  let rows = 0;
  for (const character of location.text) if (character === '\n') rows++;
  return location.row + rows;
}

/** Where something ends: the place of its last character. */
export interface End {
  readonly offset: number;
  readonly row: number;
}

/** The end of what ends in a bracket. */
export function endOf(location: Location): End {
  return { offset: location.offset + location.text.length - 1, row: endRow(location) };
}
