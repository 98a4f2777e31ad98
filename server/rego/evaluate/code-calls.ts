/** Compiles calls of built-ins and of functions that policies define. */
import type { Builtin } from '../builtins/types.ts';
import type { Target } from '../compile/target.ts';
import type { CallExpr, Term } from '../syntax/ast.ts';
import { RegoSet, type Value } from '../values.ts';
import { type Bound, type Frame, type Getter, impossible, type Layout, type Step } from './code.ts';
import { compileComparison } from './code-comparisons.ts';
import { compileMatch, compileOperand, type Rest } from './code-exprs.ts';
import { compileMatcher } from './code-terms.ts';
import type { Coder, NodeCode } from './coder.ts';
import { forEachPart, lookup } from './lookup.ts';
import type { Machine } from './machine.ts';
import { type ScanPath, scanIndex } from './scan-index.ts';
import { chargeSize, equalCharged } from './work.ts';

/** Compiles a call expression: its value is matched with the output argument, or else must not be false. */
export function compileCall(coder: Coder, expr: CallExpr, bound: Bound, rest: Rest): Step {
  const target =
    coder.program.target(expr.operator) ?? impossible(`a call of no function: ${expr.operator.location.text}`);
  const inputs = expr.args
    .slice(0, target.arity)
    .map((arg) => compileOperand(coder, arg, bound) ?? impossible('an unbound argument'));
  const output = expr.args[target.arity];
  if (target.kind === 'builtin' && target.builtin.relation) {
    return compileRelation(coder, target, inputs, output, expr, bound, rest);
  }
  const result = compileResult(coder, target, inputs, expr);
  if (output !== undefined) return compileMatch(coder, result, output, bound, rest);
  const comparison =
    target.kind === 'builtin' ? compileComparison(target.name, expr.args, inputs, coder.layout) : undefined;
  const next = rest(new Set(bound));
  if (comparison !== undefined) {
    return (machine, frame) =>
      (machine.replacements === undefined ? comparison(machine, frame) : isTrue(result(machine, frame))) &&
      next(machine, frame);
  }
  if (target.kind === 'builtin' && target.builtin.signature.result === undefined) {
    return (machine, frame) => {
      result(machine, frame);
      return next(machine, frame);
    };
  }
  return (machine, frame) => isTrue(result(machine, frame)) && next(machine, frame);
}

function isTrue(value: Value | undefined): boolean {
  return value !== undefined && value !== false;
}

function compileResult(coder: Coder, target: Target, inputs: readonly Getter[], expr: CallExpr): Getter {
  const direct =
    target.kind === 'builtin'
      ? compileBuiltin(target.builtin, inputs, expr, coder.layout)
      : compileRule(coder, target, inputs);
  const { name } = target;
  return (machine, frame) => {
    const replacement = machine.replacements?.get(name);
    if (replacement === undefined) return direct(machine, frame);
    const args = evaluateArgs(inputs, machine, frame);
    if (args === undefined) return undefined;
    if (replacement.kind === 'value') return replacement.value;
    machine.shared.builtins.location = expr.location;
    return replacement.call(machine, args);
  };
}

function evaluateArgs(inputs: readonly Getter[], machine: Machine, frame: Frame): Value[] | undefined {
  const args = new Array<Value>(inputs.length);
  for (let index = 0; index < inputs.length; index++) {
    const value = inputs[index]!(machine, frame);
    if (value === undefined) return undefined;
    args[index] = value;
  }
  return args;
}

function compileRule(coder: Coder, target: Target & { kind: 'rule' }, inputs: readonly Getter[]): Getter {
  let code: NodeCode | undefined;
  return (machine, frame) => {
    const args = evaluateArgs(inputs, machine, frame);
    if (args === undefined) return undefined;
    for (const arg of args) if (typeof arg === 'string') chargeSize(machine.budget, arg);
    code ??= coder.program.code(target.node);
    return code.call(machine, args);
  };
}

function compileBuiltin(builtin: Builtin, inputs: readonly Getter[], expr: CallExpr, layout: Layout): Getter {
  const { location } = expr;
  const general: Getter = (machine, frame) => {
    const args = evaluateArgs(inputs, machine, frame);
    return args === undefined ? undefined : machine.callBuiltin(builtin, args, location);
  };
  if (inputs.length !== 2) return general;
  const [left, right] = inputs as [Getter, Getter];
  if (builtin.name === 'internal.member_2') {
    // The members themselves decide, without a path into them.
    const members: ScanPath = { key: '[]', steps: [] };
    return (machine, frame) => {
      const value = left(machine, frame);
      const collection = right(machine, frame);
      return value === undefined || collection === undefined
        ? undefined
        : isMember(machine, value, collection, members);
    };
  }
  const comparison = compileComparison(builtin.name, expr.args, inputs, layout);
  if (comparison !== undefined) {
    return (machine, frame) => {
      const known = left(machine, frame) !== undefined && right(machine, frame) !== undefined;
      return known ? comparison(machine, frame) : undefined;
    };
  }
  const arithmetic = ARITHMETIC[builtin.name];
  if (arithmetic === undefined) return general;
  return (machine, frame) => {
    const a = left(machine, frame);
    const b = right(machine, frame);
    if (a === undefined || b === undefined) return undefined;
    if (typeof a === 'number' && typeof b === 'number') {
      const result = arithmetic(a, b);
      if (Number.isSafeInteger(result) && Number.isInteger(a) && Number.isInteger(b)) {
        machine.budget.charge(1);
        return result === 0 ? 0 : result;
      }
    }
    return machine.callBuiltin(builtin, [a, b], location);
  };
}

function isMember(machine: Machine, value: Value, collection: Value, members: ScanPath): boolean {
  const { budget } = machine;
  budget.charge(1);
  if (collection instanceof RegoSet) {
    chargeSize(budget, value);
    return collection.has(value);
  }
  const index = scanIndex(collection, members, machine);
  const positions = index?.positions([value]);
  if (positions !== undefined) {
    return positions.some((position) => {
      const key = index!.keys === undefined ? position : index!.keys[position]!;
      return equalCharged(budget, lookup(collection, key) as Value, value);
    });
  }
  return forEachPart(collection, (_key, part) => {
    budget.charge(1);
    return equalCharged(budget, part, value);
  });
}

/** What doubles compute exactly while operands and result are safe integers. */
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  mul: (a, b) => a * b,
};

/** A built-in with several results, each matched on its own. */
function compileRelation(
  coder: Coder,
  target: Target & { kind: 'builtin' },
  inputs: readonly Getter[],
  output: Term | undefined,
  expr: CallExpr,
  bound: Bound,
  rest: Rest,
): Step {
  const results = compileResult(coder, target, inputs, expr);
  const known = new Set(bound);
  const matcher = output === undefined ? undefined : compileMatcher(output, known, coder.layout);
  const next = rest(known);
  return (machine, frame) => {
    const found = results(machine, frame);
    if (!Array.isArray(found)) return false;
    for (const result of found as readonly Value[]) {
      machine.budget.charge(1);
      if (matcher !== undefined && !matcher(machine, frame, result)) continue;
      if (next(machine, frame)) return true;
    }
    return false;
  };
}
