/** Makes the terms of generated policies. */
import { CALLS } from './calls.ts';
import type { Random } from './random.ts';
import { TEXTS } from './texts.ts';
import { ARITHMETIC, COMPARISONS, CONSTANTS, type Kind, PATHS } from './vocabulary.ts';

const KINDS: readonly Kind[] = ['any', 'number', 'string', 'boolean', 'array', 'set', 'object'];
const CALL_KINDS = ['number', 'string', 'boolean', 'array', 'set', 'object'] as const;

/** A variable in reach and what its values mostly are. */
export interface Known {
  readonly name: string;
  readonly kind: Kind;
}

/** What a module has defined so far, which later parts of it may use. */
export interface Defined {
  /** References to rules. */
  readonly rules: string[];
  /** Names of functions, with the number of their arguments. */
  readonly functions: [name: string, arity: number][];
  /** Whether `and`, `or` and whole negation are switched on. */
  logic: boolean;
}

/** Makes a body of expressions over the variables, on one line. */
export type MakeBody = (vars: readonly Known[], depth: number) => string;

/** Makes terms; comprehensions take their bodies from `makeBody`. */
export class TermMaker {
  readonly #random: Random;
  readonly #defined: Defined;
  readonly #makeBody: MakeBody;
  #fresh = 0;

  constructor(random: Random, defined: Defined, makeBody: MakeBody) {
    this.#random = random;
    this.#defined = defined;
    this.#makeBody = makeBody;
  }

  /** A name for a variable that no other has. */
  freshName(): string {
    return `v${this.#fresh++}`;
  }

  kind(): Kind {
    return this.#random.pick(KINDS);
  }

  constant(kind: Kind = this.kind()): string {
    return this.#random.pick(CONSTANTS[kind]);
  }

  /** A term without parts of its own, mostly of the kind. */
  simple(kind: Kind, vars: readonly Known[]): string {
    const random = this.#random;
    const fitting = vars.filter((known) => known.kind === kind || known.kind === 'any' || kind === 'any');
    if (fitting.length > 0 && random.chance(45)) return random.pick(fitting).name;
    if (random.chance(6)) return random.pick(PATHS[this.kind()].concat('input.xs'));
    const paths = PATHS[kind];
    return paths.length > 0 && random.chance(65) ? random.pick(paths) : random.pick(CONSTANTS[kind]);
  }

  /** A term, mostly of the kind; `depth` bounds how far its parts nest. */
  term(kind: Kind, vars: readonly Known[], depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.simple(kind, vars);
    if (kind === 'any') return this.term(this.kind(), vars, depth - 1);
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        return this.#call(kind, vars, depth);
      case 3:
      case 4:
        return this.#literal(kind, vars, depth);
      case 5:
        return this.#own(vars, depth) ?? this.simple(kind, vars);
      case 6:
        return this.#step(vars);
      default:
        return this.simple(kind, vars);
    }
  }

  /** Something that can be iterated. */
  collection(vars: readonly Known[], depth: number): string {
    const kind = this.#random.pick(['array', 'array', 'set', 'object'] as const);
    return this.#random.chance(5) ? this.simple('any', vars) : this.term(kind, vars, depth);
  }

  /** A comparison, a membership test, or a single term. */
  condition(vars: readonly Known[], depth = 1): string {
    const random = this.#random;
    const kind = this.kind();
    const made = this.term(kind, vars, depth);
    // What begins with a sign would go on the line before it.
    const left = /^\(*-/.test(made) ? 'input.m' : made;
    switch (random.below(10)) {
      case 0:
        return this.simple('any', vars);
      case 1:
        return this.term('boolean', vars, depth);
      case 2:
        return `${this.simple(kind, vars)} in ${this.collection(vars, depth)}`;
      case 3:
        return `${this.simple('any', vars)}, ${this.simple(kind, vars)} in ${this.collection(vars, depth)}`;
      case 4:
        return `${left} = ${this.term(kind, vars, depth)}`;
      default:
        return `${left} ${random.pick(COMPARISONS)} ${this.term(random.chance(90) ? kind : this.kind(), vars, depth)}`;
    }
  }

  #call(kind: Exclude<Kind, 'any'>, vars: readonly Known[], depth: number): string {
    const from = this.#random.chance(94) ? kind : this.#random.pick(CALL_KINDS);
    return this.#random.pick(CALLS[from]).replace(/<(text:)?(\w+)>/g, (_, text: string | undefined, name: string) => {
      if (text === undefined) return this.term(name as Kind, vars, this.#random.chance(25) ? depth - 1 : 0);
      return this.#random.chance(92) ? this.#random.pick(TEXTS[name]!) : this.simple('string', vars);
    });
  }

  #literal(kind: Exclude<Kind, 'any'>, vars: readonly Known[], depth: number): string {
    const random = this.#random;
    const item = (): string => this.term(this.kind(), vars, depth - 1);
    switch (kind) {
      case 'number':
        return this.#arithmetic(vars, depth);
      case 'string':
        return random.chance(40) ? this.#template(vars, depth) : this.constant('string');
      case 'boolean':
        return `${this.simple('any', vars)} in ${this.simple('array', vars)}`;
      case 'array':
        return random.chance(50) ? `[${item()}, ${item()}]` : `[${this.#comprehension(vars, depth, false)}]`;
      case 'set':
        return random.chance(50) ? `{${item()}, ${item()}}` : `{${this.#comprehension(vars, depth, false)}}`;
      case 'object':
        if (random.chance(40)) return `{${this.#comprehension(vars, depth, true)}}`;
        return `{${random.pick(['"k"', '"a"', '1', 'null', '[1]', '"a b"'])}: ${item()}, "z": ${item()}}`;
    }
  }

  #arithmetic(vars: readonly Known[], depth: number): string {
    const random = this.#random;
    const side = (): string => {
      const made = this.term('number', vars, depth - 1);
      return /^[\w.[\]"()]+$/.test(made) ? made : `(${made})`;
    };
    if (random.chance(10)) return `-${random.pick(['input.n', 'input.m', 'data.base.xs[0]'])}`;
    const text = `${side()} ${random.pick(ARITHMETIC)} ${side()}`;
    return random.chance(25) ? `${text} ${random.pick(ARITHMETIC)} ${side()}` : text;
  }

  #template(vars: readonly Known[], depth: number): string {
    const part = (): string => this.term(this.kind(), vars, depth - 1);
    const first = part();
    const second = this.#random.chance(50) ? ` \\{{${part()}}` : '';
    const raw = this.#random.chance(30) && !`${first}${second}`.includes('`');
    return raw ? `$\`<{${first}}>${second}\`` : `$"<{${first}}>${second}"`;
  }

  #comprehension(vars: readonly Known[], depth: number, keyed: boolean): string {
    const name = this.freshName();
    const inner = [...vars, { name, kind: this.kind() }];
    const source = this.collection(vars, depth - 1);
    const more = this.#random.chance(55) ? `; ${this.#makeBody(inner, depth - 1)}` : '';
    const value = this.#random.chance(60) ? name : `[${name}, ${this.simple('any', vars)}]`;
    const key = keyed ? `${this.#random.pick([name, `[${name}]`])}: ` : '';
    return `${key}${value} | some ${name} in ${source}${more}`;
  }

  /** A reference to a rule, or a call of a function, of the module itself. */
  #own(vars: readonly Known[], depth: number): string | undefined {
    const { rules, functions } = this.#defined;
    const random = this.#random;
    if (functions.length > 0 && random.chance(50)) {
      const [name, arity] = random.pick(functions);
      const args = Array.from({ length: arity }, () => this.term(this.kind(), vars, depth - 1));
      return `${name}(${args.join(', ')})`;
    }
    if (rules.length === 0) return undefined;
    const rule = random.pick(rules);
    const step = random.chance(40) ? `[${this.simple(random.pick(['string', 'number', 'any']), vars)}]` : '';
    return `${rule}${step}`;
  }

  /** A step into something by a variable or constant. */
  #step(vars: readonly Known[]): string {
    const random = this.#random;
    const base = random.pick([...PATHS.array, ...PATHS.object, ...vars.map(({ name }) => name)]);
    return `${base}[${random.chance(20) ? '_' : this.simple(random.pick(['string', 'number', 'any']), vars)}]`;
  }
}
