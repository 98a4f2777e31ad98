import { BuiltinError } from '../../errors.ts';
import { callFunction } from './functions.ts';
import type { Command, Operand, Pipeline, Template, TemplateNode } from './nodes.ts';
import { Digits, isList, isTrue, sortedEntries, type TemplateValue, typeNameOf, valueText } from './values.ts';

/** Renders a template with data. `charge` is told of every node and of the lengths that are written. */
export function executeTemplate(template: Template, data: TemplateValue, charge: (length: number) => void): string {
  return new Execution(template, charge).run(data);
}

const MAXIMUM_DEPTH = 100;

type Variables = Map<string, { value: TemplateValue }>;
type Outcome = 'done' | 'break' | 'continue';

class Execution {
  readonly #template: Template;
  readonly #charge: (length: number) => void;
  #out = '';
  #depth = 0;

  constructor(template: Template, charge: (length: number) => void) {
    this.#template = template;
    this.#charge = charge;
  }

  run(data: TemplateValue): string {
    this.#list(this.#template.body, data, new Map([['$', { value: data }]]));
    return this.#out;
  }

  #fail(reason: string): BuiltinError {
    return new BuiltinError(`template: template: executing "template": ${reason}`);
  }

  #write(text: string): void {
    this.#charge(text.length);
    this.#out += text;
  }

  #list(nodes: readonly TemplateNode[], dot: TemplateValue, outer: Variables): Outcome {
    const variables: Variables = new Map(outer);
    for (const node of nodes) {
      const outcome = this.#node(node, dot, variables);
      if (outcome !== 'done') return outcome;
    }
    return 'done';
  }

  #node(node: TemplateNode, dot: TemplateValue, variables: Variables): Outcome {
    this.#charge(32);
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'done';
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot, variables);
        if (node.pipeline.variables.length === 0) this.#write(valueText(value));
        return 'done';
      }
      case 'template':
        this.#call(node.name, node.pipeline && this.#pipeline(node.pipeline, dot, variables));
        return 'done';
      case 'range':
        return this.#range(node, dot, variables);
      case 'if':
      case 'with': {
        const inner: Variables = new Map(variables);
        const value = this.#pipeline(node.pipeline, dot, inner);
        if (!isTrue(value)) return this.#list(node.otherwise, dot, inner);
        return this.#list(node.body, node.kind === 'with' ? value : dot, inner);
      }
      default:
        return node.kind;
    }
  }

  #call(name: string, data: TemplateValue): void {
    const body = this.#template.defined.get(name);
    if (!body) throw this.#fail(`template "${name}" not defined`);
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw this.#fail(`exceeded maximum template depth (${MAXIMUM_DEPTH})`);
    this.#list(body, data, new Map([['$', { value: data }]]));
    this.#depth -= 1;
  }

  #range(
    node: Extract<TemplateNode, { kind: 'range' | 'if' | 'with' }>,
    dot: TemplateValue,
    variables: Variables,
  ): Outcome {
    const inner: Variables = new Map(variables);
    const { variables: names, declares } = node.pipeline;
    const collection = this.#commands(node.pipeline, dot, inner);
    let isEmpty = true;
    for (const [key, value] of this.#elements(collection)) {
      isEmpty = false;
      const scope: Variables = new Map(inner);
      const values = names.length === 2 ? [key, value] : [value];
      for (const [position, name] of names.entries()) this.#assign(scope, name, values[position], declares);
      if (this.#list(node.body, value, scope) === 'break') break;
    }
    return isEmpty ? this.#list(node.otherwise, dot, inner) : 'done';
  }

  #elements(value: TemplateValue): Iterable<readonly [TemplateValue, TemplateValue]> {
    if (isList(value)) return value.map((item, position) => [BigInt(position), item] as const);
    if (value instanceof Map) return sortedEntries(value);
    if (typeof value === 'bigint') return countTo(value);
    if (value === undefined || value === null) return [];
    throw this.#fail(`range can't iterate over ${valueText(value)}`);
  }

  #assign(variables: Variables, name: string, value: TemplateValue, declares: boolean): void {
    const known = variables.get(name);
    if (known && !declares) known.value = value;
    else variables.set(name, { value });
  }

  #pipeline(pipeline: Pipeline, dot: TemplateValue, variables: Variables): TemplateValue {
    const value = this.#commands(pipeline, dot, variables);
    for (const name of pipeline.variables) this.#assign(variables, name, value, pipeline.declares);
    return value;
  }

  #commands(pipeline: Pipeline, dot: TemplateValue, variables: Variables): TemplateValue {
    let value: TemplateValue;
    for (const [position, command] of pipeline.commands.entries()) {
      value = this.#command(command, dot, variables, position === 0 ? [] : [value]);
    }
    return value;
  }

  #command(
    [first, ...rest]: Command,
    dot: TemplateValue,
    variables: Variables,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    this.#charge(32);
    const { base } = first as Operand;
    if (base.kind !== 'function') {
      if (rest.length + piped.length > 0) throw this.#fail("can't give argument to non-function");
      return this.#operand(first as Operand, dot, variables);
    }
    if (base.name === 'and' || base.name === 'or') return this.#shortCircuit(base.name, rest, dot, variables, piped);
    const args = rest.map((operand) => this.#operand(operand, dot, variables));
    try {
      return callFunction(base.name, [...args, ...piped], this.#charge);
    } catch (error) {
      throw error instanceof BuiltinError ? this.#fail(error.message) : error;
    }
  }

  #shortCircuit(
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: TemplateValue,
    variables: Variables,
    piped: readonly TemplateValue[],
  ): TemplateValue {
    let value: TemplateValue;
    for (const operand of operands) {
      value = this.#operand(operand, dot, variables);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #operand({ base, fields }: Operand, dot: TemplateValue, variables: Variables): TemplateValue {
    switch (base.kind) {
      case 'literal':
        return base.value;
      case 'nil':
        return null;
      case 'dot':
        return this.#fields(dot, fields);
      case 'variable':
        return this.#fields(variables.get(base.name)?.value, fields);
      case 'pipeline':
        return this.#fields(this.#pipeline(base.pipeline, dot, new Map(variables)), fields);
      default:
        return this.#command([{ base, fields }], dot, variables, []);
    }
  }

  #fields(value: TemplateValue, fields: readonly string[]): TemplateValue {
    let current = value;
    for (const field of fields) {
      if (current instanceof Map) current = current.get(field);
      else if (current === null) throw this.#fail(`nil pointer evaluating interface {}.${field}`);
      else if (current !== undefined) {
        const type = current instanceof Digits ? 'interface {}' : typeNameOf(current);
        throw this.#fail(`can't evaluate field ${field} in type ${type}`);
      }
    }
    return current;
  }
}

function* countTo(limit: bigint): Generator<readonly [bigint, bigint]> {
  for (let count = 0n; count < limit; count += 1n) yield [count, count];
}
