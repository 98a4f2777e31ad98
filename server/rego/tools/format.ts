/** Formats policy sources: one layout for all, with every comment kept. */

import { importPath } from '../compile/module-checks.ts';
import { type Location, RegoError, RegoErrors } from '../errors.ts';
import { isStackOverflow } from '../stack.ts';
import type { Comment, Import, Module, Rule } from '../syntax/ast.ts';
import { type ParseOptions, parseModule } from '../syntax/parser.ts';
import { V1_KEYWORDS } from '../syntax/tokens.ts';
import { compareStrings } from '../values.ts';
import { CommentQueue, commentText, endRow } from './format-comments.ts';
import { moduleMeaning } from './format-meaning.ts';
import { RulePrinter } from './format-rules.ts';

/**
 * The source in canonical layout. Formatting twice gives the same as once, and the result means the same as the
 * source: this is checked before it is returned. Throws RegoErrors when the source does not parse, and RegoError when
 * it is nested too deep.
 */
export function format(file: string, text: string, options: ParseOptions = {}): string {
  const { module, errors } = parseModule(file, text, options);
  if (module === undefined || errors.length > 0) throw new RegoErrors(errors);
  try {
    const formatted = new ModulePrinter(module).print();
    checkSameMeaning(module, formatted, options);
    return formatted;
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    throw new RegoError('rego_compile_error', `${file} is nested too deep to be formatted`);
  }
}

function checkSameMeaning(module: Module, formatted: string, options: ParseOptions): void {
  const again = parseModule(module.file, formatted, options);
  if (
    again.module !== undefined &&
    again.errors.length === 0 &&
    moduleMeaning(again.module, neededImports) === moduleMeaning(module, neededImports)
  )
    return;
  throw new RegoError('rego_compile_error', `${module.file} cannot be formatted without changing it`);
}

/** Something that stands on lines of its own at the top of a module. */
interface Block {
  readonly location: Location;
  readonly lastRow: number;
  readonly kind: 'package' | 'import' | 'rule';
  /** Whether empty lines go around it even where it takes one line. */
  readonly isApart?: boolean;
  print(): string;
}

class ModulePrinter {
  readonly #module: Module;
  readonly #comments: CommentQueue;
  readonly #rules: RulePrinter;
  readonly #lines: string[] = [];
  #before: { row: number; kind: Block['kind'] | 'comment'; tall: boolean; trailing: boolean } | undefined;

  constructor(module: Module) {
    this.#module = module;
    this.#comments = new CommentQueue(module.comments);
    this.#rules = new RulePrinter(module, this.#comments);
  }

  print(): string {
    for (const block of this.#blocks()) {
      this.#standing(this.#comments.before(block.location.offset));
      this.#block(block);
    }
    this.#standing(this.#comments.before(Number.POSITIVE_INFINITY));
    return `${this.#lines.join('\n')}\n`;
  }

  /** Comments on lines of their own. */
  #standing(comments: readonly Comment[]): void {
    for (const comment of comments) {
      const { row } = comment.location;
      const before = this.#before;
      const apart = before !== undefined && (row > before.row + 1 || before.tall || before.trailing);
      if (apart || before?.kind === 'package') this.#lines.push('');
      this.#lines.push(commentText(comment));
      this.#before = { row, kind: 'comment', tall: false, trailing: false };
    }
  }

  #block(block: Block): void {
    const text = block.print();
    const { location, lastRow, kind } = block;
    const tall = block.isApart === true || text.includes('\n');
    const before = this.#before;
    if (before !== undefined) {
      const kindsDiffer = before.kind !== kind && before.kind !== 'comment';
      const isApart =
        location.row > before.row + 1 ||
        location.row === before.row ||
        before.tall ||
        (tall && before.kind !== 'comment');
      if (kindsDiffer || isApart) this.#lines.push('');
    }
    const [trailing, ...others] = this.#comments.upTo(location.offset + location.text.length, lastRow);
    this.#lines.push(trailing === undefined ? text : `${text} ${commentText(trailing)}`);
    for (const comment of others) this.#lines.push(commentText(comment));
    this.#before = { row: lastRow, kind, tall, trailing: trailing !== undefined };
  }

  #blocks(): Block[] {
    const { package: pkg, imports, rules } = this.#module;
    const blocks = [
      {
        location: pkg.location,
        lastRow: endRow(pkg.location),
        kind: 'package' as const,
        print: () => `package ${pathText(pkg.path)}`,
      },
      ...this.#sortedImports(imports),
      ...groupChained(rules).map((group) => ({
        location: groupPlace(group),
        lastRow: endRow(group.at(-1)!.location),
        kind: 'rule' as const,
        isApart: group[0]!.isDefault,
        print: () => this.#rules.chained(group),
      })),
    ];
    return blocks.sort((a, b) => a.location.offset - b.location.offset);
  }

  /** Imports on consecutive rows are sorted, unless comments stand among them. */
  #sortedImports(imports: readonly Import[]): Block[] {
    const groups: Import[][] = [];
    for (const item of neededImports(imports)) {
      const last = groups.at(-1)?.at(-1);
      if (last !== undefined && item.location.row === last.location.row + 1) groups.at(-1)!.push(item);
      else groups.push([item]);
    }
    return groups.flatMap((group) => {
      const first = group[0]!.location.row;
      const last = group.at(-1)!.location.row;
      const isCommented = this.#module.comments.some(({ location: { row } }) => row >= first && row <= last);
      const texts = group.map((item) => this.#import(item));
      if (!isCommented) texts.sort(compareStrings);
      return group.map(
        ({ location }, index): Block => ({
          location,
          lastRow: endRow(location),
          kind: 'import',
          print: () => texts[index]!,
        }),
      );
    });
  }

  #import(item: Import): string {
    const alias = item.alias === undefined ? '' : ` as ${item.alias}`;
    return `import ${pathText(importPath(item))}${alias}`;
  }
}

/** Rego v1 and v2 bring keywords, so that imports of these by name say nothing beside them. */
function neededImports(imports: readonly Import[]): readonly Import[] {
  const paths = imports.map(importPath);
  const bringsAll = paths.some((path) => path.join('.') === 'rego.v2');
  const brings: readonly string[] = paths.some(([root]) => root === 'rego') ? V1_KEYWORDS : [];
  return imports.filter((_, index) => {
    const [root, , keyword] = paths[index]!;
    return root !== 'future' || !(bringsAll || (keyword !== undefined && brings.includes(keyword)));
  });
}

function pathText(path: readonly string[]): string {
  return path
    .map((step, index) => (index === 0 ? step : /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('');
}

/** Rules whose bodies were written one after another belong together. */
function groupChained(rules: readonly Rule[]): Rule[][] {
  const groups: Rule[][] = [];
  for (const rule of rules) {
    if (rule.chained && groups.length > 0) groups.at(-1)!.push(rule);
    else groups.push([rule]);
  }
  return groups;
}

/** The place of a rule with the bodies chained to it. */
function groupPlace(group: readonly Rule[]): Location {
  const first = group[0]!.location;
  const last = group.at(-1)!.location;
  const { file, row, column, offset } = first;
  return { file, row, column, offset, text: ' '.repeat(last.offset + last.text.length - offset) };
}
