/** What is known of the documents below `data` and `input`: types by path. */
import { keyOf, type Value, type ValueKey } from '../values.ts';
import { constantType, mergeDocuments, union } from './relate.ts';
import { ANY, MOST_PARTS, objectType, STRING, type StaticProperty, type Type } from './types.ts';

interface TypeNode {
  readonly key: Value;
  readonly children: Map<ValueKey, TypeNode>;
  /** The type of what stands at this very path, where that is known as a whole. */
  own: Type | undefined;
  /** The type of the whole document here, once it was asked for and until something below changes. */
  whole: Type | undefined;
}

/** What a tree knows of a path: the type after some of its steps, and whether that says what comes after them. */
class Found {
  readonly taken: number;
  /** False when the tree knows other documents beside the next step, but nothing of it. */
  readonly known: boolean;
  readonly #node: TypeNode;

  constructor(node: TypeNode, taken: number, known: boolean) {
    this.#node = node;
    this.taken = taken;
    this.known = known;
  }

  /** Made when it is asked for: a document may be as large as all rules together. */
  get type(): Type {
    return extent(this.#node);
  }
}

/** Types by paths of constants; a path begins with `data` or `input`. */
export class TypeTree {
  readonly #root = newNode('');

  /** Adds what a rule makes at a path; several rules of a path make any of their types. */
  add(path: readonly Value[], type: Type): void {
    const node = this.#reach(path);
    node.own = node.own === undefined ? type : mergeDocuments(node.own, type);
  }

  /** Says what stands at a path and below it, unless something above it is known as a whole. */
  replace(path: readonly Value[], type: Type): void {
    let node = this.#root;
    for (const step of path) {
      if (node.own !== undefined) return;
      node.whole = undefined;
      node = childOf(node, step);
    }
    node.whole = undefined;
    node.own = type;
    node.children.clear();
  }

  #reach(path: readonly Value[]): TypeNode {
    let node = this.#root;
    for (const step of path) {
      node.whole = undefined;
      node = childOf(node, step);
    }
    node.whole = undefined;
    return node;
  }

  /** The type after the longest run of steps that the tree knows; a step that is no constant is undefined. */
  find(path: readonly (Value | undefined)[]): Found {
    let node = this.#root;
    for (let taken = 0; taken < path.length; taken++) {
      const step = path[taken];
      const child = step === undefined ? undefined : node.children.get(keyOf(step));
      if (child === undefined) return new Found(node, taken, step === undefined || node.own !== undefined);
      node = child;
    }
    return new Found(node, path.length, true);
  }
}

function newNode(key: Value): TypeNode {
  return { key, children: new Map(), own: undefined, whole: undefined };
}

function childOf(node: TypeNode, step: Value): TypeNode {
  const key = keyOf(step);
  let child = node.children.get(key);
  if (child === undefined) {
    child = newNode(step);
    node.children.set(key, child);
  }
  return child;
}

/** The type of the whole document at a node. */
function extent(node: TypeNode): Type {
  node.whole ??= wholeOf(node);
  return node.whole;
}

function wholeOf(node: TypeNode): Type {
  if (node.own !== undefined) return withBelow(node.own, node);
  if (node.children.size > MOST_PARTS) return ANY;
  const properties: StaticProperty[] = [];
  for (const child of node.children.values()) {
    // OPA does not count a null key among the known ones.
    if (child.key !== null) properties.push({ key: child.key, value: extent(child) });
  }
  return objectType(properties, { key: STRING, value: ANY });
}

/** The type of rules with variables in their heads, together with the rules of constant heads below them. */
function withBelow(own: Type, node: TypeNode): Type {
  if (own.kind !== 'object' || own.dynamic === undefined || node.children.size === 0) return own;
  let { key, value } = own.dynamic;
  for (const child of node.children.values()) {
    for (const below of chains(child)) {
      key = union([key, constantType(child.key)])!;
      value = union([value, below])!;
    }
  }
  return objectType(own.properties, { key, value });
}

/** The types at and below a node, each as if the steps to it were variables. */
function chains(node: TypeNode): Type[] {
  const found = node.own === undefined ? [] : [node.own];
  for (const child of node.children.values()) {
    for (const value of chains(child)) found.push(objectType([], { key: constantType(child.key), value }));
  }
  return found;
}
