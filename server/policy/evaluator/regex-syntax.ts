/** What reading an expression gives: its form for the linear-time engine, or why there is none. */
export type Rewritten =
  | { readonly kind: 'rewritten'; readonly expression: string }
  | { readonly kind: 'invalid' | 'undecidable'; readonly problem: string };

/** What `$` becomes: the end, or the line end right before it. */
export const endOfText = '(?:\\n?\\z)';

const space = '\\x{9}-\\x{d}\\x{1c}-\\x{20}\\x{85}\\p{Z}';
const word = '\\p{L}\\p{N}_';
const outsideClass: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${word}]`,
  W: `[^${word}]`,
  s: `[${space}]`,
  S: `[^${space}]`,
};
const insideClass: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: word,
  W: '\\W',
  s: space,
  S: '\\S',
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

class ExpressionProblem extends Error {
  readonly kind: 'invalid' | 'undecidable';

  constructor(kind: 'invalid' | 'undecidable', problem: string) {
    super(problem);
    this.kind = kind;
  }
}

function invalid(problem: string): never {
  throw new ExpressionProblem('invalid', problem);
}

function undecidable(problem: string): never {
  throw new ExpressionProblem('undecidable', problem);
}

/**
 * Rewrites an expression from Python's `re` syntax (3.11) to RE2's. Refuses what Python refuses (`invalid`) and what RE2
 * has no counterpart for (`undecidable`); bracket balance and stacked repetition are left to the engine.
 */
export function rewriteExpression(source: string): Rewritten {
  try {
    return { kind: 'rewritten', expression: new Rewriter(source).run() };
  } catch (error) {
    if (error instanceof ExpressionProblem) return { kind: error.kind, problem: error.message };
    throw error;
  }
}

class Rewriter {
  private readonly source: string;
  private readonly groupNames = new Set<string>();
  private at = 0;
  private multiline = false;

  constructor(source: string) {
    this.source = source;
  }

  run(): string {
    let out = this.globalFlags();
    while (this.at < this.source.length) out += this.item();
    return out;
  }

  private globalFlags(): string {
    const flags = /^\(\?([a-zA-Z]+)\)/.exec(this.source);
    if (flags?.[1] === undefined) return '';
    this.at = flags[0].length;
    const letters = flags[1];
    if (!/^[imsxau]+$/.test(letters)) invalid(`unknown flag in ${flags[0]}`);
    if (/[xa]/.test(letters)) undecidable(`the flags of ${flags[0]} have no counterpart; leave out x and a`);
    this.multiline = letters.includes('m');
    const kept = letters.replaceAll('u', '');
    return kept === '' ? '' : `(?${kept})`;
  }

  private item(): string {
    const character = this.take();
    switch (character) {
      case '\\':
        return this.escape();
      case '[':
        return this.characterClass();
      case '(':
        return this.groupStart();
      case '^':
        return this.anchor('^');
      case '$':
        return this.endAnchor();
      case '*':
      case '+':
      case '?':
        return this.repetition(character);
      case '{':
        return this.bounds();
      default:
        return /[|).]/.test(character) ? character : literal(character);
    }
  }

  private take(): string {
    const character = String.fromCodePoint(this.source.codePointAt(this.at) ?? 0);
    this.at += character.length;
    return character;
  }

  private rest(): string {
    return this.source.slice(this.at);
  }

  private anchor(form: string): string {
    if (/^(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})/.test(this.rest())) {
      invalid('an anchor cannot be repeated');
    }
    return form;
  }

  private endAnchor(): string {
    if (this.multiline) return this.anchor('$');
    this.anchor('$');
    if (/^[\\[.(\n]/.test(this.rest())) undecidable('`$` has no counterpart in front of what may be a line end');
    return endOfText;
  }

  private repetition(sign: string): string {
    const lazy = this.source[this.at] === '?';
    if (lazy) this.at += 1;
    else if (this.source[this.at] === '+') undecidable('possessive repetition has no counterpart');
    return sign + (lazy ? '?' : '');
  }

  private bounds(): string {
    const found = /^(\d*)(,?)(\d*)\}/.exec(this.rest());
    const [text = '', least = '', comma = '', most = ''] = found ?? [];
    if (least === '' && comma === '') return '\\{';
    this.at += text.length;
    if (most !== '' && Number(least || 0) > Number(most)) invalid('the least count is above the most');
    return this.repetition(`{${least === '' ? '0' : least}${comma}${most}}`);
  }

  private groupStart(): string {
    if (this.source[this.at] !== '?') return '(';
    this.at += 1;
    const rest = this.rest();
    const name = /^P<([^>]*)>/.exec(rest);
    if (name?.[1] !== undefined) {
      if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name[1])) invalid(`bad group name ${name[1]}`);
      if (this.groupNames.has(name[1])) invalid(`the group name ${name[1]} is used twice`);
      this.groupNames.add(name[1]);
      this.at += name[0].length;
      return '(';
    }
    if (rest.startsWith('#')) return this.comment();
    if (/^(?:=|!|<=|<!|P=|>|\()/.test(rest)) {
      undecidable('look-around, back-references, atomic and conditional groups have no counterpart');
    }
    const flags = /^([a-zA-Z]*)(?:-([a-zA-Z]+))?:/.exec(rest);
    if (!flags) invalid(`unknown group (?${rest.slice(0, 2)}; flags belong to the start of the expression`);
    this.at += flags[0].length;
    const letters = `${flags[1] ?? ''}${flags[2] ?? ''}`;
    if (!/^[imsxau]*$/.test(letters)) invalid(`unknown flag in (?${flags[0]}`);
    if (/[xau]/.test(letters)) undecidable('the flags x, a and u have no counterpart inside a group');
    if (letters.includes('m')) undecidable('the flag m has a counterpart only at the start of the expression');
    return `(?${flags[0]}`;
  }

  private comment(): string {
    const end = this.source.indexOf(')', this.at);
    if (end < 0) invalid('a comment is not closed');
    this.at = end + 1;
    if (/^[*+?{]/.test(this.rest())) undecidable('a repetition behind a comment has no counterpart');
    return '';
  }

  private escape(): string {
    if (this.at >= this.source.length) invalid('the expression ends with a backslash');
    const character = this.source[this.at] as string;
    const known = outsideClass[character];
    if (known !== undefined) {
      this.at += 1;
      return known;
    }
    if ('AbBZ'.includes(character)) {
      this.at += 1;
      return this.anchor(character === 'Z' ? '\\z' : `\\${character}`);
    }
    const isOctal = /^(?:0|[0-7][0-7][0-7])/.test(this.rest());
    if (/\d/.test(character) && !isOctal) undecidable('back-references have no counterpart');
    return codePoint(this.escapedCharacter());
  }

  /** The character an escape stands for; `this.at` is behind the backslash. */
  private escapedCharacter(): number {
    const rest = this.rest();
    const octal = /^(?:0[0-7]{0,2}|[0-7]{1,3})/.exec(rest);
    if (octal) {
      this.at += octal[0].length;
      const value = Number.parseInt(octal[0], 8);
      return value > 0o377 ? invalid(`octal escape \\${octal[0]} is out of range`) : value;
    }
    const hexadecimal = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (hexadecimal) {
      this.at += hexadecimal[0].length;
      const value = Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? hexadecimal[3] ?? '', 16);
      return value > 0x10ffff ? invalid(`escape \\${hexadecimal[0]} is no character`) : value;
    }
    const character = this.take();
    if (character === 'N') undecidable('characters by name have no counterpart');
    const control = controls[character];
    if (control !== undefined) return control;
    if (/[a-zA-Z0-9]/.test(character)) invalid(`bad escape \\${character}`);
    return character.codePointAt(0) ?? 0;
  }

  private characterClass(): string {
    let out = '[';
    if (this.source[this.at] === '^') {
      out += '^';
      this.at += 1;
    }
    for (let isFirst = true; isFirst || this.source[this.at] !== ']'; isFirst = false) {
      if (this.at >= this.source.length) invalid('a character class is not closed');
      const first = this.classMember();
      const isRange =
        this.source[this.at] === '-' && this.at + 1 < this.source.length && this.source[this.at + 1] !== ']';
      if (!isRange) {
        out += typeof first === 'number' ? codePoint(first) : first;
        continue;
      }
      this.at += 1;
      const last = this.classMember();
      if (typeof first !== 'number' || typeof last !== 'number' || first > last) invalid('bad character range');
      out += `${codePoint(first)}-${codePoint(last)}`;
    }
    this.at += 1;
    return `${out}]`;
  }

  /** One character of a class, or the text of an escape that stands for many. */
  private classMember(): number | string {
    const character = this.take();
    if (character !== '\\') return character.codePointAt(0) ?? 0;
    if (this.at >= this.source.length) invalid('a character class is not closed');
    const escaped = this.source[this.at] as string;
    const known = insideClass[escaped];
    if (known !== undefined) {
      this.at += 1;
      return known;
    }
    if (escaped === 'b') {
      this.at += 1;
      return 8;
    }
    return this.escapedCharacter();
  }
}

function codePoint(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

/** Letters and digits stand for themselves in every engine; everything else is named by its number. */
function literal(character: string): string {
  return /[a-zA-Z0-9]/.test(character) ? character : codePoint(character.codePointAt(0) ?? 0);
}
