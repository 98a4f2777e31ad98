/** Compiles references: paths into `input`, `data` and local values, with or without variables to enumerate. */
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import { compareStrings, RegoObject, type Value } from '../values.ts';
import { isBaseData } from './base-data.ts';
import type { Frame, Getter, Layout, Matcher, Step } from './code.ts';
import { compileGetter, compileKey, compileMatcher, isBound, slotOf } from './code-terms.ts';
import type { Coder, ProgramCode } from './coder.ts';
import { forEachPart, lookup, lookupBase, property } from './lookup.ts';
import type { Machine } from './machine.ts';
import { type Narrowed, narrow, type ScanDemand } from './scan-index.ts';

/** Compiles a reference whose variables are all bound; undefined when it has others. */
export function compileRefGetter(coder: Coder, ref: RefTerm, bound: ReadonlySet<string>): Getter | undefined {
  if (!isBound(ref, bound)) return undefined;
  const [head, ...steps] = ref.terms as [Term, ...Term[]];
  if (head.kind === 'var' && head.name === 'data') return compileDataGetter(coder, steps);
  if (head.kind !== 'var' || head.name !== 'input') return compileWalk(coder, compileGetter(head, coder.layout), steps);
  const names = leadingNames(steps);
  return compileWalk(coder, coder.program.inputPaths.getter(names), steps.slice(names.length));
}

/** The names that begin a path, up to the first step that is none. */
function leadingNames(steps: readonly Term[]): string[] {
  const count = steps.findIndex((step) => !isName(step));
  return steps.slice(0, count < 0 ? steps.length : count).map((step) => (step as { value: string }).value);
}

/** What `x.name` reads, for a bound `x`; undefined for other references. */
export function propertyOf(
  { terms }: RefTerm,
  bound: ReadonlySet<string>,
  layout: Layout,
): { readonly slot: number; readonly name: string } | undefined {
  const [head, step, ...more] = terms as [Term, ...Term[]];
  if (step === undefined || more.length > 0 || !isName(step) || head.kind !== 'var' || !bound.has(head.name)) {
    return undefined;
  }
  return { slot: layout.slot(head.name), name: step.value };
}

function isName(step: Term): step is Term & { kind: 'scalar'; value: string } {
  return step.kind === 'scalar' && typeof step.value === 'string' && step.value.charCodeAt(0) !== 0;
}

function compileWalk(coder: Coder, start: Getter, steps: readonly Term[]): Getter {
  const names = leadingNames(steps);
  return steps.slice(names.length).reduce<Getter>(
    (from, step) => {
      const key = compileKey(step, coder.layout);
      return (machine, frame) => {
        const value = from(machine, frame);
        return value === undefined ? undefined : lookup(value, key(machine, frame) as Value);
      };
    },
    compileNames(start, names),
  );
}

/** Names in a row, in one call. */
function compileNames(start: Getter, names: readonly string[]): Getter {
  if (names.length === 0) return start;
  return (machine, frame) => {
    let value = start(machine, frame);
    for (let index = 0; index < names.length && value !== undefined; index++) value = property(value, names[index]!);
    return value;
  };
}

/** The deepest node that the constant steps reach without passing a rule, and how many steps that took. */
function reach(tree: RuleTree, steps: readonly Term[]): { node: RuleNode; taken: number } {
  let node = tree.root;
  let taken = 0;
  while (taken < steps.length && node.rules.length === 0) {
    const step = steps[taken]!;
    if (step.kind !== 'scalar' || typeof step.value !== 'string') break;
    const child = node.children.get(step.value);
    if (child === undefined) break;
    node = child;
    taken++;
  }
  return { node, taken };
}

function compileDataGetter(coder: Coder, steps: readonly Term[]): Getter {
  const { program } = coder;
  if (isBaseData(program.tree, steps)) return compileBaseGetter(coder, steps);
  const { node, taken } = reach(program.tree, steps);
  const rest = steps.slice(taken);
  if (node.rules.length > 0 && node.rules.every((entry) => entry.kind === 'complete') && node.children.size === 0) {
    return compileWalk(coder, compileCompleteGetter(program, node), rest);
  }
  const keys = rest.map((step) => compileKey(step, coder.layout));
  return (machine, frame) =>
    documentAt(
      machine,
      program,
      node,
      keys.map((key) => key(machine, frame) as Value),
    );
}

/** A path that no rule is on, whatever `with` hides. */
function compileBaseGetter(coder: Coder, steps: readonly Term[]): Getter {
  return steps.reduce<Getter>(
    (from, step) => {
      const key = compileKey(step, coder.layout);
      return (machine, frame) => {
        const value = from(machine, frame);
        return value === undefined ? undefined : lookupBase(value, key(machine, frame) as Value);
      };
    },
    (machine) => machine.data,
  );
}

function compileCompleteGetter(program: ProgramCode, node: RuleNode): Getter {
  let code = undefined as ReturnType<ProgramCode['code']> | undefined;
  return (machine) => {
    if (machine.masks !== undefined && machine.isMasked(node.path)) return machine.base(node.path);
    code ??= program.code(node);
    return code.document(machine, []);
  };
}

/** The document below a node at the given keys, virtual and base parts together. */
export function documentAt(
  machine: Machine,
  program: ProgramCode,
  start: RuleNode,
  keys: readonly Value[],
): Value | undefined {
  let node = start;
  for (let index = 0; ; index++) {
    if (machine.masks !== undefined && machine.isMasked(node.path)) {
      return walkBase(machine.base(node.path), keys, index);
    }
    if (node.rules.length > 0 || index === keys.length) {
      const code = program.code(node);
      const depth = Math.min(keys.length - index, code.depth);
      return walkKeys(code.document(machine, keys.slice(index, index + depth)), keys, index + depth);
    }
    const key = keys[index]!;
    const child = typeof key === 'string' ? node.children.get(key) : undefined;
    if (child === undefined) return walkBase(machine.base(node.path), keys, index);
    node = child;
  }
}

/** The part of a value at the keys from an index on. */
export function walkKeys(value: Value | undefined, keys: readonly Value[], from: number): Value | undefined {
  let found = value;
  for (let index = from; index < keys.length && found !== undefined; index++) found = lookup(found, keys[index]!);
  return found;
}

function walkBase(value: Value | undefined, keys: readonly Value[], from: number): Value | undefined {
  let found = value;
  for (let index = from; index < keys.length && found !== undefined; index++) found = lookupBase(found, keys[index]!);
  return found;
}

/** A step whose key is known; one that only binds a variable; one that compares or takes apart. */
type StepCode = { readonly key: Getter } | LoopStep;
type LoopStep = { readonly binds: number } | { readonly match: Matcher };

/**
 * Compiles a reference that binds variables: runs `next` for every path that exists, with the value in the slot.
 * `bound` grows by the variables of the reference.
 */
export function compileRefSearch(coder: Coder, ref: RefTerm, bound: Set<string>, slot: number, next: () => Step): Step {
  const [head, ...steps] = ref.terms as [Term, ...Term[]];
  const codes = steps.map(
    (step): StepCode =>
      isBound(step, bound) ? { key: compileKey(step, coder.layout) } : compileLoopStep(coder, step, bound),
  );
  const then = next();
  const walk = compileValueSearch(codes, coder.scans.get(ref), slot, then);
  if (head.kind === 'var' && head.name === 'data') {
    const { node, taken } = reach(coder.program.tree, steps);
    const search = new DataSearch(coder.program, codes, walk, slot, then);
    return (machine, frame) => search.visit(machine, frame, node, taken);
  }
  const start: Getter =
    head.kind === 'var' && head.name === 'input' ? (machine) => machine.input : compileGetter(head, coder.layout);
  return (machine, frame) => {
    const value = start(machine, frame);
    return value !== undefined && walk(machine, frame, value, 0);
  };
}

function compileLoopStep(coder: Coder, step: Term, bound: Set<string>): LoopStep {
  const binds = slotOf(step, coder.layout);
  const match = compileMatcher(step, bound, coder.layout);
  return binds === undefined ? { match } : { binds };
}

type ValueSearch = (machine: Machine, frame: Frame, value: Value, from: number) => boolean;

function compileValueSearch(
  codes: readonly StepCode[],
  demand: ScanDemand | undefined,
  slot: number,
  then: Step,
): ValueSearch {
  const walk: ValueSearch = (machine, frame, value, from) => {
    const code = codes[from];
    if (code === undefined) {
      frame[slot] = value;
      return then(machine, frame);
    }
    if ('key' in code) {
      const part = lookup(value, code.key(machine, frame) as Value);
      return part !== undefined && walk(machine, frame, part, from + 1);
    }
    const last = from + 1 === codes.length;
    const visit =
      'binds' in code
        ? (key: Value, part: Value): boolean => {
            frame[code.binds] = key;
            if (!last) return walk(machine, frame, part, from + 1);
            frame[slot] = part;
            return then(machine, frame);
          }
        : (key: Value, part: Value): boolean => code.match(machine, frame, key) && walk(machine, frame, part, from + 1);
    const narrowed = demand && narrow(demand, value, machine, frame);
    if (narrowed !== undefined) return visitSome(machine, value, narrowed, visit);
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        machine.budget.charge(1);
        if (visit(index, value[index] as Value)) return true;
      }
      return false;
    }
    return forEachPart(value, (key, part) => {
      machine.budget.charge(1);
      return visit(key, part);
    });
  };
  return walk;
}

function visitSome(
  machine: Machine,
  collection: Value,
  { keys, positions }: Narrowed,
  visit: (key: Value, part: Value) => boolean,
): boolean {
  for (const position of positions) {
    machine.budget.charge(1);
    const key = keys === undefined ? position : keys[position]!;
    if (visit(key, lookup(collection, key) as Value)) return true;
  }
  return false;
}

/** Searches below `data` where variables may stand for packages and rules. */
class DataSearch {
  readonly #program: ProgramCode;
  readonly #codes: readonly StepCode[];
  readonly #walk: ValueSearch;
  readonly #slot: number;
  readonly #then: Step;

  constructor(program: ProgramCode, codes: readonly StepCode[], walk: ValueSearch, slot: number, then: Step) {
    this.#program = program;
    this.#codes = codes;
    this.#walk = walk;
    this.#slot = slot;
    this.#then = then;
  }

  visit(machine: Machine, frame: Frame, node: RuleNode, from: number): boolean {
    if (machine.masks !== undefined && machine.isMasked(node.path)) {
      return this.#visitValue(machine, frame, machine.base(node.path), from);
    }
    if (from === this.#codes.length) {
      const value = this.#program.code(node).document(machine, []);
      if (value === undefined) return false;
      frame[this.#slot] = value;
      return this.#then(machine, frame);
    }
    if (node.rules.length > 0) return this.#visitRules(machine, frame, node, from);
    const code = this.#codes[from]!;
    if ('key' in code) {
      const key = code.key(machine, frame) as Value;
      const child = typeof key === 'string' ? node.children.get(key) : undefined;
      if (child !== undefined) return this.visit(machine, frame, child, from + 1);
      const base = machine.base(node.path);
      return this.#visitValue(machine, frame, base === undefined ? undefined : lookup(base, key), from + 1);
    }
    return this.#enumerate(machine, frame, node, from, code);
  }

  #visitValue(machine: Machine, frame: Frame, value: Value | undefined, from: number): boolean {
    return value !== undefined && this.#walk(machine, frame, value, from);
  }

  #visitRules(machine: Machine, frame: Frame, node: RuleNode, from: number): boolean {
    const rules = this.#program.code(node);
    const keys: Value[] = [];
    while (keys.length < rules.depth) {
      const code = this.#codes[from + keys.length];
      if (code === undefined || !('key' in code)) break;
      keys.push(code.key(machine, frame) as Value);
    }
    return this.#visitValue(machine, frame, rules.document(machine, keys), from + keys.length);
  }

  #enumerate(machine: Machine, frame: Frame, node: RuleNode, from: number, code: LoopStep): boolean {
    const base = machine.base(node.path);
    const names = new Set<Value>(node.children.keys());
    const others: Value[] = [];
    if (base instanceof RegoObject) {
      for (const key of base.keys()) {
        if (typeof key === 'string') names.add(key);
        else others.push(key);
      }
    } else if (base !== undefined && node.children.size === 0) {
      return this.#walk(machine, frame, base, from);
    }
    for (const key of [...others, ...([...names] as string[]).sort(compareStrings)]) {
      machine.budget.charge(1);
      if ('binds' in code) frame[code.binds] = key;
      else if (!code.match(machine, frame, key)) continue;
      const child = typeof key === 'string' ? node.children.get(key) : undefined;
      const found =
        child === undefined
          ? this.#visitValue(machine, frame, lookup(base as Value, key), from + 1)
          : this.visit(machine, frame, child, from + 1);
      if (found) return true;
    }
    return false;
  }
}
