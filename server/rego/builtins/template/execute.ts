import type { BuiltinError } from '../../errors.ts';
import { Arguments } from './arguments.ts';
import { MAIN, type Pipeline, type Template, type TemplateCall, type TemplateNode } from './nodes.ts';
import { Place } from './place.ts';
import { Held, isTrue, List, type Reflected, released, sortedEntries, valueText } from './values.ts';
import { Variables } from './variables.ts';

/** Renders a template with data. `charge` is told of every node and of the lengths that are written. */
export function executeTemplate(template: Template, data: Reflected, charge: (length: number) => void): string {
  return new Execution(template, charge).run(data);
}

/** How many templates may be called within each other, and how many lists of nodes be open. */
const MAXIMUM_CALLS = 1000;
const MAXIMUM_LISTS = 2000;

type Outcome = 'done' | 'break' | 'continue';

class Execution {
  readonly #template: Template;
  readonly #charge: (length: number) => void;
  readonly #place: Place;
  readonly #arguments: Arguments;
  #out = '';
  #calls = 0;
  #lists = 0;

  constructor(template: Template, charge: (length: number) => void) {
    this.#template = template;
    this.#charge = charge;
    this.#place = new Place(template.text);
    this.#arguments = new Arguments(this.#place, charge);
  }

  run(data: Reflected): string {
    this.#list(this.#template.bodies.get(MAIN)!, data, new Variables(data, this.#charge));
    return this.#out;
  }

  #write(text: string): void {
    this.#charge(text.length);
    this.#out += text;
  }

  #list(nodes: readonly TemplateNode[], dot: Reflected, variables: Variables): Outcome {
    this.#lists += 1;
    if (this.#lists > MAXIMUM_LISTS) throw this.#tooDeep();
    for (const node of nodes) {
      const outcome = this.#node(node, dot, variables);
      if (outcome === 'done') continue;
      this.#lists -= 1;
      return outcome;
    }
    this.#lists -= 1;
    return 'done';
  }

  #tooDeep(): BuiltinError {
    // The depth that Go's own message tells; the stack of this process ends earlier.
    return this.#place.fail('exceeded maximum template depth (100000)');
  }

  #node(node: TemplateNode, dot: Reflected, variables: Variables): Outcome {
    this.#charge(32);
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'done';
      case 'action': {
        const value = released(this.#arguments.pipeline(node.pipeline, dot, variables));
        if (node.pipeline.variables.length === 0) this.#write(value === undefined ? '<no value>' : valueText(value));
        return 'done';
      }
      case 'template':
        this.#call(node, dot, variables);
        return 'done';
      case 'range':
        return variables.within(() => this.#range(node, dot, variables));
      case 'if':
      case 'with':
        return variables.within(() => {
          const value = this.#arguments.pipeline(node.pipeline, dot, variables);
          if (!isTrue(value)) return this.#list(node.otherwise, dot, variables);
          return this.#list(node.body, node.kind === 'with' ? value : dot, variables);
        });
      default:
        return node.kind;
    }
  }

  #call(node: TemplateCall, dot: Reflected, variables: Variables): void {
    this.#place.at(node);
    const body = this.#template.bodies.get(node.name);
    if (!body) throw this.#place.fail(`template ${JSON.stringify(node.name)} not defined`);
    this.#calls += 1;
    if (this.#calls > MAXIMUM_CALLS) throw this.#tooDeep();
    const data = node.pipeline && this.#arguments.pipeline(node.pipeline, dot, variables);
    this.#place.within(node.name, () => this.#list(body, data, new Variables(data, this.#charge)));
    this.#calls -= 1;
  }

  #range(
    { pipeline, body, otherwise }: Extract<TemplateNode, { kind: 'range' | 'if' | 'with' }>,
    dot: Reflected,
    variables: Variables,
  ): Outcome {
    const collection = this.#arguments.pipeline(pipeline, dot, variables);
    let isEmpty = true;
    for (const [key, value] of this.#elements(collection, pipeline)) {
      isEmpty = false;
      const outcome = variables.within(() => {
        this.#assign(pipeline, key, value, variables);
        return this.#list(body, value, variables);
      });
      if (outcome === 'break') break;
    }
    return isEmpty ? this.#list(otherwise, dot, variables) : 'done';
  }

  /** Gives the element to the only variable, or the key and the element to two. */
  #assign({ variables: names, declares }: Pipeline, key: Reflected, value: Reflected, variables: Variables): void {
    const values = names.length > 1 ? [key, value] : [value];
    for (const [position, name] of names.entries()) {
      if (declares) variables.declare(name, values[position]);
      else if (!variables.assign(name, values[position])) throw this.#place.fail(`undefined variable: ${name}`);
    }
  }

  *#elements(collection: Reflected, { variables }: Pipeline): Generator<readonly [Reflected, Reflected]> {
    const value = released(collection);
    if (value === undefined) return;
    if (value instanceof List) {
      for (let position = 0; position < value.length; position += 1)
        yield [BigInt(position), new Held(value.at(position))];
    } else if (value instanceof Map) {
      this.#charge(16 * value.size);
      for (const [key, member] of sortedEntries(value)) yield [key, new Held(member)];
    } else if (typeof value === 'bigint') {
      if (variables.length > 1) throw this.#place.fail(`can't use ${value} to iterate over more than one variable`);
      for (let count = 0n; count < value; count += 1n) yield [count, count];
    } else {
      throw this.#place.fail(`range can't iterate over ${valueText(value)}`);
    }
  }
}
