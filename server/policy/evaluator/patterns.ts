import { foldCase, isSurrogate } from './python-text.ts';

/** A compiled pattern. `source` is the pattern as its author wrote it. */
export interface Pattern {
  readonly source: string;
  matches(value: string): boolean;
}

/**
 * Compiles a glob: `*` any run (also across `/` and newlines), `?` one character, `[…]` a class, `[!…]` its opposite.
 * Case counts, there is no escape character, an unclosed `[` stands for itself, and the whole value must match.
 * Never fails. Matching takes at most length of pattern × length of value steps.
 */
export function compileGlob(source: string): Pattern {
  const matches = compile(source);
  return { source, matches };
}

/** A compiled action pattern. */
export interface ActionPattern extends Pattern {
  /** The folded tool it is about when it names one without wildcards; only actions of that tool can match. */
  readonly tool: string | undefined;
}

/**
 * Compiles the action pattern of a rule. `name` without a colon stands for `name:*`; the part before the first colon is
 * compared without regard to case, the rest with it. Values must have gone through {@link foldAction}.
 */
export function compileActionPattern(source: string): ActionPattern {
  const folded = foldAction(canonicalAction(source));
  const tool = toolOf(folded);
  return { source, tool: /[*?[]/.test(tool) ? undefined : tool, matches: compile(folded) };
}

/** The tool part of an action, before the first colon. */
export function toolOf(action: string): string {
  const colon = action.indexOf(':');
  return colon < 0 ? action : action.slice(0, colon);
}

/** The full form of an action pattern: `*` stays, anything without a colon gets `:*`. */
export function canonicalAction(pattern: string): string {
  return pattern === '*' || pattern.includes(':') ? pattern : `${pattern}:*`;
}

/** Folds the tool part (before the first colon) of an action or action pattern; the method part keeps its case. */
export function foldAction(action: string): string {
  const colon = action.indexOf(':');
  return colon < 0 ? foldCase(action) : foldCase(action.slice(0, colon)) + action.slice(colon);
}

type Predicate = (value: string) => boolean;

function compile(glob: string): Predicate {
  const tokens = tokenize(glob);
  const simple = tokens.every((token) => token === any || (typeof token === 'number' && !isSurrogate(token)));
  const stars = tokens.filter((token) => token === any).length;
  if (!simple || stars > 2) return general(tokens);
  const pieces = literalPieces(tokens);
  if (stars === 0) return (value) => value === pieces[0];
  const head = pieces[0] as string;
  const tail = pieces[pieces.length - 1] as string;
  if (stars === 1) {
    if (head === '' && tail === '') return () => true;
    if (tail === '') return (value) => value.startsWith(head);
    const least = head.length + tail.length;
    return (value) => value.length >= least && value.startsWith(head) && value.endsWith(tail);
  }
  const middle = pieces[1] as string;
  return (value) => {
    const end = value.length - tail.length;
    if (!value.startsWith(head) || end < head.length + middle.length || !value.endsWith(tail)) return false;
    const found = value.indexOf(middle, head.length);
    return found >= 0 && found + middle.length <= end;
  };
}

/** A character (code point), a class of characters, one unknown character, or any run of characters. */
type Token = number | Uint32Array | typeof one | typeof any;
const one = 'one';
const any = 'any';

/** Ranges of a class as [first, last] pairs, preceded by 1 when the class is negated. */
function classToken(negated: boolean, ranges: readonly number[]): Uint32Array {
  return Uint32Array.from([negated ? 1 : 0, ...ranges]);
}

function tokenize(glob: string): Token[] {
  const characters = Array.from(glob, (character) => character.codePointAt(0) ?? 0);
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const code = characters[at] as number;
    at += 1;
    if (code === 0x2a) {
      if (tokens[tokens.length - 1] !== any) tokens.push(any);
    } else if (code === 0x3f) {
      tokens.push(one);
    } else if (code === 0x5b) {
      const end = classEnd(characters, at);
      if (end < 0) tokens.push(code);
      else {
        tokens.push(readClass(characters, at, end));
        at = end + 1;
      }
    } else tokens.push(code);
  }
  return tokens;
}

function classEnd(characters: readonly number[], start: number): number {
  let at = start;
  if (characters[at] === 0x21) at += 1;
  // A bracket in first place is a member, so the class has to be closed by a later one.
  return characters.indexOf(0x5d, at + 1);
}

function readClass(characters: readonly number[], start: number, end: number): Uint32Array {
  const negated = characters[start] === 0x21;
  const ranges: number[] = [];
  let at = negated ? start + 1 : start;
  while (at < end) {
    const first = characters[at] as number;
    const isRange = characters[at + 1] === 0x2d && at + 2 < end;
    const last = isRange ? (characters[at + 2] as number) : first;
    ranges.push(first, last);
    at += isRange ? 3 : 1;
  }
  return classToken(negated, ranges);
}

function literalPieces(tokens: readonly Token[]): string[] {
  const pieces = [''];
  for (const token of tokens) {
    if (token === any) pieces.push('');
    else pieces[pieces.length - 1] += String.fromCodePoint(token as number);
  }
  return pieces;
}

function accepts(token: Token | undefined, code: number): boolean {
  if (typeof token === 'number') return token === code;
  if (token === one) return true;
  if (token === undefined || token === any) return false;
  let inside = false;
  for (let at = 1; at < token.length; at += 2) {
    if (code >= (token[at] as number) && code <= (token[at + 1] as number)) {
      inside = true;
      break;
    }
  }
  return inside !== (token[0] === 1);
}

function general(tokens: readonly Token[]): Predicate {
  return (value) => {
    const characters = Array.from(value, (character) => character.codePointAt(0) ?? 0);
    let at = 0;
    let token = 0;
    let resumeToken = -1;
    let resumeAt = 0;
    while (at < characters.length) {
      if (tokens[token] === any) {
        resumeToken = token + 1;
        resumeAt = at;
        token += 1;
      } else if (accepts(tokens[token], characters[at] as number)) {
        token += 1;
        at += 1;
      } else if (resumeToken >= 0) {
        // Only the latest star has to be widened: earlier ones already took the shortest run that works.
        resumeAt += 1;
        at = resumeAt;
        token = resumeToken;
      } else return false;
    }
    while (tokens[token] === any) token += 1;
    return token === tokens.length;
  };
}
