/** Paths into JSON-like values: `a/0/b` texts (RFC 6901 escapes) or arrays of keys. */
import { keyOf, RegoObject, RegoSet, typeName, type Value, type ValueKey } from '../../values.ts';
import { isArray, membersOf, operandError, operandTypeError } from '../operands.ts';

/** Keys from the outside in; array positions are texts, in patches numbers too. */
export type Path = readonly Value[];

/** Reads one path; throws a type error about operand 2 for values that are none. */
export function parsePath(path: Value): Path {
  if (isArray(path)) return path;
  if (typeof path !== 'string') {
    const wanted = 'must be one of {set, array} containing string paths or array of path segments';
    throw operandError(2, `${wanted} but got ${typeName(path)}`);
  }
  if (path === '') return [];
  const parts = path.replace(/^\/+/, '').split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Many paths in one tree, so that a value is walked once. */
interface PathNode {
  /** A path ends here: everything below belongs to it. */
  ends: boolean;
  readonly children: Map<ValueKey, PathNode>;
}

/** The paths of operand 2 (an array or set of paths) as a tree; throws a type error for anything else. */
function pathTree(args: readonly Value[]): PathNode {
  const members = membersOf(args[1]);
  if (!members) throw operandTypeError(2, args[1] as Value, 'set', 'array');
  const root: PathNode = { ends: false, children: new Map() };
  for (const path of members.map(parsePath)) {
    if (path.length === 0) continue;
    let node = root;
    for (const key of path) {
      if (node.ends) break;
      const hash = keyOf(key);
      const next: PathNode = node.children.get(hash) ?? { ends: false, children: new Map() };
      node.children.set(hash, next);
      node = next;
    }
    node.ends = true;
  }
  return root;
}

/** Only what the paths of operand 2 lead to. */
export function keepPaths(value: Value, args: readonly Value[]): Value {
  return keep(value, pathTree(args));
}

function keep(value: Value, node: PathNode): Value {
  if (node.ends) return value;
  const below = (key: Value) => node.children.get(keyOf(key));
  if (isArray(value)) {
    return value.flatMap((item, index) => {
      const next = below(String(index));
      return next ? [keep(item, next)] : [];
    });
  }
  if (value instanceof RegoSet) {
    return RegoSet.from(
      value.items().flatMap((item) => {
        const next = below(item);
        return next ? [keep(item, next)] : [];
      }),
    );
  }
  if (!(value instanceof RegoObject)) return value;
  const entries: [Value, Value][] = [];
  for (const [key, item] of value.entries()) {
    const next = below(key);
    if (next) entries.push([key, keep(item, next)]);
  }
  return RegoObject.from(entries);
}

/** Everything but what the paths of operand 2 lead to; array elements move up. */
export function removePaths(value: Value, args: readonly Value[]): Value {
  return remove(value, pathTree(args)) ?? null;
}

function remove(value: Value, node: PathNode | undefined): Value | undefined {
  if (!node) return value;
  if (node.ends) return undefined;
  const below = (key: Value) => node.children.get(keyOf(key));
  if (isArray(value)) return value.map((item, index) => remove(item, below(String(index)))).filter(isDefined);
  if (value instanceof RegoSet) {
    return RegoSet.from(
      value
        .items()
        .map((item) => remove(item, below(item)))
        .filter(isDefined),
    );
  }
  if (!(value instanceof RegoObject)) return value;
  const entries: [Value, Value][] = [];
  for (const [key, item] of value.entries()) {
    const left = remove(item, below(key));
    if (left !== undefined) entries.push([key, left]);
  }
  return RegoObject.from(entries);
}

function isDefined(value: Value | undefined): value is Value {
  return value !== undefined;
}
