/** Compiles the rules at one node of the tree. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import { pathText, type RuleNode } from '../compile/rule-tree.ts';
import { type Location, RegoError } from '../errors.ts';
import { compare, equal, keyOf, RegoObject, RegoSet, toText, type Value } from '../values.ts';
import { type Frame, Layout, newFrame, type Step } from './code.ts';
import { compileBody, compileOperand } from './code-exprs.ts';
import { documentAt, walkKeys } from './code-refs.ts';
import { canMatch, compileGetter, compileMatcher, constantOf } from './code-terms.ts';
import type { Coder, NodeCode, ProgramCode } from './coder.ts';
import { below, DocumentBuilder, type DocumentSink } from './documents.ts';
import { mergeDocuments } from './lookup.ts';
import { ABSENT, type Machine } from './machine.ts';
import { RuleIndex } from './rule-index.ts';

/** Computes a rule for arguments: its value, or undefined. */
type Run = (machine: Machine, args: readonly Value[]) => Value | undefined;

/** Adds what a rule makes to a document, for the given leading keys. */
type Collect = (machine: Machine, keys: readonly Value[], into: DocumentSink) => void;

/** Compiles the node's rules; the work is done when they are first needed. */
export function compileNode(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]): NodeCode {
  if (rules.length === 0) return new PackageCode(program, node);
  const kind = rules[0]!.entry.kind;
  if (rules.some((rule) => rule.entry.kind === 'function')) return new FunctionCode(program, node, rules);
  if (kind === 'complete') return new CompleteCode(program, node, rules);
  return new DocumentCode(program, node, rules);
}

/** A node without rules: the merge of its children with the base document. */
class PackageCode implements NodeCode {
  readonly depth = 0;
  readonly #program: ProgramCode;
  readonly #node: RuleNode;

  constructor(program: ProgramCode, node: RuleNode) {
    this.#program = program;
    this.#node = node;
  }

  document(machine: Machine): Value | undefined {
    return mergeDocuments(childrenDocument(machine, this.#program, this.#node), machine.base(this.#node.path));
  }

  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void {
    collectChildren(machine, this.#program, this.#node, keys, into);
  }

  call(): undefined {
    return undefined;
  }
}

/** What the children of a node make, as an object. */
function childrenDocument(machine: Machine, program: ProgramCode, node: RuleNode): RegoObject {
  const entries: [Value, Value][] = [];
  for (const [name, child] of node.children) {
    const value = documentAt(machine, program, child, []);
    if (value !== undefined) entries.push([name, value]);
  }
  return RegoObject.from(entries);
}

/** Adds what the children of a node make: all of them, or the one that the first key names. */
function collectChildren(
  machine: Machine,
  program: ProgramCode,
  node: RuleNode,
  keys: readonly Value[],
  into: DocumentSink,
): void {
  const [first, ...rest] = keys;
  if (first !== undefined) {
    const child = typeof first === 'string' ? node.children.get(first) : undefined;
    if (child !== undefined) program.code(child).collect(machine, rest, into);
    return;
  }
  for (const [name, child] of node.children) program.code(child).collect(machine, [], below(into, name));
}

/** Finds one value from several rules and reports when they disagree. */
class Agreement {
  value: Value | undefined;
  #location: Location | undefined;
  readonly #describe: () => string;

  constructor(describe: () => string) {
    this.#describe = describe;
  }

  add(value: Value, location: Location): void {
    if (this.value === undefined) {
      this.value = value;
      this.#location = location;
    } else if (!equal(this.value, value))
      throw conflict(this.#describe(), this.value, this.#location!, value, location);
  }
}

function conflict(what: string, first: Value, at: Location, second: Value, place: Location): RegoError {
  const lines = [[first, at] as const, [second, place] as const]
    .sort((a, b) => a[1].row - b[1].row || compare(a[0], b[0]))
    .map(([value, where]) => `\n\t${toText(value)} at ${where.file}:${where.row}`);
  return new RegoError('eval_conflict_error', `${what}:${lines.join('')}`, place);
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
  const layout = new Layout();
  const coder: Coder = { program, layout };
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
      else if (!equal(before, value)) throw conflict(describe(), before, location, value, location);
      return false;
    };
  });
  const size = layout.size;
  const place = rule.entry.rule.head.location;
  return (machine, args) => {
    machine.budget.charge(1);
    const frame = newFrame(size);
    for (let index = 0; index < matchers.length; index++) {
      if (!matchers[index]!(machine, frame, args[index]!)) return undefined;
    }
    if (program.traced) machine.shared.tracer?.enter(place);
    run(machine, frame);
    if (program.traced && frame[result] !== undefined) machine.shared.tracer?.exit(place);
    return frame[result];
  };
}

/** Rules that agree on one value. */
class ValueRules {
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
      found.add(value, rule.location);
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

class CompleteCode implements NodeCode {
  readonly depth = 0;
  readonly #id: number;
  readonly #rules: ValueRules;
  readonly #location: Location;

  constructor(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]) {
    this.#id = node.id;
    this.#location = rules[0]!.entry.rule.location;
    this.#rules = new ValueRules(program, rules, () => `rule ${pathText(node.path)} produced conflicting values`);
  }

  document(machine: Machine, keys: readonly Value[]): Value | undefined {
    const known = machine.results[this.#id];
    let value: Value | undefined;
    if (known === undefined) {
      value = this.#rules.evaluate(machine, []);
      machine.results[this.#id] = value === undefined ? ABSENT : value;
    } else value = known === ABSENT ? undefined : known;
    return keys.length === 0 ? value : walkKeys(value, keys, 0);
  }

  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void {
    const value = this.document(machine, keys);
    if (value !== undefined) into.addValue([], value, this.#location);
  }

  call(): undefined {
    return undefined;
  }
}

class FunctionCode implements NodeCode {
  readonly depth = 0;
  readonly #rules: ValueRules;

  constructor(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]) {
    const path = pathText(node.path);
    this.#rules = new ValueRules(
      program,
      rules,
      () => `function ${path} produced conflicting values for the same inputs`,
    );
  }

  document(): undefined {
    return undefined;
  }

  collect(): void {}

  call(machine: Machine, args: readonly Value[]): Value | undefined {
    return this.#rules.evaluate(machine, args);
  }
}

/** Rules that build a set or an object, by keys. */
class DocumentCode implements NodeCode {
  readonly depth: number;
  readonly #program: ProgramCode;
  readonly #node: RuleNode;
  readonly #rules: readonly AnalysedRule[];
  readonly #collectors: RuleIndex<Collect>[] = [];

  constructor(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]) {
    this.#program = program;
    this.#node = node;
    this.#rules = rules.filter((rule) => !rule.entry.rule.isDefault);
    this.depth = keyDepth(node);
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
    const key = keyOf(keys.length === 1 ? keys[0]! : keys);
    const known = memo.get(key);
    if (known !== undefined) return known === ABSENT ? undefined : known;
    const value = this.#compute(machine, keys);
    memo.set(key, value === undefined ? ABSENT : value);
    return value;
  }

  #compute(machine: Machine, keys: readonly Value[]): Value | undefined {
    const into = new DocumentBuilder();
    this.collect(machine, keys, into);
    const built = into.finish();
    return built === undefined && keys.length === 0 ? this.#empty() : built;
  }

  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void {
    for (const collect of this.#collector(keys.length).candidates(machine, [])) collect(machine, keys, into);
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
  const layout = new Layout();
  const coder: Coder = { program, layout };
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
        if (!equal(actual[index]!, held.keys[index]!)) return false;
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
  return (machine, keys, into) => {
    machine.budget.charge(1);
    const frame: Frame = newFrame(layout.size);
    frame[sink] = { keys, into } as unknown as Value;
    for (let index = 0; index < matchers.length; index++) {
      if (matchers[index]?.(machine, frame, keys[index]!) === false) return;
    }
    if (program.traced) machine.shared.tracer?.enter(place);
    run(machine, frame);
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
