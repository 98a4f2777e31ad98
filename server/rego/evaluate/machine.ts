/** The state of one evaluation: documents, remembered results, replacements made by `with`. */
import type { Builtin, BuiltinContext } from '../builtins/types.ts';
import { BuiltinError, BuiltinHaltError, BuiltinTypeError, type Location, RegoError } from '../errors.ts';
import type { Value, ValueKey } from '../values.ts';
import type { ABSENT } from './absent.ts';
import type { EvaluationBudget } from './budget.ts';
import type { CallMemo } from './call-memo.ts';
import { lookupPath } from './lookup.ts';

/** What a function stands for under `with`: a value, or another function. */
export type Replacement =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'function'; readonly call: (machine: Machine, args: readonly Value[]) => Value | undefined };

/** What stays the same during a whole evaluation. */
export interface Shared {
  readonly budget: EvaluationBudget;
  readonly builtins: { -readonly [Key in keyof BuiltinContext]: BuiltinContext[Key] };
  /** Built-in errors end the evaluation instead of being undefined. */
  readonly strictBuiltinErrors: boolean;
  /** Called with each expression that is evaluated, for coverage and explanations. */
  readonly tracer?: Tracer | undefined;
}

/** Watches an evaluation of a policy that was compiled as `traced`. */
export interface Tracer {
  /** A rule is tried; `path` begins after `data`. */
  enter(path: readonly string[], location: Location): void;
  /** A rule is done; `held` tells whether it gave something. */
  leave(path: readonly string[], location: Location, held: boolean): void;
  /** An expression is evaluated. */
  evaluate(location: Location): void;
  /** An expression, or a part that was taken out of one, held for no binding. */
  fail(location: Location): void;
}

/** Steps for the error of a built-in: making one takes longer than many a call that succeeds. */
const FAILURE_STEPS = 60;

/** What a comprehension found, by the values that the outer side of its equalities must have. */
export type ComprehensionGroups = Map<ValueKey, Value>;

/** Documents and results that belong together: `with` makes another of these. */
export class Machine {
  readonly shared: Shared;
  readonly budget: EvaluationBudget;
  readonly input: Value | undefined;
  readonly data: Value;
  /** Functions replaced by `with`, by name or path. */
  readonly replacements: ReadonlyMap<string, Replacement> | undefined;
  /** Paths whose virtual documents `with` hides, each after `data`. */
  readonly masks: readonly (readonly string[])[] | undefined;
  /** What the paths into `input` lead to, by their number. */
  readonly inputParts: (Value | typeof ABSENT | undefined)[] = [];
  /** Whole results by node. */
  readonly results: (Value | typeof ABSENT | undefined)[] = [];
  /** Results of calls, by node. */
  readonly calls: (CallMemo | undefined)[] = [];
  /** What indexed comprehensions found, by their plan. */
  comprehensions: Map<object, ComprehensionGroups> | undefined;
  /** The collection that was searched last, by the place of the policy that searched it. */
  searched: Map<object, Value> | undefined;
  /** Results for given keys, by node. */
  readonly keyed: (Map<ValueKey, Value | typeof ABSENT> | undefined)[] = [];

  constructor(
    shared: Shared,
    input: Value | undefined,
    data: Value,
    replacements?: ReadonlyMap<string, Replacement>,
    masks?: readonly (readonly string[])[],
  ) {
    this.shared = shared;
    this.budget = shared.budget;
    this.input = input;
    this.data = data;
    this.replacements = replacements;
    this.masks = masks;
  }

  /** The base document at a path after `data`. */
  base(path: readonly string[]): Value | undefined {
    return path.length === 0 ? this.data : lookupPath(this.data, path);
  }

  /** Whether `with` hides the rules at this path. */
  isMasked(path: readonly string[]): boolean {
    return (
      this.masks?.some((mask) => mask.length <= path.length && mask.every((step, at) => step === path[at])) ?? false
    );
  }

  /** Calls a built-in: undefined also for its errors, unless these are to be reported. */
  callBuiltin(builtin: Builtin, args: readonly Value[], location: Location): Value | undefined {
    this.budget.charge(1 + builtin.cost(args));
    const context = this.shared.builtins;
    context.location = location;
    try {
      const result = builtin.call(args, context);
      if (typeof result === 'string') this.budget.keep(result.length >> 4);
      return result;
    } catch (error) {
      return this.#builtinFailed(builtin, error, location);
    }
  }

  #builtinFailed(builtin: Builtin, error: unknown, location: Location): undefined {
    if (!(error instanceof BuiltinError)) {
      if (error instanceof RegoError && error.location === undefined) {
        throw new RegoError(error.code, error.message, location, error.hint);
      }
      throw error;
    }
    this.budget.charge(FAILURE_STEPS);
    if (!this.shared.strictBuiltinErrors && !(error instanceof BuiltinHaltError)) return undefined;
    const code = error instanceof BuiltinTypeError ? 'eval_type_error' : 'eval_builtin_error';
    throw new RegoError(code, `${builtin.name}: ${error.message}`, location);
  }
}
