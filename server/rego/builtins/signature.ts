/**
 * Built-in signatures written as text, in the notation of OPA's capabilities listing:
 * `substring(string, number, number) -> string`, `any<string, array[any]>`, `object<desc: string>[string: any]`.
 */
import {
  ANY,
  anyOf,
  arrayType,
  BOOLEAN,
  type FunctionType,
  functionType,
  NULL,
  NUMBER,
  objectType,
  STRING,
  type StaticProperty,
  setType,
  type Type,
} from '../types/types.ts';

const SCALARS: Readonly<Record<string, Type>> = { null: NULL, boolean: BOOLEAN, number: NUMBER, string: STRING };

/** A name and its type, read from text. */
export interface NamedSignature {
  readonly name: string;
  readonly type: FunctionType;
}

/** Reads `name(type, …) -> type`. Throws an Error for text that is no signature, which is a mistake of the program. */
export function parseSignature(text: string): NamedSignature {
  return new SignatureReader(text).read();
}

class SignatureReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): NamedSignature {
    const open = this.#text.indexOf('(');
    const name = this.#text.slice(0, open);
    this.#position = open + 1;
    const args: Type[] = [];
    let variadic: Type | undefined;
    while (!this.#take(')')) {
      const type = this.#type();
      if (this.#take('...')) variadic = type;
      else args.push(type);
      this.#take(',');
    }
    const result = this.#take('->') ? this.#type() : undefined;
    if (this.#position < this.#text.length) throw this.#mistake();
    return { name, type: functionType(args, result, variadic) };
  }

  #mistake(): Error {
    return new Error(`signature "${this.#text}" cannot be read at offset ${this.#position}`);
  }

  #take(token: string): boolean {
    while (this.#text[this.#position] === ' ') this.#position += 1;
    if (!this.#text.startsWith(token, this.#position)) return false;
    this.#position += token.length;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#mistake();
  }

  #word(): string {
    const match = /^ *([a-z]+)/.exec(this.#text.slice(this.#position));
    if (!match) throw this.#mistake();
    this.#position += match[0].length;
    return match[1]!;
  }

  #type(): Type {
    const word = this.#word();
    const scalar = SCALARS[word];
    if (scalar) return scalar;
    if (word === 'any') return this.#take('<') ? anyOf(...this.#listUntil('>')) : ANY;
    if (word === 'set') return setType(this.#bracketed());
    if (word === 'array') return this.#take('<') ? arrayType(this.#listUntil('>')) : arrayType([], this.#bracketed());
    if (word === 'object') return this.#object();
    throw this.#mistake();
  }

  #bracketed(): Type {
    this.#expect('[');
    const type = this.#type();
    this.#expect(']');
    return type;
  }

  #listUntil(close: string): Type[] {
    const types: Type[] = [];
    while (!this.#take(close)) {
      types.push(this.#type());
      this.#take(',');
    }
    return types;
  }

  #object(): Type {
    const properties: StaticProperty[] = [];
    if (this.#take('<')) {
      while (!this.#take('>')) {
        const key = this.#word();
        this.#expect(':');
        properties.push({ key, value: this.#type() });
        this.#take(',');
      }
    }
    if (!this.#take('[')) return objectType(properties);
    const key = this.#type();
    this.#expect(':');
    const value = this.#type();
    this.#expect(']');
    return objectType(properties, { key, value });
  }
}
