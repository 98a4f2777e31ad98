import { LIMITS, MAX_PROBLEMS } from './limits.ts';
import type { Problem } from './problem.ts';
import { numberProblem } from './read-number.ts';
import { SourceMap, step } from './source-map.ts';
import { LineIndex, textProblem } from './source-text.ts';

/** What a reader found: the value (undefined when the text has no readable whole), its places, its problems. */
export type Reading = { value: unknown; sourceMap: SourceMap; problems: Problem[] };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_TEXT = /[^"\\\0-\x1f]*/y;
const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_+-][A-Za-z0-9_+-]*/y;
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Thrown inside the reader where going on would only produce noise; carries the problem. */
class Unreadable extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Reads JSON (RFC 8259) strictly, with the place of every value.
 *
 * Refuses duplicate keys, nesting deeper than the limit, numbers that a double does not hold and half surrogate pairs.
 * Objects have no prototype, so a key such as `__proto__` is an ordinary key. A syntax error ends the reading, since
 * nothing after it can be trusted; all other problems are collected.
 */
export function readJson(text: string): Reading {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #sourceMap = new SourceMap();
  readonly #problems: Problem[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  read(): Reading {
    let value: unknown;
    try {
      value = this.#value('', 0);
      this.#take(SPACE);
      if (this.#at < this.#text.length) this.#stop('json_syntax', 'There is text after the end of the document.', '');
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#problems.push(error.problem);
      value = undefined;
    }
    return { value, sourceMap: this.#sourceMap, problems: this.#problems };
  }

  #value(pointer: string, depth: number): unknown {
    this.#take(SPACE);
    this.#sourceMap.place(pointer, this.#lines.at(this.#at), this.#keyOf(pointer));
    const next = this.#text[this.#at];
    if (next === '{' || next === '[') {
      if (depth >= LIMITS.depth) {
        this.#stop('too_deep', `The document is nested deeper than ${LIMITS.depth} levels.`, pointer);
      }
      return next === '{' ? this.#object(pointer, depth + 1) : this.#array(pointer, depth + 1);
    }
    if (next === '"') return this.#string(pointer);
    const start = this.#at;
    const number = this.#take(NUMBER);
    if (number !== '') return this.#number(number, start, pointer);
    return this.#word(pointer);
  }

  #keys = new Map<string, number>();
  #keyOf(pointer: string) {
    const offset = this.#keys.get(pointer);
    return offset === undefined ? undefined : this.#lines.at(offset);
  }

  #object(pointer: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    this.#at += 1;
    this.#take(SPACE);
    if (this.#skip('}')) return object;
    for (;;) {
      this.#take(SPACE);
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') this.#stop('json_syntax', 'Expected a key in double quotes.', pointer);
      const key = this.#string(pointer);
      const inner = step(pointer, key);
      this.#take(SPACE);
      if (!this.#skip(':')) this.#stop('json_syntax', `Expected ":" after the key ${JSON.stringify(key)}.`, inner);
      if (key in object)
        this.#note('duplicate_key', `The key ${JSON.stringify(key)} stands here twice; keep one.`, keyAt, inner);
      this.#keys.set(inner, keyAt);
      const value = this.#value(inner, depth);
      if (!(key in object)) object[key] = value;
      this.#take(SPACE);
      if (this.#skip('}')) return object;
      if (!this.#skip(',')) this.#stop('json_syntax', 'Expected "," or "}".', pointer);
    }
  }

  #array(pointer: string, depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    this.#take(SPACE);
    if (this.#skip(']')) return array;
    for (;;) {
      array.push(this.#value(step(pointer, array.length), depth));
      this.#take(SPACE);
      if (this.#skip(']')) return array;
      if (!this.#skip(',')) this.#stop('json_syntax', 'Expected "," or "]".', pointer);
    }
  }

  #string(pointer: string): string {
    const start = this.#at;
    this.#at += 1;
    let result = '';
    for (;;) {
      result += this.#take(PLAIN_TEXT);
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\') this.#stop('json_syntax', 'This text is not closed with a double quote.', pointer);
      result += this.#escape(pointer);
    }
    this.#at += 1;
    if (/\p{Surrogate}/u.test(result)) {
      this.#note('lone_surrogate', 'This text holds half of a surrogate pair, which is no character.', start, pointer);
    }
    return result;
  }

  #escape(pointer: string): string {
    const letter = this.#text[this.#at + 1] ?? '';
    if (letter === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits))
        this.#stop('json_syntax', 'Expected four hexadecimal digits after "\\u".', pointer);
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (character === undefined) this.#stop('json_syntax', 'This escape does not exist in JSON.', pointer);
    this.#at += 2;
    return character;
  }

  #number(source: string, start: number, pointer: string): number {
    const value = Number(source);
    const problem = numberProblem(source, value);
    if (problem) this.#problems.push({ ...problem, path: pointer, ...this.#lines.at(start) });
    return value;
  }

  #word(pointer: string): unknown {
    const start = this.#at;
    const word = this.#take(WORD);
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null') return null;
    this.#at = start;
    const found = word === '' ? (this.#text[start] ?? 'the end of the document') : word;
    return this.#stop('json_syntax', `Expected a value, found ${found}.`, pointer);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #note(code: string, message: string, offset: number, pointer: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push(textProblem(code, message, this.#lines.at(offset), pointer));
  }

  #stop(code: string, message: string, pointer: string): never {
    throw new Unreadable(textProblem(code, message, this.#lines.at(this.#at), pointer));
  }
}
