/** Makes random policies with inputs and data, for comparing this engine with another. */

/** A policy to compare, made from a seed. */
export interface GeneratedCase {
  readonly module: string;
  readonly input: unknown;
  readonly data: unknown;
  /** The path whose document is compared. */
  readonly query: string;
}

/** Makes the case of a seed; equal seeds make equal cases. */
export function generateCase(seed: number): GeneratedCase {
  return new Generator(seed).make();
}

const CONSTANTS = ['0', '1', '2', '-1', '1.0', '2.50', '9007199254740993', '"a"', '"b"', '""', 'true', 'false', 'null'];
const COLLECTIONS = [
  '[]',
  '[1, 2]',
  '["a", ["b", 1]]',
  '{1, 2}',
  '{"a"}',
  'set()',
  '{"a": 1, "b": {"c": 2}}',
  '{1: "x"}',
];
const PATHS = [
  'input.n',
  'input.s',
  'input.xs',
  'input.o',
  'input.o.a',
  'input.none',
  'data.base.xs',
  'data.base.o',
  'data.base.m',
];
const BINARY = ['==', '!=', '<', '<=', '>', '>='];
const ARITHMETIC = ['+', '-', '*', '/', '%'];
const UNARY_CALLS = [
  'count',
  'sum',
  'max',
  'min',
  'sort',
  'upper',
  'abs',
  'type_name',
  'is_number',
  'is_string',
  'to_number',
];

/** Calls with places for operands: A for any, N for numbers, S for strings. */
const CALLS = [
  'array.concat(A, A)',
  'array.slice(A, 0, N)',
  'concat("-", A)',
  'contains(S, S)',
  'endswith(S, "z")',
  'format_int(N, 2)',
  'indexof(S, S)',
  'json.marshal(A)',
  'json.unmarshal(S)',
  'lower(S)',
  'numbers.range(N, 3)',
  'object.get(A, "a", A)',
  'object.keys(A)',
  'object.remove(A, ["a"])',
  'object.union(A, A)',
  'regex.match("^[a-x]+$", S)',
  'replace(S, "a", S)',
  'round(N)',
  'split(S, "")',
  'sprintf("%v|%d|%s", [A, N, S])',
  'startswith(S, S)',
  'strings.reverse(S)',
  'substring(S, 0, 1)',
  'trim(S, "a")',
  '[w | walk(A, w)]',
  '{p | walk(A, [p, _])}',
  '{m[0] | some m in data.base.m}',
  '[data.base.m[i][j] | some i, j; data.base.m[i][j] > N]',
  '{k | some k, _ in A}',
  '(A | A)',
  '(A & A)',
];

const STRINGS = ['input.s', 'data.base.o.a', '"a"', '"axb"', 'input.xs[2]'];
const NUMBERS = ['1', '2', '3', '1.5', 'input.n', 'input.n', 'data.base.xs[0]', 'data.base.m[1][0]', 'input.xs[0]'];

class Generator {
  #state: number;
  #functions = 0;
  #rules = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, not including, the bound (the mulberry32 generator). */
  #below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)]!;
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  make(): GeneratedCase {
    const parts = ['package generated'];
    if (this.#chance(25)) parts.push('import rego.v2');
    const logic = parts.length > 1;
    const count = 2 + this.#below(4);
    for (let index = 0; index < count; index++) parts.push(this.#rule(logic));
    return {
      module: `${parts.join('\n\n')}\n`,
      input: {
        n: this.#below(4),
        s: this.#pick(['a', 'b', 'xyz']),
        xs: [1, 2, 2, 'a'].slice(this.#below(3)),
        o: { a: 1, b: [1, 2] },
      },
      data: { base: { xs: [3, 1, 2], o: { a: 'x', c: { d: 1 } }, m: [[1, 2], [3]] } },
      query: 'data.generated',
    };
  }

  #rule(logic: boolean): string {
    const name = `p${this.#rules}`;
    const body = this.#body(['x', 'y'], 1 + this.#below(3), logic);
    const value = this.#term(['x', 'y'], 1);
    switch (this.#below(8)) {
      case 0: {
        const made = `f${this.#functions++}(x, y) := ${value} if {\n${body}\n}`;
        return this.#chance(30) ? `default f${this.#functions - 1}(_, _) := "d"\n${made}` : made;
      }
      case 1:
        return this.#finished(
          `${name} contains ${value} if {\n\tx := ${this.#term([], 1)}\n\ty := ${this.#element()}\n${body}\n}`,
        );
      case 2:
        return this.#finished(
          `${name}[${this.#pick(['x', 'y', '"k"', '1'])}] := ${value} if {\n\tsome x, y in ${this.#collection([])}\n${body}\n}`,
        );
      case 3:
        return this.#finished(
          `default ${name} := ${this.#pick(CONSTANTS)}\n${name} := ${value} if {\n\tsome x, y in ${this.#collection([])}\n${body}\n}`,
        );
      case 4:
        return this.#finished(
          `${name} := ${value} if {\n\tx := ${this.#term([], 2)}\n\ty := 1\n${body}\n} else := ${this.#pick(CONSTANTS)} if {\n\t${this.#pick(PATHS)}\n}`,
        );
      default:
        return this.#finished(
          `${name} := ${value} if {\n\tx := ${this.#term([], 2)}\n\ty := ${this.#element()}\n${body}\n}`,
        );
    }
  }

  /** The text of a rule, which later rules may refer to. */
  #finished(text: string): string {
    this.#rules++;
    return text;
  }

  #body(vars: readonly string[], count: number, logic: boolean): string {
    const known = [...vars];
    const lines: string[] = [];
    for (let index = 0; index < count; index++) lines.push(`\t${this.#expr(known, logic, 2)}`);
    return lines.join('\n');
  }

  /** An expression; it may declare further variables, which are added to the known ones. */
  #expr(vars: string[], logic: boolean, depth: number): string {
    const fresh = (): string => `v${vars.length}`;
    switch (this.#below(logic && depth > 0 ? 14 : 11)) {
      case 0:
      case 1: {
        const name = fresh();
        const line = `${name} := ${this.#term(vars, 2)}`;
        vars.push(name);
        return line;
      }
      case 2: {
        const name = fresh();
        const line = `some ${name} in ${this.#collection(vars)}`;
        vars.push(name);
        return line;
      }
      case 3: {
        const name = fresh();
        const line = `${this.#pick(['[', '{"a": '])}${name}${''}`;
        const pattern = line.startsWith('[') ? `${line}, ${this.#pick(CONSTANTS)}]` : `${line}}`;
        const source = line.startsWith('[')
          ? `[${this.#term(vars, 1)}, ${this.#pick(CONSTANTS)}]`
          : `{"a": ${this.#term(vars, 1)}}`;
        vars.push(name);
        return `${pattern} = ${source}`;
      }
      case 4:
        return `not ${this.#condition(vars)}`;
      case 5:
        return `every e in ${this.#collection(vars)} { ${this.#condition([...vars, 'e'])} }`;
      case 6:
        return `${this.#element(vars)} in ${this.#collection(vars)}`;
      case 7:
        return `${this.#condition(vars)} with ${this.#pick(['input.n', 'input.o.a', 'data.base.xs', 'input'])} as ${this.#pick([...CONSTANTS, '{"n": 7, "xs": [7]}', '[8]'])}`;
      case 8: {
        const name = fresh();
        const line = `${this.#pick(['input.xs', 'data.base.m', 'data.base.o', 'input.o.b'])}[${name}]`;
        vars.push(name);
        return line;
      }
      case 11:
        return `${this.#condition(vars)} ${this.#pick(['and', 'or'])} ${this.#condition(vars)}`;
      case 12:
        return `{ ${this.#condition(vars)} } ${this.#pick(['and', 'or'])} not ${this.#condition(vars)}`;
      case 13:
        return `not { ${this.#condition(vars)} }`;
      default:
        return this.#condition(vars);
    }
  }

  #condition(vars: readonly string[]): string {
    return this.#chance(80)
      ? `${this.#chance(70) ? this.#pick([...PATHS, ...vars]) : this.#term(vars, 1)} ${this.#pick(BINARY)} ${this.#term(vars, 1)}`
      : this.#pick([...PATHS, ...vars, 'true']);
  }

  #element(vars: readonly string[] = []): string {
    return this.#chance(30) ? this.#pick(CONSTANTS) : this.#pick([...PATHS, ...vars]);
  }

  #collection(vars: readonly string[]): string {
    return this.#chance(60)
      ? this.#pick(['input.xs', 'data.base.xs', 'data.base.o', 'input.o', 'data.base.m', ...COLLECTIONS.slice(1)])
      : this.#comprehension(vars);
  }

  #comprehension(vars: readonly string[]): string {
    const inner = [...vars, 'c'];
    const source = this.#pick(['input.xs', 'data.base.xs', '[1, 2]', '{"q": 1}']);
    const filter = this.#chance(50) ? `; ${this.#condition(inner)}` : '';
    const tail = `some c in ${source}${filter}`;
    const value = this.#chance(70) ? 'c' : `[c, ${this.#element(vars)}]`;
    return this.#pick([`[${value} | ${tail}]`, `{${value} | ${tail}}`, `{${value}: 1 | ${tail}}`]);
  }

  #number(vars: readonly string[], depth: number): string {
    return this.#chance(85) ? this.#pick(NUMBERS) : this.#term(vars, depth);
  }

  #operand(kind: string, vars: readonly string[]): string {
    if (kind === 'N') return this.#pick(NUMBERS);
    return kind === 'S' ? this.#pick(STRINGS) : this.#pick([...PATHS, ...vars]);
  }

  #term(vars: readonly string[], depth: number): string {
    if (depth === 0) return this.#element(vars);
    switch (this.#below(12)) {
      case 0:
        return `${this.#number(vars, depth - 1)} ${this.#pick(ARITHMETIC)} ${this.#number(vars, depth - 1)}`;
      case 1:
        return `${this.#pick(UNARY_CALLS)}(${this.#chance(80) ? this.#pick([...PATHS, ...vars]) : this.#collection(vars)})`;
      case 9:
      case 10:
        return this.#pick(CALLS).replace(/\b[ANS]\b/g, (kind) => this.#operand(kind, vars));
      case 2:
        return `[${this.#term(vars, depth - 1)}, ${this.#element(vars)}]`;
      case 3:
        return `{"k": ${this.#term(vars, depth - 1)}}`;
      case 4:
        return this.#comprehension(vars);
      case 5:
        return this.#pick(COLLECTIONS);
      case 6: {
        if (this.#rules === 0) return this.#element(vars);
        const rule = `p${this.#below(this.#rules)}`;
        return this.#pick([rule, `${rule}[${this.#element(vars)}]`]);
      }
      case 7:
        return this.#functions === 0
          ? this.#element(vars)
          : `f${this.#below(this.#functions)}(${this.#element(vars)}, ${this.#element(vars)})`;
      default:
        return this.#element(vars);
    }
  }
}
