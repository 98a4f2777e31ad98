/** Compiles rules that give one value: complete rules and functions, with `else` and `default`. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import { type Location, RegoError } from '../errors.ts';
import { compare, equal, toText, typeName, type Value } from '../values.ts';
import type { EvaluationBudget } from './budget.ts';
import { type Frame, newFrame } from './code.ts';
import { compileBody } from './code-exprs.ts';
import { compileGetter, compileMatcher, constantOf } from './code-terms.ts';
import { newCoder, type ProgramCode } from './coder.ts';
import type { Machine } from './machine.ts';
import { Overlooked } from './overlooked.ts';
import { RuleIndex } from './rule-index.ts';
import { countElements, equalCharged } from './work.ts';

/** Computes a rule for arguments: its value, or undefined. */
type Run = (machine: Machine, args: readonly Value[]) => Value | undefined;

/** Finds one value from several rules and reports when they disagree. */
class Agreement {
  value: Value | undefined;
  #location: Location | undefined;
  readonly #describe: () => string;

  constructor(describe: () => string) {
    this.#describe = describe;
  }

  add(budget: EvaluationBudget, value: Value, location: Location): void {
    if (this.value === undefined) {
      this.value = value;
      this.#location = location;
    } else if (!equalCharged(budget, this.value, value))
      throw conflict(this.#describe(), this.value, this.#location!, value, location);
  }
}

function conflict(what: string, first: Value, at: Location, second: Value, place: Location): RegoError {
  const lines = [[first, at] as const, [second, place] as const]
    .sort((a, b) => a[1].row - b[1].row || compare(a[0], b[0]))
    .map(([value, where]) => `\n  ${shownText(value)} at ${where.file}:${where.row}`);
  return new RegoError('eval_conflict_error', `${what}:${lines.join('')}`, place);
}

/** Larger values are named by their type alone. */
const LARGEST_SHOWN = 1_000;

function shownText(value: Value): string {
  return countElements(value, LARGEST_SHOWN) > LARGEST_SHOWN ? `a large ${typeName(value)}` : toText(value);
}

/** Compiles a rule with its `else` branches to a function of its arguments. */
function compileRun(program: ProgramCode, rule: AnalysedRule, describe: () => string): Run {
  const branches = rule.branches.map((branch) => compileBranch(program, rule, branch, describe));
  if (branches.length === 1) return branches[0]!;
  return (machine, args) => {
    for (const branch of branches) {
      const value = branch(machine, args);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function compileBranch(program: ProgramCode, rule: AnalysedRule, branch: AnalysedBranch, describe: () => string): Run {
  const coder = newCoder(program);
  const { layout } = coder;
  const bound = new Set<string>();
  const matchers = (branch.args ?? []).map((arg) => compileMatcher(arg, bound, layout));
  const result = layout.scratch();
  const constant = constantOf(branch.value);
  const location = branch.location;
  const run = compileBody(coder, branch.body, bound, () => {
    if (constant !== undefined) {
      return (_machine, frame) => {
        frame[result] = constant.value;
        return true;
      };
    }
    const getter = compileGetter(branch.value, layout);
    return (machine, frame) => {
      const value = getter(machine, frame) as Value;
      const before = frame[result];
      if (before === undefined) frame[result] = value;
      else if (!equalCharged(machine.budget, before, value))
        throw conflict(describe(), before, location, value, location);
      return false;
    };
  });
  const size = layout.size;
  const place = branch.place;
  const overlooked = new Overlooked(program, branch, branch.args ?? []);
  const attempt = (machine: Machine, frame: Frame, args: readonly Value[]): Value | undefined => {
    try {
      run(machine, frame);
      return frame[result];
    } catch (error) {
      overlooked.excuse(error, machine, args);
      return undefined;
    }
  };
  return (machine, args) => {
    machine.budget.charge(1);
    const frame = newFrame(size);
    for (let index = 0; index < matchers.length; index++) {
      if (!matchers[index]!(machine, frame, args[index]!)) return undefined;
    }
    if (!program.traced) return attempt(machine, frame, args);
    machine.shared.tracer?.enter(rule.node.path, place);
    const value = attempt(machine, frame, args);
    machine.shared.tracer?.leave(rule.node.path, place, value !== undefined);
    return value;
  };
}

/** Rules that agree on one value. */
export class ValueRules {
  readonly #index: RuleIndex<{ run: Run; location: Location }>;
  readonly #fallback: Run | undefined;
  readonly #sameConstant: boolean;
  readonly #describe: () => string;

  constructor(program: ProgramCode, rules: readonly AnalysedRule[], describe: () => string) {
    const own = rules.filter((rule) => !rule.entry.rule.isDefault);
    const fallback = rules.find((rule) => rule.entry.rule.isDefault);
    this.#describe = describe;
    this.#index = new RuleIndex(
      program,
      own,
      own.map((rule) => ({
        run: lazily(() => compileRun(program, rule, describe)),
        location: rule.entry.rule.location,
      })),
    );
    this.#fallback = fallback && lazily(() => compileRun(program, fallback, describe));
    this.#sameConstant = haveSameConstant(own);
  }

  evaluate(machine: Machine, args: readonly Value[]): Value | undefined {
    const found = new Agreement(this.#describe);
    for (const rule of this.#index.candidates(machine, args)) {
      const value = rule.run(machine, args);
      if (value === undefined) continue;
      if (this.#sameConstant) return value;
      found.add(machine.budget, value, rule.location);
    }
    return found.value === undefined ? this.#fallback?.(machine, args) : found.value;
  }
}

function lazily(make: () => Run): Run {
  let run: Run | undefined;
  return (machine, args) => {
    run ??= make();
    return run(machine, args);
  };
}

/** Whether every rule gives the same constant, so that the first that holds decides. */
function haveSameConstant(rules: readonly AnalysedRule[]): boolean {
  const values = rules.flatMap((rule) => rule.branches.map((branch) => constantOf(branch.value)));
  const first = values[0];
  return first !== undefined && values.every((value) => value !== undefined && equal(value.value, first.value));
}
