/** What the compiler of expressions asks of the program it is part of. */
import type { RuleNode, RuleTree } from '../compile/rule-tree.ts';
import type { Target } from '../compile/target.ts';
import type { RefTerm } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { Layout } from './code.ts';
import type { DocumentSink } from './documents.ts';
import type { InputPaths } from './input-paths.ts';
import type { Machine } from './machine.ts';
import type { ScanDemand } from './scan-index.ts';

/** The compiled rules at one node of the tree. */
export interface NodeCode {
  /** How many keys after the node's path its rules can take into account. */
  readonly depth: number;
  /** The document at the node below the given keys, or undefined. */
  document(machine: Machine, keys: readonly Value[]): Value | undefined;
  /** Adds the virtual part of the document at the node below the keys to a larger one. */
  collect(machine: Machine, keys: readonly Value[], into: DocumentSink): void;
  /** Calls the function defined here. */
  call(machine: Machine, args: readonly Value[]): Value | undefined;
}

/** The program under compilation. */
export interface ProgramCode {
  readonly tree: RuleTree;
  /** Whether compiled code reports each expression to the tracer. */
  readonly traced: boolean;
  /** Whether rules and comprehensions are found by index rather than by trying each. */
  readonly indexed: boolean;
  readonly inputPaths: InputPaths;
  code(node: RuleNode): NodeCode;
  target(operator: RefTerm): Target | undefined;
}

/** Compiles within one frame. */
export interface Coder {
  readonly program: ProgramCode;
  readonly layout: Layout;
  /** What the rest of a body demands of the parts that a reference visits. */
  readonly scans: Map<RefTerm, ScanDemand>;
}

/** For compiling within a new frame. */
export function newCoder(program: ProgramCode): Coder {
  return { program, layout: new Layout(), scans: new Map() };
}
