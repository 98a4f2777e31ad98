/** Makes the rules of generated policies. */
import { BodyMaker } from './bodies.ts';
import type { Random } from './random.ts';
import type { Defined, Known } from './terms.ts';

/** Makes rules one after another; each may use those before it. */
export class RuleMaker {
  readonly #random: Random;
  readonly #defined: Defined = { rules: [], functions: [], logic: false };
  readonly #bodies: BodyMaker;
  #names = 0;

  constructor(random: Random, logic: boolean) {
    this.#random = random;
    this.#defined.logic = logic;
    this.#bodies = new BodyMaker(random, this.#defined);
  }

  /** One or more rules of a new name. */
  rule(): string {
    if (this.#random.chance(18)) return this.#function();
    const name = `p${this.#names++}`;
    const text = this.#named(name);
    this.#defined.rules.push(name);
    return text;
  }

  #named(name: string): string {
    const random = this.#random;
    switch (random.below(9)) {
      case 0:
        return this.#constant(name);
      case 1:
      case 2:
        return this.#members(name);
      case 3:
      case 4:
        return this.#entries(name);
      default:
        return this.#complete(name);
    }
  }

  /** A body with what it declares at hand, and a value over its variables. */
  #body(): { body: string; vars: Known[] } {
    const vars: Known[] = [];
    const body = this.#bodies.lines(vars, 1 + this.#random.below(4));
    return { body, vars };
  }

  #value(vars: readonly Known[], depth = 2): string {
    return this.#bodies.terms.term(this.#bodies.terms.kind(), vars, depth);
  }

  #constant(name: string): string {
    if (this.#random.chance(30)) return `${name} if ${this.#bodies.terms.condition([])}`;
    if (this.#random.chance(30)) return `${name} if {\n${this.#body().body}\n}`;
    return `${name} := ${this.#value([])}`;
  }

  #complete(name: string): string {
    const { body, vars } = this.#body();
    const parts: string[] = [];
    if (this.#random.chance(30)) parts.push(`default ${name} := ${this.#bodies.terms.constant()}`);
    let rule = `${name} := ${this.#value(vars)} if {\n${body}\n}`;
    while (this.#random.chance(30)) {
      const otherwise = this.#body();
      rule += ` else := ${this.#value(otherwise.vars, 1)} if {\n${otherwise.body}\n}`;
    }
    if (this.#random.chance(15)) rule += ` else := ${this.#bodies.terms.constant()}`;
    parts.push(rule);
    return parts.join('\n\n');
  }

  #members(name: string): string {
    const { body, vars } = this.#body();
    const head = this.#random.pick([name, name, `${name}.a`, `${name}[${this.#key(vars)}]`, `${name}.in.if`]);
    const made = `${head} contains ${this.#value(vars, 1)} if {\n${body}\n}`;
    if (!this.#random.chance(35)) return made;
    const again = head.includes('[') ? name.concat('["k"]') : head;
    return `${made}\n\n${again} contains ${this.#value([], 1)}`;
  }

  #entries(name: string): string {
    const { body, vars } = this.#body();
    const head = this.#random.pick([
      `${name}[${this.#key(vars)}]`,
      `${name}[${this.#key(vars)}]`,
      `${name}[${this.#key(vars)}][${this.#key(vars)}]`,
      `${name}.a[${this.#key(vars)}].b`,
      `${name}.if.b`,
      `${name}["a b"][${this.#key(vars)}]`,
    ]);
    const made = `${head} := ${this.#value(vars, 1)} if {\n${body}\n}`;
    if (!this.#random.chance(35) || head.endsWith('.b')) return made;
    return `${made}\n\n${name}[${this.#random.pick(['"k"', '1', '"a"', 'null'])}] := ${this.#value([], 1)}`;
  }

  #key(vars: readonly Known[]): string {
    return this.#random.chance(60)
      ? this.#bodies.terms.simple('any', vars)
      : this.#random.pick(['"k"', '1', '"a b"', 'input.n', 'input.s']);
  }

  #function(): string {
    const random = this.#random;
    const name = `f${this.#defined.functions.length}`;
    const arity = 1 + random.below(2);
    const parts: string[] = [];
    if (random.chance(25)) {
      const args = Array.from({ length: arity }, () => '_').join(', ');
      parts.push(`default ${name}(${args}) := ${this.#bodies.terms.constant()}`);
    }
    if (random.chance(30)) {
      // Definitions that exclude each other: whether others clash can depend on which of them an engine looks at.
      for (const constant of ['1', '"a"']) parts.push(this.#definition(name, arity, constant));
    } else parts.push(this.#definition(name, arity));
    this.#defined.functions.push([name, arity]);
    return parts.join('\n\n');
  }

  #definition(name: string, arity: number, first?: string): string {
    const random = this.#random;
    const vars: Known[] = [];
    const args = Array.from(
      { length: arity },
      (_, index) => (index === 0 ? first : undefined) ?? this.#argument(vars),
    ).join(', ');
    if (random.chance(20)) return `${name}(${args}) := ${this.#value(vars)}`;
    const body = this.#bodies.lines(vars, 1 + random.below(3));
    let made = `${name}(${args}) := ${this.#value(vars)} if {\n${body}\n}`;
    if (random.chance(35)) made += ` else := ${this.#value([], 1)} if {\n${this.#body().body}\n}`;
    if (random.chance(25)) made += ` else := ${this.#bodies.terms.constant()}`;
    return made;
  }

  #argument(vars: Known[]): string {
    const { terms } = this.#bodies;
    const declare = (): string => {
      const name = terms.freshName();
      vars.push({ name, kind: 'any' });
      return name;
    };
    switch (this.#random.below(8)) {
      case 0:
        return `[${declare()}, ${declare()}]`;
      case 1:
        return `{"a": ${declare()}}`;
      case 2:
        return terms.constant();
      case 3:
        return '_';
      default:
        return declare();
    }
  }
}
