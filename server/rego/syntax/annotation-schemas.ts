/** Reads the `schemas` of a `# METADATA` block: which places of `input` and `data` have which schema. */
import type { SchemaDeclaration, Term } from './ast.ts';
import { Cursor } from './cursor.ts';
import { lex } from './lexer.ts';
import { asRef, parseOperand } from './parse-terms.ts';
import { Source } from './source.ts';
import { BASE_KEYWORDS, V1_KEYWORDS } from './tokens.ts';

const DOCUMENTS: readonly string[] = ['input', 'data'];
const SCHEMAS: readonly string[] = ['schema'];

/** The entries of the list; throws an error that says what is wrong with one. */
export function readSchemas(given: unknown): SchemaDeclaration[] {
  if (!Array.isArray(given)) throw new Error("annotation 'schemas' must be a list, as in `- input: {type: object}`");
  return given.map(readSchema);
}

/** The entries as `rego.metadata` gives them: references as lists of texts. */
export function schemasJson(declarations: readonly SchemaDeclaration[]): Record<string, unknown>[] {
  return declarations.map(({ path, schema, definition }) => ({
    path: path.map(stepText),
    ...(schema === undefined ? { definition } : { schema: schema.map(stepText) }),
  }));
}

function readSchema(entry: unknown): SchemaDeclaration {
  const isMap = entry !== null && typeof entry === 'object' && !Array.isArray(entry);
  const [text, value] = isMap ? (Object.entries(entry)[0] ?? []) : [];
  if (text === undefined) throw new Error("annotation 'schemas': an entry must be a path with its schema");
  const path = reference(text, DOCUMENTS);
  if (path === undefined) throw new Error('invalid document reference');
  if (typeof value === 'string') {
    const schema = reference(value, SCHEMAS);
    if (schema === undefined) throw new Error('invalid schema reference');
    return { path, schema };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`invalid schema declaration for path "${text}"`);
  }
  // What a step by a variable declares is known only where a rule is evaluated.
  if (path.slice(1).some(({ kind }) => kind !== 'scalar')) throw new Error('invalid document reference');
  return { path, definition: value };
}

/** The terms of a reference that begins with one of the names; undefined for any other text. */
function reference(text: string, heads: readonly string[]): readonly Term[] | undefined {
  const source = new Source('', text);
  try {
    const cursor = new Cursor(source, lex(source).tokens, new Set([...BASE_KEYWORDS, ...V1_KEYWORDS]));
    const terms = asRef(parseOperand(cursor))?.terms;
    const head = terms?.[0];
    return cursor.ended && head?.kind === 'var' && heads.includes(head.name) ? terms : undefined;
  } catch {
    return undefined;
  }
}

function stepText(term: Term): string {
  if (term.kind === 'var') return term.name;
  return term.kind === 'scalar' && typeof term.value === 'string' ? term.value : term.location.text;
}
