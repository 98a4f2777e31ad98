/**
 * Whether two simple patterns have a text in common: characters, `.`, `[sets]`, each with an optional `+` or `*`. Where the
 * exact answer would need backtracking over a starred token, the answer follows the greedy rule that policies know from OPA.
 */
import { BuiltinError } from '../../errors.ts';

interface Token {
  /** Undefined is any character. */
  readonly characters: ReadonlySet<string> | undefined;
  flag: '' | '+' | '*';
}

const MAXIMUM_TOKENS = 500;
const MAXIMUM_LENGTH = 8_192;
const MAXIMUM_RANGE = 65_536;

/** Whether some text matches both patterns. Throws a BuiltinError for broken and for too long patterns. */
export function patternsIntersect(left: string, right: string): boolean {
  return new Intersection(simplify(tokenize(left)), simplify(tokenize(right))).exists();
}

function invalid(input: readonly string[], position: number, reason: string): BuiltinError {
  return new BuiltinError(`input:${input.join('')}, pos:${position}, ${reason}: the input provided is invalid`);
}

function tokenize(pattern: string): Token[] {
  if (pattern.length > MAXIMUM_LENGTH) {
    throw new BuiltinError(`pattern of ${pattern.length} characters is too long: at most ${MAXIMUM_LENGTH}`);
  }
  const input = [...pattern];
  const tokens: Token[] = [];
  let at = 0;
  while (at < input.length) {
    const character = input[at]!;
    at += 1;
    let characters: ReadonlySet<string> | undefined;
    if (character === '\\') {
      if (at >= input.length) throw invalid(input, at - 1, 'input ends with a \\ (escape) character');
      characters = new Set([input[at]!]);
      at += 1;
    } else if (character === '[') {
      [characters, at] = readSet(input, at);
    } else if (character === ']') {
      throw invalid(input, at, "set-close ']' with no preceding '['");
    } else if (character === '+' || character === '*') {
      throw invalid(input, at, `flag '${character}' must be preceded by a non-flag`);
    } else if (character !== '.') {
      characters = new Set([character]);
    }
    const next = input[at];
    const flag = next === '+' || next === '*' ? next : '';
    if (flag !== '') at += 1;
    tokens.push({ characters, flag });
  }
  if (tokens.length > MAXIMUM_TOKENS) {
    throw new BuiltinError(`pattern of ${tokens.length} elements is too long: at most ${MAXIMUM_TOKENS}`);
  }
  return tokens;
}

function readSet(input: readonly string[], from: number): [ReadonlySet<string>, number] {
  const members = new Set<string>();
  let previous: string | undefined;
  let at = from;
  while (at < input.length) {
    const character = input[at]!;
    at += 1;
    if (character === ']') return [members, at];
    if (character === '-') {
      at = readRange(input, at, previous, members);
      previous = undefined;
      continue;
    }
    previous = character;
    if (character === '\\') {
      if (at >= input.length) throw invalid(input, at - 1, 'input ends with a \\ (escape) character');
      previous = input[at]!;
      at += 1;
    }
    members.add(previous);
  }
  throw invalid(input, at, 'found [ without matching ]');
}

function readRange(input: readonly string[], at: number, low: string | undefined, members: Set<string>): number {
  if (low === undefined) throw invalid(input, at, "range character '-' must be preceded by a Unicode character");
  if (at >= input.length - 1) throw invalid(input, at, "range character '-' must be followed by a Unicode character");
  const escaped = input[at] === '\\';
  const high = escaped ? input[at + 1]! : input[at]!;
  const end = at + (escaped ? 2 : 1);
  if (!escaped && (high === ']' || high === '-')) {
    throw invalid(input, end, "range character '-' cannot be followed by a special symbol");
  }
  const [first, last] = [low.codePointAt(0)!, high.codePointAt(0)!];
  if (last < first) {
    throw invalid(input, end, `range is out of order: '${high}' comes before '${low}' in Unicode`);
  }
  if (last - first > MAXIMUM_RANGE) throw new BuiltinError(`range '${low}-${high}' has too many characters`);
  for (let point = first; point <= last; point += 1) members.add(String.fromCodePoint(point));
  return end;
}

function sameCharacters(left: Token, right: Token): boolean {
  const [a, b] = [left.characters, right.characters];
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every((character) => b.has(character));
}

/** Neighbours that repeat the same characters are one. */
function simplify(tokens: readonly Token[]): readonly Token[] {
  const simple: Token[] = [];
  for (const token of tokens) {
    const latest = simple.at(-1);
    if (latest && latest.flag !== '' && token.flag !== '' && sameCharacters(latest, token)) {
      if (token.flag === '+') latest.flag = '+';
    } else {
      simple.push({ ...token });
    }
  }
  return simple;
}

function overlap(left: Token, right: Token): boolean {
  const [a, b] = [left.characters, right.characters];
  if (a === undefined || b === undefined) return true;
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  for (const character of small) if (large.has(character)) return true;
  return false;
}

type Side = 0 | 1;
type Places = readonly [number, number];

class Intersection {
  readonly #tokens: readonly [readonly Token[], readonly Token[]];
  readonly #known = new Map<string, boolean>();

  constructor(left: readonly Token[], right: readonly Token[]) {
    this.#tokens = [left, right];
  }

  exists(): boolean {
    return this.#plainFrom([0, 0]);
  }

  #remember(kind: string, [left, right]: Places, compute: () => boolean): boolean {
    const key = `${kind}${left},${right}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const result = compute();
    this.#known.set(key, result);
    return result;
  }

  #plainFrom(places: Places): boolean {
    return this.#remember('plain', places, () => {
      const [left, right] = this.#tokens;
      let [i, j] = places;
      for (; i < left.length && j < right.length; i += 1, j += 1) {
        const flags = [left[i]!.flag, right[j]!.flag] as const;
        if (flags[0] !== '' || flags[1] !== '') {
          const side: Side = flags[0] !== '' ? 0 : 1;
          return flags[side] === '+' ? this.#plus(side, [i, j]) : this.#star(side, [i, j]);
        }
        if (!overlap(left[i]!, right[j]!)) return false;
      }
      return i === left.length && j === right.length;
    });
  }

  /** At least one token of the other side belongs to the repeated one. */
  #plus(side: Side, places: Places): boolean {
    return this.#remember(`plus${side}`, places, () => {
      const other: Side = side === 0 ? 1 : 0;
      const repeated = this.#tokens[side][places[side]]!;
      const first = this.#tokens[other][places[other]]!;
      if (!overlap(repeated, first)) return false;
      if (this.#star(side, moved(places, other))) return true;
      return first.flag !== '' && this.#plainFrom(moved(places, side));
    });
  }

  #star(side: Side, places: Places): boolean {
    return this.#remember(`star${side}`, places, () => {
      const other: Side = side === 0 ? 1 : 0;
      const repeated = this.#tokens[side][places[side]]!;
      const next = this.#tokens[side][places[side] + 1];
      const rest = this.#tokens[other];
      for (let at = places[other]; at < rest.length; at += 1) {
        const token = rest[at]!;
        const further: Places = side === 0 ? [places[0] + 1, at] : [at, places[1] + 1];
        if (next && overlap(token, next) && this.#plainFrom(further)) return true;
        if (!overlap(token, repeated)) return false;
      }
      return next === undefined;
    });
  }
}

function moved(places: Places, side: Side): Places {
  return side === 0 ? [places[0] + 1, places[1]] : [places[0], places[1] + 1];
}
