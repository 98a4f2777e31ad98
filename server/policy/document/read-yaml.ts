import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Parser,
  type Scalar,
} from 'yaml';
import { LIMITS, MAX_PROBLEMS } from './limits.ts';
import type { Problem } from './problem.ts';
import type { Reading } from './read-json.ts';
import { numberProblem } from './read-number.ts';
import { type Position, SourceMap, step } from './source-map.ts';
import { LineIndex, textProblem } from './source-text.ts';

/** Closing brackets without a beginning after which a text is taken for something other than YAML. */
const MAX_STRAYS = 20;

/**
 * Reads one YAML 1.2 document (core schema) strictly, with the place of every value.
 *
 * Refuses anchors, aliases, tags, directives, several documents, duplicate or non-text keys, NaN and infinities, and
 * nesting deeper than the limit, which is measured before anything recursive looks at the text. Objects have no
 * prototype, so a key such as `__proto__` is an ordinary key. All problems of one text are collected.
 */
export function readYaml(text: string): Reading {
  const lines = new LineIndex(text);
  const sourceMap = new SourceMap();
  const refused = (problem: Problem): Reading => ({ value: undefined, sourceMap, problems: [problem] });

  const crowded = tooManyIndicators(text);
  if (crowded !== undefined) return refused(textProblem('document_too_large', TOO_MANY_PARTS, lines.at(crowded)));
  const tokens: CST.Token[] = [];
  const seen = { parts: 0, strays: 0 };
  for (const token of new Parser().parse(text)) {
    const fault = shapeFault(token, seen);
    if (fault) return refused(textProblem(fault.code, fault.message, lines.at(fault.offset)));
    tokens.push(token);
  }
  const directive = tokens.find((token) => token.type === 'directive');
  if (directive) {
    const message = 'YAML directives (lines that begin with %) are not accepted. Remove this line.';
    return refused(textProblem('yaml_directive', message, lines.at(directive.offset)));
  }
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (!document) return refused(textProblem('empty_document', 'The document is empty.', { line: 1, column: 1 }));
  if (second) {
    const message = 'There is a second YAML document here. Save each policy as a document of its own.';
    return refused(textProblem('several_documents', message, lines.at(second.range[0])));
  }
  return new YamlReader(lines, sourceMap).read(document);
}

const TOO_MANY_PARTS = `The document has more than ${LIMITS.parts} parts. Split it into several policies.`;

/** Characters that begin, end or separate parts outside of quotes. */
const INDICATORS = new Set([...'[]{},:?-&*!|>#%\n'].map((character) => character.charCodeAt(0)));

/** Each part takes three indicators at most on average; text with more would only keep the parser busy. */
const MAX_INDICATORS = LIMITS.parts * 3;

function tooManyIndicators(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (INDICATORS.has(text.charCodeAt(at))) count += 1;
    if (count > MAX_INDICATORS) return at;
  }
  return undefined;
}

type ShapeFault = { code: string; message: string; offset: number };

/** What makes a text too deep or too large to be composed; the parser has built it without recursion. */
function shapeFault(token: CST.Token, seen: { parts: number; strays: number }): ShapeFault | undefined {
  if (token.type === 'error') seen.strays += 1;
  if (seen.strays > MAX_STRAYS) {
    return { code: 'yaml_syntax', message: 'This is not YAML: brackets without a beginning.', offset: token.offset };
  }
  const open: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }];
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { offset } = entry.token;
    seen.parts += 1;
    if (seen.parts > LIMITS.parts) {
      return { code: 'document_too_large', message: TOO_MANY_PARTS, offset };
    }
    if (entry.depth > LIMITS.depth) {
      return { code: 'too_deep', message: `The document is nested deeper than ${LIMITS.depth} levels.`, offset };
    }
    for (const child of children(entry.token)) open.push({ token: child, depth: entry.depth + 1 });
  }
  return undefined;
}

function children(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((part) => part !== null && part !== undefined));
}

class YamlReader {
  readonly #lines: LineIndex;
  readonly #sourceMap: SourceMap;
  readonly #problems: Problem[] = [];

  constructor(lines: LineIndex, sourceMap: SourceMap) {
    this.#lines = lines;
    this.#sourceMap = sourceMap;
  }

  read(document: Document.Parsed): Reading {
    for (const error of document.errors.slice(0, MAX_PROBLEMS)) {
      const message = error.message.split('\n')[0]!;
      this.#problems.push(
        textProblem('yaml_syntax', `This is not valid YAML: ${message}.`, this.#lines.at(error.pos[0])),
      );
    }
    const value = this.#node(document.contents, '', this.#lines.at(0));
    return {
      value: document.errors.length > 0 ? undefined : value,
      sourceMap: this.#sourceMap,
      problems: this.#problems,
    };
  }

  #node(node: unknown, pointer: string, fallback: Position, key?: Position): unknown {
    const position = this.#position(node) ?? fallback;
    this.#sourceMap.place(pointer, position, key);
    if (isAlias(node)) {
      this.#note('yaml_alias', 'YAML aliases (*name) are not accepted. Write the value out.', position, pointer);
      return null;
    }
    if (isScalar(node) || isMap(node) || isSeq(node)) this.#refuseProperties(node, position, pointer);
    if (isMap(node)) return this.#map(node.items, pointer, position);
    if (isSeq(node)) return node.items.map((item, index) => this.#node(item, step(pointer, index), position));
    if (isScalar(node)) return this.#scalar(node, position, pointer);
    return null;
  }

  #map(items: { key: unknown; value: unknown }[], pointer: string, position: Position): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    for (const item of items) {
      const keyAt = this.#position(item.key) ?? position;
      const key = this.#key(item.key, keyAt, pointer);
      if (key === undefined) continue;
      const inner = step(pointer, key);
      if (key in object) {
        this.#note('duplicate_key', `The key ${JSON.stringify(key)} stands here twice; keep one.`, keyAt, inner);
        continue;
      }
      object[key] = this.#node(item.value, inner, keyAt, keyAt);
    }
    return object;
  }

  #key(key: unknown, position: Position, pointer: string): string | undefined {
    if (isScalar(key)) {
      this.#refuseProperties(key, position, pointer);
      if (typeof key.value === 'string') return key.value;
    }
    this.#note('key_not_text', 'A key has to be text. Put it in quotes if it is meant as one.', position, pointer);
    return undefined;
  }

  #scalar(node: Scalar, position: Position, pointer: string): unknown {
    const { value } = node;
    if (typeof value === 'string') {
      if (/\p{Surrogate}/u.test(value)) {
        this.#note(
          'lone_surrogate',
          'This text holds half of a surrogate pair, which is no character.',
          position,
          pointer,
        );
      }
      return value;
    }
    if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
    const number = Number(value);
    const problem = numberProblem(node.source ?? String(number), number);
    if (problem) this.#problems.push({ ...problem, path: pointer, ...position });
    return number;
  }

  #refuseProperties(node: Node, position: Position, pointer: string): void {
    if ('anchor' in node && node.anchor) {
      this.#note('yaml_anchor', 'YAML anchors (&name) are not accepted. Write each value out.', position, pointer);
    }
    if (node.tag) {
      this.#note('yaml_tag', 'YAML tags (!name) are not accepted. Quote the value if it is text.', position, pointer);
    }
  }

  #position(node: unknown): Position | undefined {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.#lines.at(range[0]) : undefined;
  }

  #note(code: string, message: string, position: Position, pointer: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push(textProblem(code, message, position, pointer));
  }
}
