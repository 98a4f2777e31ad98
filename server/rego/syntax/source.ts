/** A policy source and the places in it. */
import type { Location } from '../errors.ts';

/** A place that finds its row, column and text when asked: every node has one, and few are ever shown. */
class Place implements Location {
  // Only declared, so that making one is two assignments less.
  declare readonly source: Source;
  declare readonly offset: number;
  declare readonly end: number;

  constructor(source: Source, offset: number, end: number) {
    this.source = source;
    this.offset = offset;
    this.end = end;
  }

  get file(): string {
    return this.source.file;
  }

  get row(): number {
    return this.source.row(this.offset);
  }

  get column(): number {
    return this.source.column(this.offset);
  }

  get text(): string {
    return this.source.text.slice(this.offset, this.end);
  }
}

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
    return new Place(this, offset, end);
  }

  /** The column, from 1 and in code points, of the character at the offset. */
  column(offset: number): number {
    const start = this.#lineStarts[this.row(offset) - 1]!;
    let column = offset - start + 1;
    for (let at = start; this.#hasPairs && at < offset; at++) {
      const unit = this.text.charCodeAt(at);
      if (unit >= 0xd800 && unit < 0xdc00) column--;
    }
    return column;
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
