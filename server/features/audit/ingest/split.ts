/** More rows than any SDK sends, and few enough for one transaction. */
export const MOST_ROWS = 100_000;

export type SplitProblem = 'not_json' | 'no_entries' | 'too_many_entries';

/** The rows of a batch as bytes, or why it has none. */
export type Split = { readonly rows: readonly Buffer[] } | { readonly problem: SplitProblem };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/**
 * Finds the elements of the `entries` list of `{"entries":[…]}` without reading what is inside them, so that one row
 * that is no JSON costs nobody else's, and so that each row is at hand as the bytes that were sent.
 *
 * The last of several `entries` counts, other members are passed over. `not_json` when the frame around the rows is
 * broken, `no_entries` when it is whole but has no such list.
 */
export function splitEntries(bytes: Buffer): Split {
  try {
    return new Frame(bytes).read();
  } catch (error) {
    if (error instanceof BrokenFrame) return { problem: error.problem };
    throw error;
  }
}

class BrokenFrame extends Error {
  readonly problem: SplitProblem;

  constructor(problem: SplitProblem) {
    super(problem);
    this.problem = problem;
  }
}

class Frame {
  private readonly bytes: Buffer;
  private at: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const marked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.at = marked ? 3 : 0;
  }

  read(): Split {
    if (this.next() !== OPEN_OBJECT) {
      this.skipValue();
      this.end();
      return { problem: 'no_entries' };
    }
    this.at += 1;
    let rows: Buffer[] | undefined;
    if (this.next() === CLOSE_OBJECT) this.at += 1;
    else {
      do {
        const name = this.name();
        if (this.next() !== COLON) throw new BrokenFrame('not_json');
        this.at += 1;
        const first = this.next();
        if (name === 'entries') rows = first === OPEN_LIST ? this.rows() : undefined;
        if (name !== 'entries' || first !== OPEN_LIST) this.skipValue();
      } while (this.more(CLOSE_OBJECT));
    }
    this.end();
    return rows === undefined ? { problem: 'no_entries' } : { rows };
  }

  private rows(): Buffer[] {
    const rows: Buffer[] = [];
    this.at += 1;
    if (this.next() === CLOSE_LIST) {
      this.at += 1;
      return rows;
    }
    do {
      this.next();
      const start = this.at;
      this.skipValue();
      rows.push(this.bytes.subarray(start, this.at));
      if (rows.length > MOST_ROWS) throw new BrokenFrame('too_many_entries');
    } while (this.more(CLOSE_LIST));
    return rows;
  }

  /** The next byte that is no blank, without passing it. */
  private next(): number {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new BrokenFrame('not_json');
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.at += 1;
    }
  }

  /** Passes a comma or the end of what is open; true when another member follows. */
  private more(close: number): boolean {
    const byte = this.next();
    if (byte !== COMMA && byte !== close) throw new BrokenFrame('not_json');
    this.at += 1;
    return byte === COMMA;
  }

  private name(): string {
    if (this.next() !== QUOTE) throw new BrokenFrame('not_json');
    const start = this.at;
    this.skipString();
    try {
      return JSON.parse(this.bytes.toString('utf8', start, this.at)) as string;
    } catch {
      return '';
    }
  }

  private end(): void {
    for (; this.at < this.bytes.length; this.at += 1) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) throw new BrokenFrame('not_json');
    }
  }

  private skipValue(): void {
    const first = this.next();
    if (first === QUOTE) this.skipString();
    else if (first === OPEN_OBJECT || first === OPEN_LIST) this.skipNested();
    else this.skipWord();
  }

  private skipNested(): void {
    const { bytes } = this;
    let { at } = this;
    let depth = 0;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw new BrokenFrame('not_json');
      if (byte === QUOTE) {
        this.at = at;
        this.skipString();
        at = this.at;
        continue;
      }
      at += 1;
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth -= 1;
        if (depth === 0) break;
      }
    }
    this.at = at;
  }

  private skipString(): void {
    const { bytes } = this;
    let at = this.at + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw new BrokenFrame('not_json');
      at += byte === BACKSLASH ? 2 : 1;
      if (byte === QUOTE) break;
    }
    this.at = at;
  }

  /** A number or a word, whatever it is spelt like. */
  private skipWord(): void {
    const start = this.at;
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte === undefined || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || byte <= 0x20) break;
      this.at += 1;
    }
    if (this.at === start) throw new BrokenFrame('not_json');
  }
}
