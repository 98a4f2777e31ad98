/** Formats policy sources: one layout for all, with every comment kept. */
import { type Location, RegoError, RegoErrors } from '../errors.ts';
import { isStackOverflow } from '../stack.ts';
import type { Import, Module, Rule } from '../syntax/ast.ts';
import { type ParseOptions, parseModule } from '../syntax/parser.ts';
import { CommentQueue, commentText, endRow } from './format-comments.ts';
import { TermPrinter } from './format-terms.ts';

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
  if (again.module !== undefined && again.errors.length === 0 && meaning(again.module) === meaning(module)) return;
  throw new RegoError('rego_compile_error', `${module.file} cannot be formatted without changing it`);
}

/** The module's tree without places, as text. */
function meaning(module: Module): string {
  const { package: pkg, imports, rules, comments } = module;
  const content = [pkg, imports, rules, comments.map((comment) => comment.text.trimEnd())];
  return JSON.stringify(content, (key, value: unknown) => {
    if (key === 'location' || key === 'annotations' || key === 'chained') return undefined;
    // Template strings are printed as written, so their parts only differ in places.
    return typeof value === 'bigint' ? value.toString() : value;
  });
}

/** Something that stands on lines of its own at the top of a module. */
interface Block {
  readonly location: Location;
  readonly lastRow: number;
  readonly kind: 'package' | 'import' | 'rule';
  print(): string;
}

class ModulePrinter {
  readonly #module: Module;
  readonly #comments: CommentQueue;
  readonly #terms: TermPrinter;

  constructor(module: Module) {
    this.#module = module;
    this.#comments = new CommentQueue(module.comments);
    this.#terms = new TermPrinter(this.#comments);
  }

  print(): string {
    const lines: string[] = [];
    let before: { row: number; kind: Block['kind'] | 'comment'; tall: boolean } | undefined;
    const separate = (row: number, kind: Block['kind'] | 'comment', tall: boolean): void => {
      if (before === undefined) return;
      const kindsDiffer = before.kind !== kind && before.kind !== 'comment';
      const apart = kindsDiffer || row > before.row + 1 || before.tall || (tall && before.kind !== 'comment');
      if (apart) lines.push('');
    };
    for (const block of this.#blocks()) {
      for (const comment of this.#comments.before(block.location.offset)) {
        const tall = before?.kind === 'comment' ? false : (before?.tall ?? false);
        if (before !== undefined && (comment.location.row > before.row + 1 || tall || before.kind === 'package')) {
          lines.push('');
        }
        lines.push(commentText(comment));
        before = { row: comment.location.row, kind: 'comment', tall: false };
      }
      const text = block.print();
      const trailing = this.#comments.trailing(block.lastRow);
      const tall = text.includes('\n');
      separate(block.location.row, block.kind, tall);
      lines.push(trailing === undefined ? text : `${text} ${commentText(trailing)}`);
      before = { row: block.lastRow, kind: block.kind, tall };
    }
    for (const comment of this.#comments.before(Number.POSITIVE_INFINITY)) {
      if (before !== undefined && (comment.location.row > before.row + 1 || before.tall)) lines.push('');
      lines.push(commentText(comment));
      before = { row: comment.location.row, kind: 'comment', tall: false };
    }
    return `${lines.join('\n')}\n`;
  }

  #blocks(): Block[] {
    const { package: pkg, imports, rules } = this.#module;
    const groups = groupChained(rules);
    return [
      {
        location: pkg.location,
        lastRow: endRow(pkg.location),
        kind: 'package' as const,
        print: () => `package ${pathText(pkg.path)}`,
      },
      ...imports.map((item) => ({
        location: item.location,
        lastRow: endRow(item.location),
        kind: 'import' as const,
        print: () => this.#import(item),
      })),
      ...groups.map((group) => ({
        location: group[0]!.location,
        lastRow: endRow(group.at(-1)!.location),
        kind: 'rule' as const,
        print: () => this.#rules(group),
      })),
    ].sort((a, b) => a.location.offset - b.location.offset);
  }

  #import(item: Import): string {
    const alias = item.alias === undefined ? '' : ` as ${item.alias}`;
    return `import ${this.#terms.ref(item.path, 0)}${alias}`;
  }

  /** A rule with the bodies chained to it. */
  #rules(group: readonly Rule[]): string {
    const [first, ...chained] = group as [Rule, ...Rule[]];
    const bodies = chained.map((rule) => ` ${this.#braces(rule)}`);
    return this.#rule(first) + bodies.join('');
  }

  #rule(rule: Rule): string {
    const start = rule.isDefault ? 'default ' : '';
    const text = start + this.#head(rule) + this.#body(rule);
    return rule.else === undefined ? text : `${text} ${this.#else(rule.else)}`;
  }

  #head(rule: Rule): string {
    const { ref, args, key, value, assign } = rule.head;
    let text = this.#terms.ref(ref, 0);
    if (args !== undefined) text += `(${args.map((arg) => this.#terms.term(arg, 0)).join(', ')})`;
    if (key !== undefined) {
      text += this.#writesContains(rule) ? ` contains ${this.#terms.term(key, 0)}` : `[${this.#terms.term(key, 0)}]`;
    }
    if (value !== undefined) text += ` ${assign ? ':=' : '='} ${this.#terms.term(value, 0)}`;
    return text;
  }

  /** Old sources add members without the keyword. */
  #writesContains(rule: Rule): boolean {
    return this.#module.version === 'v1' || /\bcontains\b/.test(rule.head.location.text);
  }

  #else(rule: Rule): string {
    const { value, assign } = rule.head;
    const given = value === undefined ? '' : ` ${assign ? ':=' : '='} ${this.#terms.term(value, 0)}`;
    const text = `else${given}${this.#body(rule)}`;
    return rule.else === undefined ? text : `${text} ${this.#else(rule.else)}`;
  }

  #body(rule: Rule): string {
    if (!rule.hasBody) return '';
    const between = this.#betweenHeadAndBody(rule);
    const keyword = /\bif\b/.test(between) ? ' if' : '';
    if (between.includes('{')) return `${keyword} ${this.#braces(rule)}`;
    return `${keyword} ${this.#terms.expr(rule.body[0]!, 0)}`;
  }

  #betweenHeadAndBody(rule: Rule): string {
    const { head, body } = rule;
    const start = head.location.offset + head.location.text.length;
    return this.#module.source.slice(start, body[0]!.location.offset).replace(/#.*/g, '');
  }

  #braces(rule: Rule): string {
    const end = this.#bodyEnd(rule);
    return `{\n${this.#terms.body(rule.body, 1, end)}\n}`;
  }

  /** The offset of the brace that closes the body. */
  #bodyEnd(rule: Rule): number {
    const last = rule.body.at(-1)!;
    const ends = [last.location, ...last.with.map(({ location }) => location)].map(
      (location) => location.offset + location.text.length,
    );
    const from = Math.max(...ends);
    const { source } = this.#module;
    for (let at = from; at < source.length; at++) {
      if (source[at] === '}') return at;
      if (source[at] === '#') at = Math.max(at, source.indexOf('\n', at));
    }
    return source.length;
  }
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
