/** A policy source and the places in it. */
import type { Location } from '../errors.ts';

/** Finds rows and columns in one source text. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];
  /** Whether some character takes two units, so that columns must be counted. */
  readonly #hasPairs: boolean;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#hasPairs = /[\ud800-\udbff]/.test(text);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** The row, from 1, of the character at the offset. */
  row(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The place from one offset up to another. */
  location(offset: number, end: number): Location {
    const row = this.row(offset);
    const start = this.#lineStarts[row - 1]!;
    let column = offset - start + 1;
    for (let at = start; this.#hasPairs && at < offset; at++) {
      const unit = this.text.charCodeAt(at);
      if (unit >= 0xd800 && unit < 0xdc00) column--;
    }
    return { file: this.file, row, column, offset, text: this.text.slice(offset, end) };
  }

  /** The place of the end: that of the last character, or column 0 of the row after a line break, as OPA tells it. */
  end(offset: number): Location {
    if (offset === 0) return this.location(0, 0);
    if (this.text[offset - 1] !== '\n') return this.location(offset - 1, offset);
    return { file: this.file, row: this.row(offset), column: 0, offset, text: '' };
  }

  /** The source's line of this row, without its line break. */
  line(row: number): string {
    const start = this.#lineStarts[row - 1];
    if (start === undefined) return '';
    const next = this.#lineStarts[row];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }
}
