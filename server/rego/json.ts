/** Values from and to JSON, without losing digits. */
import { fromDouble, isNumber, numberText, parseNumber, toDouble } from './number.ts';
import { pauseStackTraces } from './stack.ts';
import { RegoObject, RegoSet, type Value } from './values.ts';

/** Nesting beyond this is refused rather than risking the call stack. */
const MAX_DEPTH = 5_000;

/**
 * The Rego value of a parsed JSON value. Bigints become exact integers; properties that are undefined are left out.
 * Throws TypeError for what JSON cannot hold.
 */
export function fromJson(json: unknown): Value {
  if (json === null) return null;
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json;
    case 'number':
      return fromDouble(json);
    case 'bigint':
      return parseNumber(json.toString());
    case 'object':
      return fromJsonContainer(json as object);
    default:
      throw new TypeError(`a ${typeof json} is not a JSON value`);
  }
}

function fromJsonContainer(json: object): Value {
  if (Array.isArray(json)) {
    const items = new Array<Value>(json.length);
    for (let index = 0; index < items.length; index++) items[index] = fromJson(json[index]);
    return items;
  }
  const list: Value[] = [];
  for (const key of Object.keys(json)) {
    const value = (json as Record<string, unknown>)[key];
    if (value !== undefined) list.push(key, typeof value === 'string' ? value : fromJson(value));
  }
  return RegoObject.fromList(list);
}

/** The Rego value of a JSON text, with integers of any size and decimals as written. Throws SyntaxError with the offset. */
export function fromJsonText(text: string): Value {
  return new JsonReader(text).read();
}

/** The value as plain JSON: sets as sorted arrays, other than string keys as their JSON text, numbers as doubles. */
export function toJson(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (isNumber(value)) return toDouble(value);
  if (Array.isArray(value)) return (value as readonly Value[]).map(toJson);
  if (value instanceof RegoSet) return value.items().map(toJson);
  const result: Record<string, unknown> = {};
  for (const [key, item] of (value as RegoObject).entries()) {
    Object.defineProperty(result, jsonKey(key), {
      value: toJson(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

/** The value as compact JSON text: sets as sorted arrays, other than string keys as their JSON text, digits as written. */
export function toJsonText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(wellFormed(value));
  if (isNumber(value)) return numberText(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(toJsonText).join(',')}]`;
  if (value instanceof RegoSet) return `[${value.items().map(toJsonText).join(',')}]`;
  const entries = [...(value as RegoObject).entries()];
  return `{${entries.map(([key, item]) => `${JSON.stringify(wellFormed(jsonKey(key)))}:${toJsonText(item)}`).join(',')}}`;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with the replacement character for what is no character: bytes that a policy decoded. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** The text that stands for a key; objects in it have their keys in the order of their texts. */
function jsonKey(key: Value): string {
  return typeof key === 'string' ? key : toJsonText(withTextKeys(key));
}

function withTextKeys(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(withTextKeys);
  if (value instanceof RegoSet) return value.items().map(withTextKeys);
  if (!(value instanceof RegoObject)) return value;
  return RegoObject.from([...value.entries()].map(([key, item]) => [jsonKey(key), withTextKeys(item)]));
}

/** A text that is no JSON; policies try texts, and never see this error. */
class JsonError extends SyntaxError {
  constructor(message: string) {
    const resume = pauseStackTraces();
    super(message);
    resume();
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

/** Reads one JSON document; the platform's parser would round numbers. */
class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #fail(): never {
    const found = this.#at < this.#text.length ? `character ${JSON.stringify(this.#text[this.#at])}` : 'end of text';
    throw new JsonError(`invalid JSON: unexpected ${found} at offset ${this.#at}`);
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) this.#fail();
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #value(): Value {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return parseNumber(this.#match(NUMBER));
    }
  }

  #nested(read: () => Value): Value {
    if (++this.#depth > MAX_DEPTH) throw new JsonError(`invalid JSON: nested deeper than ${MAX_DEPTH}`);
    const value = read();
    this.#depth--;
    return value;
  }

  #word(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    return value;
  }

  #string(): string {
    return JSON.parse(this.#match(STRING)) as string;
  }

  /** Takes the separator or the closing character; true when the container goes on. */
  #goesOn(close: string): boolean {
    this.#skipSpace();
    const found = this.#text[this.#at];
    if (found !== ',' && found !== close) this.#fail();
    this.#at++;
    return found === ',';
  }

  #array(): Value {
    this.#at++;
    const items: Value[] = [];
    this.#skipSpace();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return items;
    }
    do items.push(this.#value());
    while (this.#goesOn(']'));
    return items;
  }

  #object(): Value {
    this.#at++;
    const entries = new Map<string, Value>();
    this.#skipSpace();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return RegoObject.fromStringMap(entries);
    }
    do {
      this.#skipSpace();
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') this.#fail();
      this.#at++;
      entries.set(key, this.#value());
    } while (this.#goesOn('}'));
    return RegoObject.fromStringMap(entries);
  }
}
