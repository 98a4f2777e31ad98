/** Reads `# METADATA` blocks and attaches them to the rule or package they stand before. */
import { isScalar, parseDocument, visit } from 'yaml';
import { type Location, RegoError } from '../errors.ts';
import { readSchemas, schemasJson } from './annotation-schemas.ts';
import type { Annotations, Comment, Module, Rule, SchemaDeclaration } from './ast.ts';
import type { Source } from './source.ts';

const SCOPES: readonly string[] = ['rule', 'document', 'package', 'subpackages'];
const TEXTS = ['title', 'description'] as const;
/** A block before it is known what it stands before. */
export interface Block {
  readonly location: Location;
  readonly scope: Annotations['scope'] | undefined;
  readonly content: Readonly<Record<string, unknown>>;
  readonly schemas: readonly SchemaDeclaration[];
  readonly entrypoint: boolean;
  readonly endRow: number;
}

/** Finds and reads the blocks of a source; adds an error for each that cannot be read. */
export function parseAnnotations(comments: readonly Comment[], source: Source, errors: RegoError[]): Block[] {
  const blocks: Block[] = [];
  for (let index = 0; index < comments.length; index++) {
    const first = comments[index]!;
    if (first.text.trim() !== 'METADATA' || !standsAlone(first, source)) continue;
    const lines: string[] = [];
    let last = first;
    while (index + 1 < comments.length) {
      const next = comments[index + 1]!;
      const follows = next.location.row === last.location.row + 1 && next.location.column === first.location.column;
      if (!follows || next.text.trim() === 'METADATA') break;
      lines.push(next.text.replace(/^ /, ''));
      last = next;
      index++;
    }
    try {
      blocks.push(readBlock(lines, first.location, last.location.row));
    } catch (error) {
      errors.push(new RegoError('rego_parse_error', (error as Error).message, first.location));
    }
  }
  return blocks;
}

function standsAlone(comment: Comment, source: Source): boolean {
  return source.line(comment.location.row).trimStart().startsWith('#');
}

function readBlock(lines: readonly string[], location: Location, endRow: number): Block {
  if (lines.length === 0) throw new Error('expected METADATA block, found whitespace');
  const raw: unknown = readYaml(lines.join('\n'));
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw new Error('expected METADATA block to be a map of annotations');
  }
  const given = raw as Record<string, unknown>;
  const scope = given.scope as Annotations['scope'] | undefined;
  if (scope !== undefined && !SCOPES.includes(scope)) {
    throw new Error(
      `invalid annotation scope '${String(scope)}'. Use one of 'rule', 'document', 'package', or 'subpackages'`,
    );
  }
  const schemas = given.schemas === undefined || given.schemas === null ? [] : readSchemas(given.schemas);
  return {
    location,
    scope,
    content: normalise(given, schemas),
    schemas,
    entrypoint: given.entrypoint === true,
    endRow,
  };
}

/** A block is written by hand; longer ones take long to read. */
const MAX_BLOCK = 131_072;

/** Finds repeated keys itself: the library compares every key with every other. */
function readYaml(text: string): unknown {
  if (text.length > MAX_BLOCK) throw new Error(`a METADATA block has at most ${MAX_BLOCK} characters`);
  const document = parseDocument(text, { uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (keys.has(name)) throw new Error(`yaml: the key ${JSON.stringify(name)} is given twice`);
        keys.add(name);
      }
    },
  });
  return document.toJS();
}

function normalise(
  given: Readonly<Record<string, unknown>>,
  schemas: readonly SchemaDeclaration[],
): Record<string, unknown> {
  const content: Record<string, unknown> = {};
  for (const name of TEXTS) if (given[name] !== undefined) content[name] = String(given[name]);
  if (given.entrypoint === true) content.entrypoint = true;
  if (Array.isArray(given.organizations)) content.organizations = given.organizations.map(String);
  if (Array.isArray(given.related_resources)) content.related_resources = given.related_resources.map(relatedResource);
  if (Array.isArray(given.authors)) content.authors = given.authors.map(author);
  if (schemas.length > 0) content.schemas = schemasJson(schemas);
  for (const name of ['custom', 'labels', 'compile']) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`annotation '${name}' must be a map`);
    content[name] = value;
  }
  return content;
}

function relatedResource(entry: unknown): Record<string, unknown> {
  if (typeof entry === 'string') return { ref: entry };
  const { ref, description } = (entry ?? {}) as Record<string, unknown>;
  if (typeof ref !== 'string') throw new Error("invalid related-resource: 'ref' must be set");
  return { ref, ...(description === undefined ? {} : { description: String(description) }) };
}

function author(entry: unknown): Record<string, unknown> {
  if (typeof entry === 'string') {
    const mail = /\s*<([^<>]+)>\s*$/.exec(entry);
    const name = (mail === null ? entry : entry.slice(0, mail.index)).trim();
    return { ...(name === '' ? {} : { name }), ...(mail === null ? {} : { email: mail[1] }) };
  }
  const { name, email } = (entry ?? {}) as Record<string, unknown>;
  if (name === undefined && email === undefined) throw new Error("invalid author: 'name' and/or 'email' must be set");
  return { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
}

/** Gives each block its scope and each rule its blocks; adds an error where a scope does not fit the place. */
export function attachAnnotations(
  blocks: readonly Block[],
  pkg: Module['package'],
  rules: readonly Rule[],
  errors: RegoError[],
): Pick<Module, 'rules' | 'annotations'> {
  const annotations: Annotations[] = [];
  const byRule = new Map<Rule, Annotations[]>();
  const packageRow = pkg.location.row;
  let next = 0;
  for (const block of blocks) {
    const beforePackage = block.endRow < packageRow;
    while (next < rules.length && rules[next]!.location.row <= block.endRow) next++;
    const rule = beforePackage ? undefined : rules[next];
    const scope = block.scope ?? (block.entrypoint && !beforePackage ? 'document' : beforePackage ? 'package' : 'rule');
    const fail = (message: string): void => {
      errors.push(new RegoError('rego_parse_error', message, block.location));
    };
    if (beforePackage && (scope === 'rule' || scope === 'document')) {
      fail(`annotation scope '${scope}' must be applied to rule`);
      continue;
    }
    if (!beforePackage && (scope === 'package' || scope === 'subpackages')) {
      fail(`annotation scope '${scope}' must be applied to package (have rule)`);
      continue;
    }
    if (!beforePackage && rule === undefined) {
      fail(`annotation scope '${scope}' must be applied to rule`);
      continue;
    }
    const target = rule === undefined ? pkg.path : [...pkg.path, ...headPath(rule)];
    const made: Annotations = { ...block, scope, content: { scope, ...block.content }, target };
    annotations.push(made);
    if (rule !== undefined) addTo(byRule, rule, made);
  }
  const annotated = rules.map((rule) => {
    const own = byRule.get(rule);
    return own === undefined ? rule : { ...rule, annotations: own };
  });
  return { rules: annotated, annotations };
}

function addTo(byRule: Map<Rule, Annotations[]>, rule: Rule, block: Annotations): void {
  const known = byRule.get(rule);
  if (known === undefined) byRule.set(rule, [block]);
  else known.push(block);
}

/** The constant steps of a rule's head. */
function headPath(rule: Rule): string[] {
  const path: string[] = [];
  for (const [index, term] of rule.head.ref.terms.entries()) {
    if (index === 0 && term.kind === 'var') path.push(term.name);
    else if (term.kind === 'scalar' && typeof term.value === 'string') path.push(term.value);
    else break;
  }
  return path;
}
