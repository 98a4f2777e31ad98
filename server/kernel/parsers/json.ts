/** What a JSON text may do beyond the RFC, and where it must stop. */
export interface JsonRules {
  /** Nesting of arrays and objects. */
  maxDepth: number;
  /** Whether a key may appear twice in one object (the last one wins). */
  duplicateKeys: boolean;
  /** Whether `NaN`, `Infinity`, NUL, halves of surrogate pairs and raw control characters inside strings are taken (numbers as null, texts as they are). */
  tolerant: boolean;
}

/** Why and where a text is no acceptable JSON. Line and column count from 1. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  readonly line: number;
  readonly column: number;
  readonly pointer: string;

  constructor(message: string, line: number, column: number, pointer: string) {
    super(`${message} (line ${line}, column ${column})`);
    this.line = line;
    this.column = column;
    this.pointer = pointer;
  }
}

export const STRICT: JsonRules = { maxDepth: 64, duplicateKeys: false, tolerant: false };
export const TOLERANT: JsonRules = { maxDepth: 512, duplicateKeys: true, tolerant: true };

const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const UNFIT = /\p{Surrogate}|\0/u;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Record<string, unknown> = { true: true, false: false, null: null };
const TOLERATED_WORDS: Record<string, unknown> = { ...WORDS, NaN: null, Infinity: null, '-Infinity': null };

/**
 * Parses one JSON text under the given rules. Objects have no surprising members: a `__proto__` key becomes an own,
 * ordinary property. Under strict rules a number outside the range of a double, or an integer that a double cannot
 * hold exactly, is refused rather than changed, and so is a text with NUL or half of a surrogate pair. Throws `JsonTextError`.
 */
export function parseJson(text: string, rules: JsonRules): unknown {
  return new JsonReader(text, rules).document();
}

class JsonReader {
  private at = 0;
  private depth = 0;
  private readonly path: (string | number)[] = [];
  private readonly text: string;
  private readonly rules: JsonRules;

  constructor(text: string, rules: JsonRules) {
    this.text = text;
    this.rules = rules;
  }

  document(): unknown {
    const value = this.value();
    this.blanks();
    if (this.at < this.text.length) this.fail('Unexpected text after the JSON value');
    return value;
  }

  private value(): unknown {
    this.blanks();
    const first = this.text[this.at];
    if (first === '{') return this.nested(() => this.object());
    if (first === '[') return this.nested(() => this.array());
    if (first === '"') return this.string();
    return this.scalar();
  }

  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > this.rules.maxDepth) this.fail(`Nested deeper than ${this.rules.maxDepth} levels`);
    const value = read();
    this.depth -= 1;
    return value;
  }

  private object(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    this.at += 1;
    this.blanks();
    if (this.take('}')) return result;
    for (;;) {
      this.blanks();
      if (this.text[this.at] !== '"') this.fail('Expected a key in double quotes');
      const keyAt = this.at;
      const key = this.string();
      this.path.push(key);
      if (!this.rules.duplicateKeys && Object.hasOwn(result, key)) {
        this.at = keyAt;
        this.fail(`The key ${JSON.stringify(key)} appears twice`);
      }
      this.blanks();
      if (!this.take(':')) this.fail('Expected ":" after the key');
      const value = this.value();
      Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
      this.path.pop();
      this.blanks();
      if (this.take('}')) return result;
      if (!this.take(',')) this.fail('Expected "," or "}"');
    }
  }

  private array(): unknown[] {
    const result: unknown[] = [];
    this.at += 1;
    this.blanks();
    if (this.take(']')) return result;
    for (;;) {
      this.path.push(result.length);
      result.push(this.value());
      this.path.pop();
      this.blanks();
      if (this.take(']')) return result;
      if (!this.take(',')) this.fail('Expected "," or "]"');
    }
  }

  private string(): string {
    let result = '';
    let from = ++this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) this.fail('The string is not closed');
      if (code === 0x22) {
        result += this.text.slice(from, this.at++);
        if (!this.rules.tolerant) this.checkText(result);
        return result;
      }
      if (code === 0x5c) {
        result += this.text.slice(from, this.at) + this.escape();
        from = this.at;
      } else {
        if (code < 0x20 && !this.rules.tolerant) this.fail('A control character must be written as an escape');
        this.at += 1;
      }
    }
  }

  /** Neither of the two can be stored as text, and readers disagree about what they are. */
  private checkText(text: string): void {
    const unfit = UNFIT.exec(text)?.[0];
    if (unfit === undefined) return;
    this.fail(
      unfit === '\0'
        ? 'The text holds a NUL character (\\u0000); remove it'
        : `The text holds half of a surrogate pair (\\u${unfit.charCodeAt(0).toString(16)}), which is no character; remove it`,
    );
  }

  private escape(): string {
    const kind = this.text[this.at + 1] ?? '';
    if (kind === 'u') {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('Expected four hexadecimal digits after \\u');
      this.at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = ESCAPES[kind];
    if (plain === undefined) this.fail(`Unknown escape \\${kind}`);
    this.at += 2;
    return plain as string;
  }

  private scalar(): unknown {
    const words = this.rules.tolerant ? TOLERATED_WORDS : WORDS;
    for (const word of Object.keys(words)) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return words[word];
      }
    }
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) this.fail(this.at >= this.text.length ? 'The text ends too early' : 'Expected a JSON value');
    const digits = (match as RegExpExecArray)[0];
    const value = Number(digits);
    if (!this.rules.tolerant) this.checkNumber(digits, value);
    this.at += digits.length;
    return value;
  }

  private checkNumber(digits: string, value: number): void {
    if (!Number.isFinite(value)) this.fail(`The number ${digits.slice(0, 40)} is out of range`);
    if (/^-?\d+$/.test(digits) && !Number.isSafeInteger(value)) {
      this.fail(`The integer ${digits.slice(0, 40)} is larger than 2^53 - 1; send it as a string`);
    }
  }

  private blanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private fail(message: string): never {
    const before = this.text.slice(0, this.at);
    const line = before.split('\n').length;
    const column = this.at - before.lastIndexOf('\n');
    const pointer = this.path.map((step) => `/${String(step).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
    throw new JsonTextError(message, line, column, pointer);
  }
}
