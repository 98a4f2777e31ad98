/** Reads data and input documents from text and merges data as OPA does. */
import { parseYaml } from '../builtins/algorithms/parse-yaml.ts';
import { BuiltinError } from '../errors.ts';
import { fromJsonText, RegoObject, type Value } from '../values.ts';
import type { DocumentText } from './messages.ts';

/** A document cannot be read, or documents contradict each other; the message names the files. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** The value of a document. Throws DocumentError when the text is not what it should be. */
export function readDocument({ file, syntax, text }: DocumentText): Value {
  try {
    return syntax === 'json' ? fromJsonText(text) : parseYaml(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof BuiltinError || error instanceof RangeError) {
      throw new DocumentError(`${file}: ${error.message}`);
    }
    throw error;
  }
}

/** The value of an input, which may be YAML whatever it is called. Throws DocumentError as {@link readDocument} does. */
export function readInput(document: DocumentText): Value {
  try {
    return readDocument(document);
  } catch (error) {
    if (!(error instanceof DocumentError) || document.syntax === 'yaml') throw error;
    try {
      return readDocument({ ...document, syntax: 'yaml' });
    } catch {
      throw error;
    }
  }
}

/**
 * All documents, and values that were read already, as one. Throws DocumentError for a root that is no object and for two
 * values at one path.
 */
export function mergeDocuments(
  documents: readonly DocumentText[],
  values: readonly { readonly file: string; readonly value: Value }[] = [],
): RegoObject {
  const root = new Branch();
  const add = (file: string, value: Value): void => {
    if (!(value instanceof RegoObject)) throw new DocumentError(`${file}: document must be of type object`);
    root.add(value, file, 'data');
  };
  for (const document of documents) {
    const inner = readDocument(document);
    add(
      document.file,
      document.path.reduceRight<Value>((part, step) => RegoObject.from([[step, part]]), inner),
    );
  }
  for (const { file, value } of values) add(file, value);
  return root.value();
}

/** An object that is being put together, and which file each other value came from. */
class Branch {
  readonly #branches = new Map<string, Branch>();
  readonly #leaves = new Map<string, { value: Value; file: string }>();
  /** A file that has this object. */
  readonly file: string;

  constructor(file = '') {
    this.file = file;
  }

  add(object: RegoObject, file: string, path: string): void {
    for (const [key, value] of object.entries()) {
      const name = key as string;
      const at = `${path}.${name}`;
      const leaf = this.#leaves.get(name);
      const branch = this.#branches.get(name);
      if (leaf !== undefined || (branch !== undefined && !(value instanceof RegoObject))) {
        const also = leaf?.file ?? branch?.file;
        throw new DocumentError(`${file}: merge error: conflicting values at ${at}, also defined in ${also}`);
      }
      if (!(value instanceof RegoObject)) this.#leaves.set(name, { value, file });
      else (branch ?? this.#open(name, file)).add(value, file, at);
    }
  }

  #open(name: string, file: string): Branch {
    const branch = new Branch(file);
    this.#branches.set(name, branch);
    return branch;
  }

  value(): RegoObject {
    return RegoObject.from([
      ...[...this.#branches].map(([name, branch]) => [name, branch.value()] as [string, Value]),
      ...[...this.#leaves].map(([name, { value }]) => [name, value] as [string, Value]),
    ]);
  }
}
