/**
 * Glob patterns: `*` and `?` do not cross separators, `**` does; `[abc]`, `[a-z]`, `[!…]` are one character, `{a,b}`
 * alternatives, a backslash makes the next character a literal. They are matched as regular expressions, in linear time.
 */
import { BuiltinError } from '../../errors.ts';
import { MAXIMUM_PATTERN, quotePattern } from './regular-expression.ts';

/** The regular expression of a glob, anchored at both ends. Throws a BuiltinError for patterns that are broken. */
export function globExpression(pattern: string, separators: readonly string[]): string {
  return `^(?:${new GlobReader(pattern, separators).read()})$`;
}

/** Escapes every character with a meaning in globs. */
export function quoteGlob(text: string): string {
  return text.replace(/[*?\\[\]{}]/g, '\\$&');
}

class GlobReader {
  readonly #characters: readonly string[];
  readonly #single: string;
  #position = 0;

  constructor(pattern: string, separators: readonly string[]) {
    this.#characters = [...pattern];
    this.#single = separators.length === 0 ? '.' : `[^${separators.map(classCharacter).join('')}]`;
  }

  read(): string {
    return this.#sequence(false);
  }

  #fail(reason: string): BuiltinError {
    const at = Math.min(this.#position, this.#characters.length);
    return new BuiltinError(`glob: syntax error at ${at}: ${reason}`);
  }

  #take(): string | undefined {
    const character = this.#characters[this.#position];
    this.#position += 1;
    return character;
  }

  #sequence(inside: boolean): string {
    let out = '';
    for (let character = this.#take(); character !== undefined; character = this.#take()) {
      if (inside && (character === ',' || character === '}')) {
        this.#position -= 1;
        return out;
      }
      out += this.#element(character);
      if (out.length > MAXIMUM_PATTERN) throw new BuiltinError('glob: the pattern with its separators is too long');
    }
    if (inside) throw this.#fail('unclosed `{`');
    return out;
  }

  #element(character: string): string {
    switch (character) {
      case '*':
        return this.#stars();
      case '?':
        return this.#single;
      case '[':
        return this.#characterClass();
      case '{':
        return this.#alternatives();
      case '\\': {
        const literal = this.#take();
        if (literal === undefined) throw this.#fail('trailing backslash');
        return quotePattern(literal);
      }
      default:
        return quotePattern(character);
    }
  }

  #stars(): string {
    let count = 1;
    for (; this.#characters[this.#position] === '*'; this.#position += 1) count += 1;
    return count === 1 ? `${this.#single}*` : '.*';
  }

  #alternatives(): string {
    const options: string[] = [];
    for (let character: string | undefined = ','; character === ','; character = this.#take()) {
      options.push(this.#sequence(true));
    }
    return `(?:${options.join('|')})`;
  }

  /** A range is exactly `[a-z]`; anything else in brackets is a list of characters, the hyphen one of them. */
  #characterClass(): string {
    const negated = this.#characters[this.#position] === '!';
    if (negated) this.#position += 1;
    const members: string[] = [];
    let isRange = false;
    for (;;) {
      let character = this.#take();
      if (character === undefined) throw this.#fail('unexpected end of input');
      if (character === ']') break;
      if (character === '-' && members.length === 1 && !isRange) {
        isRange = true;
        members.push(...this.#rangeEnd(members[0]!));
        break;
      }
      if (character === '\\') {
        character = this.#take();
        if (character === undefined) throw this.#fail('unexpected end of input');
      }
      members.push(character);
    }
    if (members.length === 0) throw this.#fail('could not parse range');
    const list = isRange ? members.map(classCharacter).join('-') : members.map(classCharacter).join('');
    return `[${negated ? '^' : ''}${list}]`;
  }

  #rangeEnd(low: string): readonly string[] {
    const high = this.#take();
    if (high === undefined || high === ']') throw this.#fail('unexpected end of input');
    const close = this.#take();
    if (close !== ']') throw this.#fail('expected close range character');
    if (high.codePointAt(0)! < low.codePointAt(0)!) throw this.#fail('range hi character is less than lo');
    return [high];
  }
}

function classCharacter(character: string): string {
  return /[\\\]^-]/.test(character) || character === '[' ? `\\${character}` : character;
}
