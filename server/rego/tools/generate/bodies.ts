/** Makes the expressions of generated policies. */
import type { Random } from './random.ts';
import { type Defined, type Known, TermMaker } from './terms.ts';
import { DOCUMENT_TARGETS, type Kind, REPLACEABLE } from './vocabulary.ts';

/** Makes bodies; the variables that an expression declares are added to the list it is given. */
export class BodyMaker {
  readonly terms: TermMaker;
  readonly #random: Random;
  readonly #defined: Defined;

  constructor(random: Random, defined: Defined) {
    this.#random = random;
    this.#defined = defined;
    this.terms = new TermMaker(random, defined, (vars, depth) => this.#inline(vars, depth));
  }

  /** Expressions on lines of their own. */
  lines(vars: Known[], count: number): string {
    return Array.from({ length: count }, () => `\t${this.#expr(vars, 2)}`).join('\n');
  }

  #inline(outer: readonly Known[], depth: number): string {
    const vars = [...outer];
    return Array.from({ length: 1 + this.#random.below(2) }, () => this.#expr(vars, depth)).join('; ');
  }

  #expr(vars: Known[], depth: number): string {
    const random = this.#random;
    const { terms } = this;
    if (depth <= 0) return terms.condition(vars, 0);
    switch (random.below(this.#defined.logic ? 20 : 16)) {
      case 0:
      case 1:
      case 2:
        return this.#assignment(vars, depth);
      case 3:
        return this.#someIn(vars, depth);
      case 4:
        return this.#destructuring(vars, depth);
      case 5:
        return `not ${this.#negatable(vars)}`;
      case 6:
        return this.#every(vars, depth);
      case 7:
      case 8:
        return `${terms.condition(vars)}${this.#modifiers(vars)}`;
      case 9: {
        const name = this.#declare(vars, 'any');
        const base = random.pick(['input.xs', 'data.base.m', 'data.base.o', 'input.o.b', 'data.base.names[_]']);
        return `${base}[${name}]`;
      }
      case 10: {
        const name = terms.freshName();
        const line = `some ${name}; ${terms.simple('array', vars)}[${name}] = ${terms.simple('any', vars)}`;
        vars.push({ name, kind: 'number' });
        return line;
      }
      case 16:
      case 17:
        return this.#logic(vars, depth);
      case 18:
        return `not {\n\t\t${this.#expr([...vars], depth - 1)}\n\t\t${terms.condition(vars)}\n\t}`;
      case 19:
        return `{ ${this.#inline(vars, depth - 1)} } ${random.pick(['and', 'or'])} not { ${this.#inline(vars, 0)} }`;
      default:
        return terms.condition(vars);
    }
  }

  /** A condition below `not`, which neither unifies nor is a mere constant. */
  #negatable(vars: readonly Known[]): string {
    const made = this.terms.condition(vars).replace(/ = /, ' == ');
    return made === 'true' || made === 'false' ? 'input.b' : made;
  }

  #declare(vars: Known[], kind: Kind): string {
    const name = this.terms.freshName();
    vars.push({ name, kind });
    return name;
  }

  #assignment(vars: Known[], depth: number): string {
    const kind = this.terms.kind();
    const value = this.terms.term(kind, vars, depth);
    const modifiers = this.#random.chance(20) ? this.#modifiers(vars) : '';
    return `${this.#declare(vars, kind)} := ${value}${modifiers}`;
  }

  #someIn(vars: Known[], depth: number): string {
    const source = this.terms.collection(vars, depth);
    switch (this.#random.below(4)) {
      case 0: {
        const key = this.#declare(vars, 'any');
        return `some ${key}, ${this.#declare(vars, 'any')} in ${source}`;
      }
      case 1: {
        const first = this.#declare(vars, 'number');
        return `some [${first}, ${this.#declare(vars, 'any')}] in ${source}`;
      }
      case 2:
        return `some {"a": ${this.#declare(vars, 'any')}} in ${source}`;
      default:
        return `some ${this.#declare(vars, 'any')} in ${source}`;
    }
  }

  #destructuring(vars: Known[], depth: number): string {
    const { terms } = this;
    const kind = terms.kind();
    const part = terms.term(kind, vars, depth - 1);
    const constant = terms.constant();
    switch (this.#random.below(5)) {
      case 0:
        return `[${this.#declare(vars, kind)}, ${constant}] = [${part}, ${this.#random.chance(60) ? constant : terms.constant()}]`;
      case 1:
        return `{"a": ${this.#declare(vars, kind)}} = {"a": ${part}}`;
      case 2: {
        const first = this.#declare(vars, 'any');
        return `[${first}, ${this.#declare(vars, 'any')}] := ${terms.simple('array', vars.slice(0, -2))}`;
      }
      case 3: {
        const first = this.#declare(vars, 'any');
        return `{"a": ${first}, "b": [${this.#declare(vars, 'any')}, _]} = ${this.#random.pick(['input.o', 'data.base.o'])}`;
      }
      default: {
        const first = this.#declare(vars, kind);
        return `[[${first}], {"k": [_, ${this.#declare(vars, 'number')}]}] := [[${part}], {"k": [0, input.n]}]`;
      }
    }
  }

  #every(vars: readonly Known[], depth: number): string {
    const { terms } = this;
    const source = terms.collection(vars, depth - 1);
    const value: Known = { name: terms.freshName(), kind: 'any' };
    const key: Known | undefined = this.#random.chance(30) ? { name: terms.freshName(), kind: 'any' } : undefined;
    const inner = [...vars, value, ...(key === undefined ? [] : [key])];
    const names = key === undefined ? value.name : `${key.name}, ${value.name}`;
    return `every ${names} in ${source} { ${this.#inline(inner, depth - 1)} }`;
  }

  #logic(vars: readonly Known[], depth: number): string {
    const { terms } = this;
    const operator = this.#random.pick(['and', 'or']);
    const right = this.#random.chance(30) ? `not ${terms.condition(vars)}` : terms.condition(vars);
    const text = `${terms.condition(vars)} ${operator} ${right}`;
    if (depth > 1 && this.#random.chance(40)) {
      return `(${text}) ${this.#random.pick(['and', 'or'])} ${terms.condition(vars)}`;
    }
    return this.#random.chance(25) ? `${text}${this.#modifiers(vars)}` : text;
  }

  /** `with` modifiers: of documents, of built-ins and of the module's own functions and rules. */
  #modifiers(vars: readonly Known[]): string {
    const random = this.#random;
    const { terms } = this;
    const { rules, functions } = this.#defined;
    const made: string[] = [];
    for (let count = 1 + random.below(2); count > 0; count--) {
      const value = terms.term(terms.kind(), vars, 1);
      switch (random.below(6)) {
        case 0: {
          const [name, arity] = random.pick(REPLACEABLE);
          const others = functions.filter(([, count]) => count === arity).map(([other]) => other);
          made.push(`with ${name} as ${others.length > 0 && random.chance(60) ? random.pick(others) : value}`);
          break;
        }
        case 1:
          if (functions.length > 0) made.push(`with ${random.pick(functions)[0]} as ${value}`);
          break;
        case 2:
          if (rules.length > 0) made.push(`with data.generated.${random.pick(rules)} as ${value}`);
          break;
        default:
          made.push(`with ${random.pick(DOCUMENT_TARGETS)} as ${value}`);
      }
    }
    return made.map((modifier) => ` ${modifier}`).join('');
  }
}
