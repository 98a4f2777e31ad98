/** JSON Patch (RFC 6902) on Rego values, sets included: a member's path is the member itself. */
import { BuiltinError } from '../../errors.ts';
import { equal, isNumber, RegoObject, RegoSet, toBigInt, toText, typeName, type Value } from '../../values.ts';
import { deepCost } from '../cost.ts';
import { isArray } from '../operands.ts';
import { type Path, parsePath } from './json-paths.ts';
import { quote } from './quote.ts';

/** Told how many elements an operation copies. */
type Charge = (elements: number) => void;

/** The document after every operation; undefined when the last thing removed was the whole document. */
export function applyPatch(document: Value, operations: readonly Value[], charge: Charge): Value | undefined {
  let current: Value | undefined = document;
  for (const operation of operations) {
    if (!(operation instanceof RegoObject)) {
      throw new BuiltinError('must be an array of JSON-Patch objects, but at least one element is not an object');
    }
    current = applyOperation(current, operation, charge);
  }
  return current;
}

function attribute(operation: RegoObject, name: string): Value {
  const value = operation.get(name);
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

function applyOperation(document: Value | undefined, operation: RegoObject, charge: Charge): Value | undefined {
  const pathValue = attribute(operation, 'path');
  const name = attribute(operation, 'op');
  if (typeof name !== 'string') throw new BuiltinError(`attribute 'op' must be a string but found: ${typeName(name)}`);
  const path = parsePath(pathValue);
  switch (name) {
    case 'add':
      return insert(document, path, attribute(operation, 'value'), charge);
    case 'remove':
      return remove(document, path, charge);
    case 'replace':
      return insert(remove(document, path, charge), path, attribute(operation, 'value'), charge);
    case 'move': {
      const from = parsePath(attribute(operation, 'from'));
      const moved = read(document, from, charge);
      return insert(remove(document, from, charge), path, moved, charge);
    }
    case 'copy':
      return insert(document, path, read(document, parsePath(attribute(operation, 'from')), charge), charge);
    case 'test': {
      const found = read(document, path, charge);
      const wanted = attribute(operation, 'value');
      charge(deepCost([found]));
      if (equal(found, wanted)) return document;
      const shown = `Expected: ${toText(wanted)}\n\nFound: ${toText(found)}`;
      throw new BuiltinError(`value from EditTree != patch value.\n\n${shown}`);
    }
    default:
      throw new BuiltinError(`unrecognized op: '${name}'`);
  }
}

const GO_TYPES = { null: 'ast.Null', boolean: 'ast.Boolean', number: 'ast.Number', string: 'ast.String' };

function notComposite(value: Value, where = ''): BuiltinError {
  const type = GO_TYPES[typeName(value) as keyof typeof GO_TYPES];
  return new BuiltinError(`expected composite type${where}, found value: ${toText(value)} (type: ${type})`);
}

/** The position a key names in an array; `-` is behind the last element. */
function position(key: Value, length: number): number {
  if (isNumber(key)) {
    const integer = toBigInt(key);
    if (integer === undefined) throw new BuiltinError('invalid number type for indexing');
    return Number(integer);
  }
  if (typeof key !== 'string') throw new BuiltinError('invalid type for indexing');
  if (key === '-') return length;
  if (!/^[+-]?\d+$/.test(key)) throw new BuiltinError('invalid string for indexing');
  if (/^0\d/.test(key)) throw new BuiltinError('leading zeros are not allowed in JSON paths');
  return Number(key);
}

function read(document: Value | undefined, path: Path, charge: Charge): Value {
  if (document === undefined) throw new BuiltinError('deleted node encountered during read operation');
  return path.reduce((value, key) => child(value, key, charge), document);
}

function child(value: Value, key: Value, charge: Charge): Value {
  const missing = (shown: string, kind: string) => {
    charge(2 * deepCost([value]));
    return new BuiltinError(`path ${shown} does not exist in ${kind} term ${toText(value)}`);
  };
  if (isArray(value)) {
    const index = position(key, value.length);
    const found = value[index];
    if (found === undefined) throw missing(String(index), 'array');
    return found;
  }
  if (value instanceof RegoSet || value instanceof RegoObject) {
    const found = value.get(key);
    const isSet = value instanceof RegoSet;
    if (found === undefined && isSet) throw missing(typeof key === 'string' ? key : toText(key), 'set');
    if (found === undefined) throw missing(toText(key), 'object');
    return found;
  }
  throw notComposite(value, ` for path ${toText(key)}`);
}

/** Steps for rebuilding a container, besides one for each element. */
const STEPS_PER_LEVEL = 4;

/** Rebuilds the containers on the way to the last key of a path. */
function change(
  document: Value,
  path: Path,
  charge: Charge,
  last: (container: Value, key: Value) => Value,
  depth = 0,
): Value {
  const key = path[depth]!;
  if (isArray(document)) charge(STEPS_PER_LEVEL + document.length);
  else if (document instanceof RegoSet || document instanceof RegoObject) charge(STEPS_PER_LEVEL + 2 * document.size);
  if (depth === path.length - 1) return last(document, key);
  const found = child(document, key, charge);
  const changed = change(found, path, charge, last, depth + 1);
  if (isArray(document)) return document.with(position(key, document.length), changed);
  if (document instanceof RegoSet) return RegoSet.from([...document.items().filter((item) => item !== found), changed]);
  return RegoObject.from([...(document as RegoObject).entries(), [key, changed]]);
}

function insert(document: Value | undefined, path: Path, value: Value, charge: Charge): Value {
  if (path.length === 0) return value;
  if (document === undefined) throw new BuiltinError('deleted node encountered during insert operation');
  return change(document, path, charge, (container, key) => {
    if (container instanceof RegoObject) return RegoObject.from([...container.entries(), [key, value]]);
    if (container instanceof RegoSet) {
      if (equal(key, value)) return RegoSet.from([...container, value]);
      throw new BuiltinError(`set key ${toText(key)} does not equal value to be inserted ${toText(value)}`);
    }
    if (!isArray(container)) throw notComposite(container);
    const index = position(key, container.length);
    if (index < 0 || index > container.length) throw new BuiltinError('index for array insertion out of bounds');
    return container.toSpliced(index, 0, value);
  });
}

function remove(document: Value | undefined, path: Path, charge: Charge): Value | undefined {
  if (document === undefined) throw new BuiltinError('deleted node encountered during delete operation');
  if (path.length === 0) return undefined;
  return change(document, path, charge, (container, key) => {
    if (isArray(container)) {
      const index = position(key, container.length);
      if (index < 0 || index >= container.length) throw new BuiltinError('index for array delete out of bounds');
      return container.toSpliced(index, 1);
    }
    if (!(container instanceof RegoObject || container instanceof RegoSet)) throw notComposite(container);
    if (!container.has(key)) throw new BuiltinError(`cannot delete child key ${shown(key)} that does not exist`);
    if (container instanceof RegoSet) return container.difference(RegoSet.from([key]));
    return RegoObject.from([...container.entries()].filter(([other]) => !equal(other, key)));
  });
}

function shown(key: Value): string {
  return typeof key === 'string' ? quote(key) : toText(key);
}
