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

  /** Takes the comments before an offset and the one that ends the row. */
  upTo(offset: number, row: number): Comment[] {
    return this.#take((comment) => comment.location.offset < offset || comment.location.row <= row);
  }

  #take(belongs: (comment: Comment) => boolean): Comment[] {
    const taken: Comment[] = [];
    while (this.#next < this.#comments.length && belongs(this.#comments[this.#next]!)) {
      taken.push(this.#comments[this.#next++]!);
    }
    return taken;
  }

  /** Whether the next comment stands on the row before an offset. */
  isNext(row: number, offset: number): boolean {
    const next = this.#comments[this.#next]?.location;
    return next !== undefined && next.row === row && next.offset < offset;
  }
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
