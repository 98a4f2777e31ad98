/** Compiles the rules at one node of the tree. */
import type { AnalysedRule } from '../compile/analyse.ts';
import { pathText, type RuleNode } from '../compile/rule-tree.ts';
import type { Location } from '../errors.ts';
import type { Value } from '../values.ts';
import { ABSENT } from './absent.ts';
import { CallMemo } from './call-memo.ts';
import { childrenDocument, collectChildren } from './code-children.ts';
import { DocumentCode } from './code-documents.ts';
import { walkKeys } from './code-refs.ts';
import { ValueRules } from './code-values.ts';
import type { NodeCode, ProgramCode } from './coder.ts';
import type { DocumentSink } from './documents.ts';
import { mergeDocuments } from './lookup.ts';
import type { Machine } from './machine.ts';

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
    const rules = childrenDocument(machine, this.#program, this.#node);
    return mergeDocuments(rules, machine.base(this.#node.path), (size) => machine.budget.charge(size));
  }

  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void {
    collectChildren(machine, this.#program, this.#node, keys, into);
  }

  call(): undefined {
    return undefined;
  }
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

/** Looking for rules that fit, and remembering the result. */
const STEPS_PER_CALL = 2;

class FunctionCode implements NodeCode {
  readonly depth = 0;
  readonly #id: number;
  readonly #rules: ValueRules;

  constructor(program: ProgramCode, node: RuleNode, rules: readonly AnalysedRule[]) {
    const path = pathText(node.path);
    this.#id = node.id;
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
    machine.calls[this.#id] ??= new CallMemo();
    const memo = machine.calls[this.#id]!;
    const known = memo.find(args);
    if (known !== undefined) return known === ABSENT ? undefined : known;
    machine.budget.charge(STEPS_PER_CALL);
    const value = this.#rules.evaluate(machine, args);
    memo.remember(args, value === undefined ? ABSENT : value);
    return value;
  }
}
