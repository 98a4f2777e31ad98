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
    const taken: Comment[] = [];
    while (this.#next < this.#comments.length && this.#comments[this.#next]!.location.offset < offset) {
      taken.push(this.#comments[this.#next++]!);
    }
    return taken;
  }

  /** Takes the comment that ends this row, when it is the next one. */
  trailing(row: number): Comment | undefined {
    const comment = this.#comments[this.#next];
    if (comment === undefined || comment.location.row !== row) return undefined;
    this.#next++;
    return comment;
  }

  /** Whether a comment that is not printed yet lies inside the place. */
  isInside(location: Location): boolean {
    const comment = this.#comments[this.#next];
    if (comment === undefined) return false;
    const { offset } = comment.location;
    return offset >= location.offset && offset < location.offset + location.text.length;
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
