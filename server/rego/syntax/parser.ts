/** Parses policy modules and queries. */
import { type Location, RegoError } from '../errors.ts';
import { withParseHint } from '../hints/parse-hints.ts';
import { isStackOverflow } from '../stack.ts';
import { typeName } from '../values.ts';
import { attachAnnotations, parseAnnotations } from './annotations.ts';
import type { Body, Import, Module, RegoVersion, Rule } from './ast.ts';
import { Cursor, NESTED_TOO_DEEP } from './cursor.ts';
import { lex } from './lexer.ts';
import { parseBody } from './parse-expressions.ts';
import { parseRules } from './parse-rules.ts';
import { asRef, parseOperand } from './parse-terms.ts';
import { Source } from './source.ts';
import { BASE_KEYWORDS, FUTURE_KEYWORDS, V1_KEYWORDS } from './tokens.ts';

/** After this many errors the rest of a source is not read. */
const MAX_ERRORS = 10;

/** What to read a source as. */
export interface ParseOptions {
  /** The language version of sources that do not say `import rego.v1`; default v1. */
  readonly version?: RegoVersion;
}

/** A module and what was wrong with its source; without errors the module is complete. */
export interface ParseResult {
  readonly module: Module | undefined;
  readonly errors: readonly RegoError[];
}

/**
 * Parses a module. After an error the parser goes on at the next line that can begin a rule, so one run reports
 * several errors, each with its exact place. Never throws for a bad source.
 */
export function parseModule(file: string, text: string, options: ParseOptions = {}): ParseResult {
  const source = new Source(file, text);
  const errors: RegoError[] = [];
  let module: Module | undefined;
  try {
    module = new ModuleParser(source, options.version ?? 'v1', errors).parse();
  } catch (error) {
    errors.push(parseError(error, source));
  }
  return { module, errors: errors.map((error) => withParseHint(error, text)) };
}

/** The error of a source that could not be read to its end. Rethrows what the source cannot be blamed for. */
function parseError(error: unknown, source: Source): RegoError {
  if (error instanceof RegoError) return error;
  if (isStackOverflow(error)) return new RegoError('rego_parse_error', NESTED_TOO_DEEP, source.location(0, 0));
  throw error;
}

/** Parses a query: expressions separated by `;` or line breaks. Throws RegoError (`rego_parse_error`). */
export function parseQuery(
  file: string,
  text: string,
  options: ParseOptions & { imports?: readonly string[] } = {},
): Body {
  const source = new Source(file, text);
  const { tokens } = lex(source);
  const last = tokens.at(-1)!;
  const closed = [...tokens.slice(0, -1), { ...last, kind: 'punctuation' as const, text: '\0', spaced: true }, last];
  const keywords = new Set([
    ...BASE_KEYWORDS,
    ...(options.version === 'v0' ? [] : V1_KEYWORDS),
    ...(options.imports ?? []),
  ]);
  const cursor = new Cursor(source, closed, keywords);
  cursor.wholeNegation = options.imports?.includes('not') ?? false;
  try {
    return parseBody(cursor, '\0');
  } catch (error) {
    const known = parseError(error, source);
    throw withParseHint(known.message.includes('\0') ? endOfQuery(known, file, text) : known, text);
  }
}

/** The error at the end of a query, placed at the last character that says something. */
function endOfQuery(error: RegoError, file: string, text: string): RegoError {
  const offset = Math.max(0, text.trimEnd().length - 1);
  const lines = text.slice(0, offset + 1).split('\n');
  const location = { file, row: lines.length, column: Math.max(1, [...lines.at(-1)!].length), offset, text: '' };
  return new RegoError(error.code, error.message.replaceAll('\0', 'eof'), location, error.hint, error.details);
}

/** The place of what a source lacks as a whole. */
function nowhereIn({ file }: Source): Location {
  return { file, row: 0, column: 0, offset: 0, text: '' };
}

/** What is said of statements that are read but are no rules. */
const OF_STATEMENTS = new RegExp(
  [
    '^(?:(?!not |contains )\\w+ cannot be used for rule name',
    'rule name conflicts with built-in',
    'rule must have value assignment',
    'multiple expressions cannot',
    'expressions using with keyword',
    'invalid rule head',
    '`(?:if|contains)` keyword is required)',
  ].join('|'),
);

/** Whether a statement is a rule OPA asks only where every statement could be read. */
function dropLaterErrors(errors: RegoError[]): void {
  const unread = errors.filter(({ message }) => !OF_STATEMENTS.test(message));
  if (unread.length > 0 && unread.length < errors.length) errors.splice(0, errors.length, ...unread);
}

class ModuleParser {
  readonly #source: Source;
  readonly #errors: RegoError[];
  readonly #cursor: Cursor;
  readonly #comments: Module['comments'];
  #version: RegoVersion;

  constructor(source: Source, version: RegoVersion, errors: RegoError[]) {
    this.#source = source;
    this.#errors = errors;
    this.#version = version;
    const { tokens, comments } = lex(source);
    this.#comments = comments;
    this.#cursor = new Cursor(source, tokens, new Set([...BASE_KEYWORDS, ...(version === 'v1' ? V1_KEYWORDS : [])]));
  }

  parse(): Module {
    const cursor: Cursor = this.#cursor;
    if (cursor.ended) throw new RegoError('rego_parse_error', 'empty module', nowhereIn(this.#source));
    if (!cursor.atKeyword('package')) cursor.fail('package expected', cursor.token);
    const pkg = this.#package();
    const imports: Import[] = [];
    const rules: Rule[] = [];
    while (!cursor.ended && this.#errors.length < MAX_ERRORS) {
      const begin = cursor.mark();
      try {
        if (cursor.atKeyword('import')) imports.push(this.#import());
        else if (cursor.atKeyword('package')) cursor.fail('unexpected package', cursor.token);
        else rules.push(...parseRules(cursor, this.#version === 'v1'));
        this.#errors.push(...cursor.reported.splice(0));
      } catch (error) {
        if (!(error instanceof RegoError) || cursor.exhausted) throw error;
        this.#errors.push(...cursor.reported.splice(0), ...cursor.failures(error));
        this.#recover(OF_STATEMENTS.test(error.message) && cursor.mark() > begin);
      }
    }
    dropLaterErrors(this.#errors);
    // Where a rule does not parse, its annotations have nothing to apply to, which is no error of its own.
    const errors = this.#errors.length > 0 ? [] : this.#errors;
    const blocks = parseAnnotations(this.#comments, this.#source, errors);
    const annotated = attachAnnotations(blocks, pkg, rules, errors);
    return {
      file: this.#source.file,
      source: this.#source.text,
      version: this.#version,
      package: pkg,
      imports,
      comments: this.#comments,
      ...annotated,
    };
  }

  /** Skips to the next line that begins in the first column with a word, as rules do; that line when it was read up to it. */
  #recover(wasRead: boolean): void {
    const cursor: Cursor = this.#cursor;
    cursor.depth = 0;
    if (!wasRead) cursor.take();
    for (;;) {
      const token = cursor.token;
      if (token.kind === 'eof') return;
      const firstOfRow = token.row > cursor.previous.endRow;
      if (firstOfRow && token.kind === 'ident' && cursor.locationOf(token).column === 1) return;
      cursor.take();
    }
  }

  #package(): Module['package'] {
    const cursor: Cursor = this.#cursor;
    const start = cursor.take();
    if (cursor.token.kind !== 'ident') cursor.unexpected('expected identifier');
    const ref = asRef(parseOperand(cursor));
    const path = ref?.terms.map((term, index) => {
      if (term.kind === 'var' && index === 0) return term.name;
      return term.kind === 'scalar' && typeof term.value === 'string' ? term.value : undefined;
    });
    if (path === undefined || path.includes(undefined)) {
      cursor.failAt('package name must be a variable or a reference of strings', cursor.locationFrom(start));
    }
    return { path: path as string[], location: cursor.locationFrom(start) };
  }

  #import(): Import {
    const cursor: Cursor = this.#cursor;
    const start = cursor.take();
    const pathStart = cursor.token;
    if (pathStart.kind !== 'ident') cursor.unexpected();
    const path = asRef(parseOperand(cursor));
    const head = path?.terms[0];
    if (path === undefined || head?.kind !== 'var') {
      cursor.fail('unexpected import path, must be a reference', pathStart);
    }
    if (!['data', 'input', 'future', 'rego'].includes(head.name)) {
      cursor.fail(
        `unexpected import path, must begin with one of: {data, future, input, rego}, got: ${head.name} (hint: if this is unexpected, try updating OPA)`,
        pathStart,
      );
    }
    const steps = path.terms.slice(1).map((term) => {
      if (term.kind === 'scalar' && typeof term.value === 'string') return term.value;
      const kind = term.kind === 'scalar' ? typeName(term.value) : term.kind;
      return cursor.failAt(`unexpected ${kind} token: expecting string`, term.location);
    });
    let alias: string | undefined;
    if (cursor.acceptKeyword('as')) {
      const token = cursor.token;
      if (!cursor.atName()) cursor.unexpected('expected var');
      cursor.take();
      alias = token.text;
      if (head.name === 'rego' || head.name === 'future')
        cursor.fail(`\`${head.name}\` imports cannot be aliased`, token);
      if (alias === 'input' || alias === 'data') {
        cursor.fail(`unexpected import alias, must not be a reserved name, got: ${alias}`, token);
      }
    }
    const last = path.terms.at(-1)!;
    const word = last.location.text.replace(/^["`]|["`]$/g, '');
    if (
      alias === undefined &&
      path.terms.length > 1 &&
      !['future', 'rego'].includes(head.name) &&
      cursor.keywords.has(word)
    ) {
      const hint = 'hint: import a different path or use an alias';
      cursor.failAt(`unexpected import path, must not end with a keyword, got: ${word} (${hint})`, last.location);
    }
    const location = cursor.locationFrom(start);
    const made: Import = { path, alias, location };
    if (head.name === 'future') this.#future(steps, pathStart);
    if (head.name === 'rego') this.#rego(steps, pathStart);
    return made;
  }

  #future(steps: readonly string[], at: Cursor['token']): void {
    const cursor: Cursor = this.#cursor;
    if (steps[0] !== 'keywords' || steps.length > 2) {
      cursor.fail('invalid import, must be `future.keywords`', at);
    }
    const known: readonly string[] = FUTURE_KEYWORDS;
    const names = steps.length === 1 ? known : [steps[1]!];
    for (const name of names) {
      if (!known.includes(name)) {
        cursor.fail(`unexpected keyword, must be one of [${[...known].sort().join(' ')}]`, at);
      }
      this.#switchOn(name);
    }
  }

  #rego(steps: readonly string[], at: Cursor['token']): void {
    if (steps.length !== 1 || (steps[0] !== 'v1' && steps[0] !== 'v2')) {
      const path = ['rego', ...steps].join('.');
      this.#cursor.fail(`invalid import \`${path}\`, must be one of: \`rego.v1\`, \`rego.v2\``, at);
    }
    this.#version = 'v1';
    for (const name of V1_KEYWORDS) this.#switchOn(name);
    if (steps[0] === 'v2') for (const name of ['and', 'or', 'not']) this.#switchOn(name);
  }

  #switchOn(keyword: string): void {
    this.#cursor.keywords.add(keyword);
    if (keyword === 'every') this.#cursor.keywords.add('in');
    if (keyword === 'not') this.#cursor.wholeNegation = true;
  }
}
