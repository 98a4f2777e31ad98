/** What the children of a node in the rule tree make together. */
import type { RuleNode } from '../compile/rule-tree.ts';
import { RegoObject, type Value } from '../values.ts';
import { documentAt } from './code-refs.ts';
import type { ProgramCode } from './coder.ts';
import { below, type DocumentSink } from './documents.ts';
import type { Machine } from './machine.ts';

/** What the children of a node make, as an object. */
export function childrenDocument(machine: Machine, program: ProgramCode, node: RuleNode): RegoObject {
  const entries: [Value, Value][] = [];
  for (const [name, child] of node.children) {
    const value = documentAt(machine, program, child, []);
    if (value !== undefined) entries.push([name, value]);
  }
  return RegoObject.from(entries);
}

/** Adds what the children of a node make: all of them, or the one that the first key names. */
export function collectChildren(
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
