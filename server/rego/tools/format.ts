/** Formats policy sources: one layout for all, with every comment kept. */

import { importPath } from '../compile/module-checks.ts';
import { type Location, RegoError, RegoErrors } from '../errors.ts';
import { isStackOverflow } from '../stack.ts';
import type { Comment, Module } from '../syntax/ast.ts';
import { type ParseOptions, parseModule } from '../syntax/parser.ts';
import { CommentQueue, commentText, endRow, standingLines } from './format-comments.ts';
import { importGroups, importsOfDocuments, neededImports, pathText } from './format-imports.ts';
import { moduleMeaning } from './format-meaning.ts';
import { obstaclesToV1 } from './format-migration.ts';
import { RulePrinter, type RuleStyle } from './format-rules.ts';

/** How to read a source, and what to make of it. */
export interface FormatOptions extends ParseOptions {
  /** Writes a source of v0 so that it is one of v1 too: with `import rego.v1`, `if`, `contains` and `:=`. */
  readonly toV1?: boolean;
}

/**
 * The source in canonical layout. Formatting twice gives the same as once, and the result means the same as the
 * source: this is checked before it is returned. Throws RegoErrors when the source does not parse or, for `toV1`, has
 * what v1 forbids, and RegoError when it is nested too deep.
 */
export function format(file: string, text: string, options: FormatOptions = {}): string {
  const { module, errors } = parseModule(file, text, options);
  if (module === undefined || errors.length > 0) throw new RegoErrors(errors);
  const obstacles = options.toV1 ? obstaclesToV1(module) : [];
  if (obstacles.length > 0) throw new RegoErrors(obstacles);
  try {
    const formatted = new ModulePrinter(module, options).print();
    checkSameMeaning(module, formatted, options);
    return formatted;
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    throw new RegoError('rego_compile_error', `${file} is nested too deep to be formatted`);
  }
}

function checkSameMeaning(module: Module, formatted: string, { toV1 = false, ...options }: FormatOptions): void {
  const again = parseModule(module.file, formatted, toV1 ? {} : options);
  const imports = toV1 ? importsOfDocuments : neededImports;
  if (
    again.module !== undefined &&
    again.errors.length === 0 &&
    moduleMeaning(again.module, imports) === moduleMeaning(module, imports)
  )
    return;
  throw new RegoError('rego_compile_error', `${module.file} cannot be formatted without changing it`);
}

/** Something that stands on lines of its own at the top of a module. */
interface Block {
  readonly location: Location;
  readonly lastRow: number;
  readonly kind: 'package' | 'import' | 'rule';
  /** Whether empty lines go around it even where another of its kind is on the next row. */
  readonly isApart?: boolean;
  print(): string;
}

/** What was printed last. */
interface Above {
  readonly kind: Block['kind'] | 'comment';
  readonly row: number;
  readonly lastRow: number;
  readonly isApart: boolean;
}

class ModulePrinter {
  readonly #module: Module;
  readonly #toV1: boolean;
  readonly #comments: CommentQueue;
  readonly #rules: RulePrinter;
  readonly #lines: string[] = [];
  #above: Above | undefined;

  constructor(module: Module, { version = 'v1', toV1 = false }: FormatOptions) {
    this.#module = module;
    this.#toV1 = toV1;
    this.#comments = new CommentQueue(module.comments);
    this.#rules = new RulePrinter(module, styleOf(module, toV1 || version === 'v1'), this.#comments);
  }

  print(): string {
    for (const block of this.#blocks()) {
      this.#standing(this.#comments.before(block.location.offset));
      this.#block(block);
    }
    const [first, ...others] = this.#comments.before(Number.POSITIVE_INFINITY);
    if (first !== undefined) this.#standing([first]);
    this.#lines.push(...others.map(commentText));
    return `${this.#lines.join('\n')}\n`;
  }

  /** Comments on lines of their own: they belong to what is below them, and stand apart from all above them. */
  #standing(comments: readonly Comment[]): void {
    for (const comment of comments) {
      const { row } = comment.location;
      const above = this.#above;
      if (above !== undefined && (above.kind !== 'comment' || row > above.lastRow + 1)) this.#lines.push('');
      this.#lines.push(commentText(comment));
      this.#above = { kind: 'comment', row, lastRow: row, isApart: false };
    }
  }

  #block(block: Block): void {
    const text = block.print();
    const { location, lastRow } = block;
    if (this.#above !== undefined && !this.#isBeside(block, this.#above)) this.#lines.push('');
    const [trailing, ...others] = this.#comments.onRows(lastRow);
    this.#lines.push(trailing === undefined ? text : `${text} ${commentText(trailing)}`, ...standingLines(others));
    this.#above = { kind: block.kind, row: location.row, lastRow, isApart: block.isApart === true };
  }

  /** Whether no empty line goes between a block and what is above it. */
  #isBeside({ location: { row }, kind, isApart }: Block, above: Above): boolean {
    if (above.kind === 'comment') return row === above.lastRow + 1;
    return above.kind === kind && row === above.row + 1 && !above.isApart && isApart !== true;
  }

  #blocks(): Block[] {
    const { package: pkg, rules } = this.#module;
    const blocks = [
      {
        location: pkg.location,
        lastRow: endRow(pkg.location),
        kind: 'package' as const,
        print: () => `package ${pathText(pkg.path)}`,
      },
      ...importGroups(this.#module, this.#toV1).map(
        (group): Block => ({ ...group, kind: 'import', isApart: true, print: () => group.print(this.#comments) }),
      ),
      ...rules.map((rule) => ({
        location: rule.location,
        lastRow: this.#rules.lastRow(rule),
        kind: 'rule' as const,
        isApart: this.#rules.standsApart(rule),
        print: () => this.#rules.rule(rule),
      })),
    ];
    return blocks.sort((a, b) => a.location.offset - b.location.offset);
  }
}

/** Which keywords the rules of a module are written with: all in v1, and those that it imports in v0. */
function styleOf({ imports }: Module, isCurrent: boolean): RuleStyle {
  const paths = imports.map(importPath);
  const has = (keyword: string): boolean =>
    isCurrent ||
    paths.some(([root, , name]) => root === 'rego' || (root === 'future' && (name ?? keyword) === keyword));
  return { assigns: isCurrent, ifs: has('if'), contains: has('contains') };
}
