import { BuiltinError } from '../../errors.ts';
import { callValue, functionOf, type TemplateFunction } from './functions.ts';
import { type Argument, type Command, type Literal, type Pipeline, type Shown, shownText } from './nodes.ts';
import type { Place } from './place.ts';
import { Digits, Held, isTrue, type Reflected, released, typeNameOf } from './values.ts';
import type { Variables } from './variables.ts';

/** The surroundings of a value: what `.` is, and the variables. */
interface Scope {
  readonly dot: Reflected;
  readonly variables: Variables;
}

/** What a pipeline hands to its next command, in a box: nothing is handed to the first one. */
type Handed = { readonly value: Reflected } | undefined;
type Parameter = TemplateFunction['parameters'][number];

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 63n - 1n;

/** Computes what stands within actions. The order in which it marks the place is that of Go: messages show it. */
export class Arguments {
  readonly #place: Place;
  readonly #charge: (length: number) => void;

  constructor(place: Place, charge: (length: number) => void) {
    this.#place = place;
    this.#charge = charge;
  }

  /** The value of a pipeline, which its variables get too. */
  pipeline(pipeline: Pipeline, dot: Reflected, variables: Variables): Reflected {
    this.#place.at(pipeline);
    let handed: Handed;
    for (const command of pipeline.commands) {
      handed = { value: released(this.#command(command, { dot, variables }, handed)) };
    }
    const value = handed?.value;
    for (const name of pipeline.variables) {
      if (pipeline.declares) variables.declare(name, value);
      else if (!variables.assign(name, value)) throw this.#place.fail(`undefined variable: ${name}`);
    }
    return value;
  }

  #command(command: Command, scope: Scope, handed: Handed): Reflected {
    this.#charge(32);
    const first = command.args[0]!;
    const rest = command.args.slice(1);
    switch (first.kind) {
      case 'field':
      case 'variable':
      case 'chain':
        return this.#reference(first, scope, command.args, handed);
      case 'function':
        this.#place.at(first);
        return this.#call(first.name, command, rest, scope, handed);
      case 'pipeline':
        this.#refuseArguments(command.args, handed);
        return this.pipeline(first, scope.dot, scope.variables);
      default:
        this.#place.at(first);
        this.#refuseArguments(command.args, handed);
        if (first.kind === 'dot') return scope.dot;
        if (first.value === undefined) throw this.#place.fail('nil is not a command');
        return this.#literal(first);
    }
  }

  #refuseArguments(args: readonly Argument[], handed: Handed): void {
    if (args.length > 1 || handed) throw this.#place.fail(`can't give argument to non-function ${shownText(args[0]!)}`);
  }

  #literal({ value, text }: Literal): Reflected {
    if (typeof value === 'bigint' && (value < SMALLEST || value > LARGEST))
      throw this.#place.fail(`${text} overflows int`);
    return value;
  }

  #reference(
    node: Extract<Argument, { kind: 'field' | 'variable' | 'chain' }>,
    scope: Scope,
    args: readonly Argument[],
    handed: Handed,
  ): Reflected {
    this.#place.at(node);
    switch (node.kind) {
      case 'field':
        return this.#fields(scope.dot, node.names, args, handed);
      case 'variable': {
        const [name = '', ...names] = node.names;
        const variable = scope.variables.read(name);
        if (!variable) throw this.#place.fail(`undefined variable: ${name}`);
        if (names.length === 0) this.#refuseArguments(args, handed);
        return names.length === 0 ? variable.value : this.#fields(variable.value, names, args, handed);
      }
      default: {
        const value = this.#value(node.of, scope);
        return this.#fields(value, node.names, args, handed);
      }
    }
  }

  #fields(value: Reflected, names: readonly string[], args: readonly Argument[], handed: Handed): Reflected {
    let current = value;
    for (const [position, name] of names.entries()) {
      const hasArguments = position === names.length - 1 && (args.length > 1 || handed !== undefined);
      current = this.#field(current, name, hasArguments);
    }
    return current;
  }

  #field(value: Reflected, name: string, hasArguments: boolean): Reflected {
    if (value === undefined) return undefined;
    const plain = released(value);
    if (plain === undefined) throw this.#place.fail(`nil pointer evaluating interface {}.${name}`);
    if (!(plain instanceof Map)) throw this.#place.fail(`can't evaluate field ${name} in type ${typeNameOf(value)}`);
    if (hasArguments) throw this.#place.fail(`${name} is not a method but has arguments`);
    return plain.has(name) ? new Held(plain.get(name)) : undefined;
  }

  /** An argument as it is found, with no demands on its type. */
  #value(node: Argument, scope: Scope): Reflected {
    this.#place.at(node);
    switch (node.kind) {
      case 'dot':
        return scope.dot;
      case 'literal':
        return this.#literal(node);
      case 'field':
        return this.#reference(node, scope, [node], undefined);
      case 'variable':
      case 'chain':
        return this.#reference(node, scope, [], undefined);
      case 'pipeline':
        return this.pipeline(node, scope.dot, scope.variables);
      default:
        return this.#call(node.name, node, [], scope, undefined);
    }
  }

  #argument(node: Argument, parameter: Parameter, scope: Scope): Reflected {
    if (parameter === 'text' && node.kind === 'literal') {
      this.#place.at(node);
      if (node.value === undefined) throw this.#place.fail('cannot assign nil to string');
      if (typeof node.value !== 'string') throw this.#place.fail(`expected string; found ${node.text}`);
      return node.value;
    }
    return this.#fitting(this.#value(node, scope), parameter);
  }

  #fitting(value: Reflected, parameter: Parameter): Reflected {
    if (parameter === 'found') return value;
    const plain = released(value);
    if (parameter === 'any' || typeof plain === 'string') return plain;
    if (value === undefined) throw this.#place.fail('invalid value; expected string');
    throw this.#place.fail(`wrong type for value; expected string; got ${typeNameOf(plain ?? value)}`);
  }

  #call(name: string, node: Shown, nodes: readonly Argument[], scope: Scope, handed: Handed): Reflected {
    const { parameters, variadic, run } = functionOf(name);
    this.#checkCount(name, nodes.length, handed ? 1 : 0);
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, nodes, scope, handed);
    const parameterAt = (position: number) => parameters[Math.min(position, parameters.length - 1)]!;
    const args = nodes.map((argument, position) => this.#argument(argument, parameterAt(position), scope));
    if (handed) args.push(this.#fitting(handed.value, variadic ? parameterAt(args.length) : parameters.at(-1)!));
    try {
      if (name === 'call') throw callValue(args[0], nodes[0] ? shownText(nodes[0]) : handedText(args[0]));
      for (const arg of args) this.#charge(textLength(arg));
      const result = run(args, this.#charge);
      this.#charge(textLength(result));
      return result;
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      this.#place.at(node);
      throw this.#place.fail(`error calling ${name}: ${error.message}`);
    }
  }

  #checkCount(name: string, given: number, handed: number): void {
    const { parameters, variadic } = functionOf(name);
    const fixed = variadic ? parameters.length - 1 : parameters.length;
    const count = given + handed;
    if (variadic ? count >= fixed : count === fixed) return;
    const [want, got] = variadic ? [`at least ${fixed}`, given] : [fixed, count];
    throw this.#place.fail(`wrong number of args for ${name}: want ${want} got ${got}`);
  }

  #shortCircuit(name: 'and' | 'or', nodes: readonly Argument[], scope: Scope, handed: Handed): Reflected {
    let value: Reflected;
    for (const node of nodes) {
      value = this.#value(node, scope);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return handed ? handed.value : value;
  }
}

/** How long a text is that is looked through; other values cost nothing more. */
function textLength(value: Reflected): number {
  const plain = released(value);
  if (plain instanceof Digits) return plain.text.length;
  return typeof plain === 'string' ? plain.length : 0;
}

/** A value as Go names one that came from a pipeline. */
function handedText(value: Reflected): string {
  const plain = released(value);
  if (plain instanceof Digits) return plain.text;
  return typeof plain === 'string' ? plain : `<${plain === undefined ? 'invalid' : typeNameOf(plain)} Value>`;
}
