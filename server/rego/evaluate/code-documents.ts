/** Compiles rules that build sets and objects piece by piece. */
import type { AnalysedRule } from '../compile/analyse.ts';
import type { RuleNode } from '../compile/rule-tree.ts';
import type { Location } from '../errors.ts';
import { keyOf, RegoObject, RegoSet, type Value } from '../values.ts';
import { ABSENT } from './absent.ts';
import { type Frame, newFrame, type Step } from './code.ts';
import { collectChildren } from './code-children.ts';
import { compileBody, compileOperand } from './code-exprs.ts';
import { walkKeys } from './code-refs.ts';
import { canMatch, compileGetter, compileMatcher } from './code-terms.ts';
import { type NodeCode, newCoder, type ProgramCode } from './coder.ts';
import { DocumentBuilder, type DocumentSink } from './documents.ts';
import type { Machine } from './machine.ts';
import { Overlooked } from './overlooked.ts';
import { placeholders, withPlaceholders } from './placeholders.ts';
import { RuleIndex } from './rule-index.ts';
import { chargeSize, equalCharged } from './work.ts';

/** Adds what a rule makes to a document, for the given leading keys. */
type Collect = (machine: Machine, keys: readonly Value[], into: DocumentSink) => void;

/** Rules that build a set or an object, by keys. */
export class DocumentCode implements NodeCode {
  readonly depth: number;
  readonly #program: ProgramCode;
  readonly #node: RuleNode;
  readonly #rules: readonly AnalysedRule[];
  readonly #collectors: RuleIndex<Collect>[] = [];
  readonly #placeholders: Value | undefined;

  constructor(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]) {
    this.#program = program;
    this.#node = node;
    this.#rules = rules.filter((rule) => !rule.entry.rule.isDefault);
    this.depth = keyDepth(node);
    this.#placeholders = placeholders(node, this.#rules);
  }

  call(): undefined {
    return undefined;
  }

  document(machine: Machine, keys: readonly Value[]): Value | undefined {
    const { id } = this.#node;
    if (keys.length === 0) {
      const known = machine.results[id];
      if (known !== undefined) return known === ABSENT ? undefined : known;
      const value = this.#compute(machine, keys);
      machine.results[id] = value === undefined ? ABSENT : value;
      return value;
    }
    const whole = machine.results[id];
    if (whole !== undefined) return whole === ABSENT ? undefined : walkKeys(whole, keys, 0);
    machine.keyed[id] ??= new Map();
    const memo = machine.keyed[id];
    for (const one of keys) chargeSize(machine.budget, one);
    const key = keyOf(keys.length === 1 ? keys[0]! : keys);
    const known = memo.get(key);
    if (known !== undefined) return known === ABSENT ? undefined : known;
    const value = this.#compute(machine, keys);
    memo.set(key, value === undefined ? ABSENT : value);
    return value;
  }

  #compute(machine: Machine, keys: readonly Value[]): Value | undefined {
    const into = new DocumentBuilder(machine.budget);
    this.collect(machine, keys, into);
    const built = withPlaceholders(into.finish(), walkKeys(this.#placeholders, keys, 0));
    return built === undefined && keys.length === 0 ? this.#empty() : built;
  }

  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void {
    for (const collect of this.#collector(keys.length).candidates(machine, keys)) collect(machine, keys, into);
    collectChildren(machine, this.#program, this.#node, keys, into);
  }

  #empty(): Value {
    return this.#rules.some((rule) => rule.entry.kind === 'set' && rule.keys.length === 1)
      ? RegoSet.empty
      : RegoObject.empty;
  }

  #collector(count: number): RuleIndex<Collect> {
    this.#collectors[count] ??= new RuleIndex(
      this.#program,
      this.#rules,
      this.#rules.map((rule) => compileCollect(this.#program, rule, count)),
      (rule) => rule.keys.slice(0, count),
    );
    return this.#collectors[count];
  }
}

/** How many keys below a node its rules and its children's look at. */
function keyDepth(node: RuleNode): number {
  let depth = 0;
  for (const entry of node.rules) if (entry.kind !== 'function') depth = Math.max(depth, entry.keys.length);
  for (const child of node.children.values()) depth = Math.max(depth, 1 + keyDepth(child));
  return depth;
}

/** Compiles a rule for the case that its first keys are known: these are bound before the body runs. */
function compileCollect(program: ProgramCode, rule: AnalysedRule, count: number): Collect {
  let run: Collect | undefined;
  return (machine, keys, into) => {
    run ??= compileCollectNow(program, rule, count);
    run(machine, keys, into);
  };
}

function compileCollectNow(program: ProgramCode, rule: AnalysedRule, count: number): Collect {
  const coder = newCoder(program);
  const { layout } = coder;
  const bound = new Set<string>();
  const branch = rule.branches[0]!;
  const given = Math.min(count, rule.keys.length);
  const matchers = rule.keys
    .slice(0, given)
    .map((key) => (canMatch(key, bound) ? compileMatcher(key, bound, layout) : undefined));
  const sink = layout.scratch();
  const location = branch.location;
  const isSet = rule.entry.kind === 'set';
  const run: Step = compileBody(coder, branch.body, bound, (known) => {
    const keyGetters = rule.keys.map((key) => compileGetter(key, layout));
    const value = isSet ? undefined : compileOperand(coder, branch.value, known)!;
    return (machine, frame) => {
      const held = frame[sink] as unknown as { keys: readonly Value[]; into: DocumentSink };
      const actual = keyGetters.map((getter) => getter(machine, frame) as Value);
      for (let index = 0; index < given; index++) {
        if (!equalCharged(machine.budget, actual[index]!, held.keys[index]!)) return false;
      }
      machine.budget.keep(1);
      machine.budget.charge(1);
      if (value === undefined) return addMember(held.into, actual, held.keys, location);
      const part = walkKeys(value(machine, frame), held.keys, given);
      if (part !== undefined) held.into.addValue(actual.slice(given), part, location);
      return false;
    };
  });
  const place = rule.entry.rule.head.location;
  const overlooked = new Overlooked(program, branch, rule.keys.slice(0, count));
  const attempt = (machine: Machine, frame: Frame, keys: readonly Value[]): void => {
    try {
      run(machine, frame);
    } catch (error) {
      overlooked.excuse(error, machine, keys);
    }
  };
  return (machine, keys, into) => {
    machine.budget.charge(1);
    const frame: Frame = newFrame(layout.size);
    frame[sink] = { keys, into } as unknown as Value;
    for (let index = 0; index < matchers.length; index++) {
      if (matchers[index]?.(machine, frame, keys[index]!) === false) return;
    }
    if (!program.traced) {
      attempt(machine, frame, keys);
      return;
    }
    let made = false;
    const watched: DocumentSink = {
      addValue: (...args) => {
        made = true;
        into.addValue(...args);
      },
      addMember: (...args) => {
        made = true;
        into.addMember(...args);
      },
    };
    frame[sink] = { keys, into: watched } as unknown as Value;
    machine.shared.tracer?.enter(rule.node.path, place);
    attempt(machine, frame, keys);
    machine.shared.tracer?.leave(rule.node.path, place, made);
  };
}

/** Adds a member; when the member itself is among the known keys, it is the result and the search can end. */
function addMember(into: DocumentSink, actual: readonly Value[], keys: readonly Value[], location: Location): boolean {
  if (keys.length < actual.length) {
    into.addMember(actual.slice(keys.length), location);
    return false;
  }
  const found = walkKeys(actual.at(-1), keys, actual.length);
  if (found !== undefined) into.addValue([], found, location);
  return true;
}
