import type * as YamlLibrary from 'yaml';
import { BuiltinError } from '../../errors.ts';
import { isNumber, numberText, RegoObject, toBigInt, type Value } from '../../values.ts';
import { isArray } from '../operands.ts';
import { fromBytes } from './bytes.ts';
import { lazyModule } from './lazy-modules.ts';
import { checkDirectives } from './yaml-directives.ts';
import { plainScalar } from './yaml-scalars.ts';

const library = lazyModule<typeof YamlLibrary>('yaml');

/** Reading does not yield, and deep or widely aliased documents multiply. */
export const MAXIMUM_LENGTH = 131_072;
const MAXIMUM_DEPTH = 200;
const MAXIMUM_NODES = 100_000;

/**
 * The value of the first document of a YAML text; the others are checked. Throws a BuiltinError with the line for what is no
 * YAML, for values that JSON does not have, and when the text is too long, too deep or refers to too much.
 */
export function parseYaml(text: string): Value {
  if (text.length > MAXIMUM_LENGTH) {
    throw new BuiltinError(`yaml: text of ${text.length} characters is too long: at most ${MAXIMUM_LENGTH}`);
  }
  if (deepestNesting(text) > MAXIMUM_DEPTH) throw new BuiltinError(`yaml: nested deeper than ${MAXIMUM_DEPTH}`);
  if (CONTROL.test(text)) throw new BuiltinError('yaml: control characters are not allowed');
  checkDirectives(text);
  const lines = new (library().LineCounter)();
  const documents = library().parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) return null;
  for (const document of documents as readonly YamlLibrary.Document.Parsed[]) {
    const [error] = document.errors;
    if (error) throw new BuiltinError(`yaml: line ${lines.linePos(error.pos[0]).line}: ${describe(error)}`);
  }
  const [first, ...others] = documents as readonly YamlLibrary.Document.Parsed[];
  const unmarked = others.find((document) => !document.directives?.docStart);
  if (unmarked || /^\s*\.\.\.(?:\s|$)/.test(text)) {
    const { line } = lines.linePos(unmarked?.range[0] ?? 0);
    throw new BuiltinError(`yaml: line ${line}: did not find expected <document start>`);
  }
  return first ? new Converter(first, text).convert() : null;
}

/** Characters that no YAML text may have. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** An upper bound for the nesting of a text, so that no document can exhaust the call stack of the library. */
function deepestNesting(text: string): number {
  let deepest = 0;
  let flow = 0;
  for (const line of text.split('\n')) {
    const block = /^(?:[ ]|[-?:] )*/.exec(line)![0].length;
    for (const character of line) {
      if (character === '[' || character === '{') flow += 1;
      else if (character === ']' || character === '}') flow = Math.max(0, flow - 1);
      deepest = Math.max(deepest, flow + block / 2);
    }
  }
  return deepest;
}

function describe(error: YamlLibrary.YAMLError): string {
  if (/^Flow (?:sequence|map)/.test(error.message)) return "did not find expected ',' or ']' or node content";
  return `did not find expected node content: ${error.message}`;
}

/** What scalars with these tags must be, however they are written. */
const TAGGED: Readonly<Record<string, (value: Value) => boolean>> = {
  bool: (value) => typeof value === 'boolean',
  float: isNumber,
  int: (value) => isNumber(value) && toBigInt(value) !== undefined,
  null: (value) => value === null,
};

class Converter {
  readonly #document: YamlLibrary.Document.Parsed;
  /** A block text that ends here has no line break of its own to keep. */
  readonly #unfinishedAt: number;
  readonly #anchors = new Map<string, unknown>();
  #nodes = 0;
  #aliasDepth = 0;

  constructor(document: YamlLibrary.Document.Parsed, text: string) {
    this.#document = document;
    this.#unfinishedAt = text.endsWith('\n') ? Number.POSITIVE_INFINITY : text.length;
  }

  convert(): Value {
    return this.#value(this.#document.contents, 0);
  }

  #value(node: unknown, depth: number): Value {
    const yaml = library();
    this.#nodes += 1;
    if (this.#nodes > MAXIMUM_NODES) throw new BuiltinError('yaml: document contains excessive aliasing');
    if (depth > MAXIMUM_DEPTH) throw new BuiltinError(`yaml: nested deeper than ${MAXIMUM_DEPTH}`);
    if (yaml.isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!target) throw new BuiltinError(`yaml: unknown anchor '${node.source}' referenced`);
      this.#aliasDepth += 1;
      const value = this.#value(target, depth + 1);
      this.#aliasDepth -= 1;
      return value;
    }
    // An alias means the anchor before it in the text, not one that is met again inside another alias.
    if (yaml.isNode(node) && node.anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(node.anchor, node);
    if (yaml.isScalar(node)) return this.#scalar(node);
    if (yaml.isSeq(node)) return node.items.map((item) => this.#value(item, depth + 1));
    return yaml.isMap(node) ? this.#map(node, depth) : null;
  }

  #scalar(node: YamlLibrary.Scalar): Value {
    if (node.value instanceof Uint8Array) return fromBytes(node.value);
    if (node.value instanceof Date) return node.value.toISOString().replace('.000Z', 'Z');
    const text = String(node.value ?? '');
    if (node.tag === '!!binary' || node.tag === 'tag:yaml.org,2002:binary') {
      return fromBytes(Buffer.from(text, 'base64'));
    }
    if (node.type?.startsWith('BLOCK') && (node.range?.[1] ?? 0) >= this.#unfinishedAt) return text.replace(/\n$/, '');
    const tag = node.tag?.replace(/^(?:!!|tag:yaml\.org,2002:)/, '') ?? '';
    const wanted = TAGGED[tag];
    if (wanted === undefined && node.type !== 'PLAIN' && node.type !== undefined && node.type !== null) return text;
    if (tag === 'str') return text;
    try {
      const value = plainScalar(text);
      if (wanted?.(value) === false) throw new RangeError(`yaml: cannot decode !!str \`${text}\` as a !!${tag}`);
      return value;
    } catch (error) {
      throw new BuiltinError((error as Error).message);
    }
  }

  #map(node: YamlLibrary.YAMLMap, depth: number): Value {
    const entries: [string, Value][] = [];
    const merged: [Value, Value][] = [];
    for (const { key, value } of node.items) {
      const content = this.#value(value, depth + 1);
      if (library().isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
        for (const part of isArray(content) ? content.toReversed() : [content]) {
          if (!(part instanceof RegoObject)) throw new BuiltinError('yaml: map merge requires map or sequence of maps');
          merged.push(...part.entries());
        }
      } else {
        entries.push([keyText(this.#value(key, depth + 1)), content]);
      }
    }
    return RegoObject.from([...merged, ...entries]);
  }
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (isNumber(key)) return numberText(key);
  if (typeof key === 'boolean') return String(key);
  throw new BuiltinError('yaml: invalid map key: keys must be scalars');
}
