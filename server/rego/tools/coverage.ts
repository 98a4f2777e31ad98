/** Tells which rules and expressions of policies were evaluated. */
import { closures, ownTerms, walkTerm } from '../compile/walk.ts';
import type { Location } from '../errors.ts';
import type { Tracer } from '../evaluate/machine.ts';
import type { Body, Expr, Module, Rule, Term } from '../syntax/ast.ts';

interface Place {
  readonly row: number;
  readonly col: number;
}

/** The place of a head or an expression; the end is the column after its last character. */
export interface CoverageRange {
  readonly start: Place;
  readonly end: Place;
}

/** The coverage of one file: its ranges in the order of the source, how many lines they touch, and percent. */
export interface FileCoverage {
  readonly covered: readonly CoverageRange[];
  readonly not_covered: readonly CoverageRange[];
  readonly covered_lines: number;
  readonly not_covered_lines: number;
  readonly coverage: number;
}

/** The coverage of all files, in the form of `opa test --coverage`. */
export interface CoverageReport {
  readonly files: Readonly<Record<string, FileCoverage>>;
  readonly covered_lines: number;
  readonly not_covered_lines: number;
  readonly coverage: number;
}

/** Collects the heads of rules that gave something and the expressions that were evaluated. */
export class CoverageTracer implements Tracer {
  readonly #files = new Map<string, Hits>();

  enter(): void {}

  leave(_path: readonly string[], location: Location, held: boolean): void {
    if (held) this.#of(location).add(location);
  }

  evaluate(location: Location): void {
    this.#of(location).add(location);
  }

  fail(location: Location): void {
    this.#of(location).fail(location);
  }

  #of({ file }: Location): Hits {
    let hits = this.#files.get(file);
    if (hits === undefined) {
      hits = new Hits();
      this.#files.set(file, hits);
    }
    return hits;
  }

  /** What was covered of the modules so far. */
  report(modules: readonly Module[]): CoverageReport {
    const files: Record<string, FileCoverage> = {};
    let coveredLines = 0;
    let missedLines = 0;
    for (const module of modules) {
      const file = new FileWalk(module, this.#files.get(module.file) ?? new Hits()).coverage();
      coveredLines += file.covered_lines;
      missedLines += file.not_covered_lines;
      files[module.file] = file;
    }
    return {
      files,
      covered_lines: coveredLines,
      not_covered_lines: missedLines,
      coverage: percent(coveredLines, missedLines),
    };
  }
}

/** Walks a module and sorts its heads and expressions into those that were evaluated and the others. */
class FileWalk {
  readonly #source: string;
  readonly #hits: Hits;
  readonly #covered = new Places();
  readonly #missed = new Places();

  constructor(module: Module, hits: Hits) {
    this.#source = module.source;
    this.#hits = hits;
    for (const rule of module.rules) {
      for (let branch: Rule | undefined = rule; branch !== undefined; branch = branch.else) {
        this.#branch(branch, branch === rule);
      }
    }
  }

  coverage(): FileCoverage {
    const covered = this.#covered.lines();
    const missed = this.#missed.lines();
    return {
      covered: this.#covered.ranges(),
      not_covered: this.#missed.ranges(),
      covered_lines: covered,
      not_covered_lines: missed,
      coverage: percent(covered, missed),
    };
  }

  #sort(place: Location, isHit: boolean): void {
    (isHit ? this.#covered : this.#missed).add(place);
  }

  #branch(branch: Rule, isFirst: boolean): void {
    const { head } = branch;
    const isHit = this.#hits.has(head.location);
    this.#sort(head.location, isHit);
    // What stands for the body of a rule without one is evaluated with its head.
    if (!branch.hasBody && isFirst) this.#sort(impliedBody(branch), isHit);
    for (const term of [...head.ref.terms, ...(head.args ?? []), head.key, head.value]) {
      if (term !== undefined) this.#term(term, isHit);
    }
    if (branch.hasBody) this.#body(branch.body, isHit);
  }

  #body(body: Body, isAroundHit: boolean): void {
    for (const expr of body) this.#expr(expr, isAroundHit);
  }

  #expr(expr: Expr, isAroundHit: boolean): void {
    const place = this.#extent(expr);
    const isHit = this.#hits.has(expr.location) || this.#hits.touches(place);
    // `some` declares; only an evaluation shows that its domain is an expression.
    if (isHit || (expr.kind !== 'some-decl' && expr.kind !== 'some-in')) this.#sort(place, isHit);
    for (const body of closures(expr)) this.#body(body, isHit);
    for (const term of ownTerms(expr)) this.#term(term, isHit || isAroundHit);
    for (const { value } of expr.with) this.#term(value, isHit);
  }

  /** The expressions of comprehensions and template strings in a term. */
  #term(term: Term, isAroundHit: boolean): void {
    walkTerm(term, (part) => {
      if (part.kind === 'comprehension') {
        for (const inner of [part.key, part.term]) if (inner !== undefined) this.#term(inner, isAroundHit);
        this.#body(part.body, isAroundHit);
      } else if (part.kind === 'template') {
        for (const inner of part.parts) if (typeof inner !== 'string') this.#sort(inner.location, isAroundHit);
      }
      return part.kind !== 'comprehension' && part.kind !== 'template';
    });
  }

  /** An expression's place with its modifiers. */
  #extent({ location, with: modifiers }: Expr): Location {
    const last = modifiers.at(-1)?.value.location;
    if (last === undefined) return location;
    return reaching(location, this.#source.slice(location.offset, last.offset + last.text.length));
  }
}

/** The place that begins at another and has the given text. */
function reaching({ file, row, column, offset }: Location, text: string): Location {
  return { file, row, column, offset, text };
}

/** The value of a rule without a body, else its first word. */
function impliedBody({ head, isDefault, location }: Rule): Location {
  if (isDefault) return reaching(location, 'default');
  return head.value?.location ?? head.ref.terms[0]!.location;
}

function percent(covered: number, missed: number): number {
  const all = covered + missed;
  return all === 0 ? 100 : (100 * covered) / all;
}

/** What an evaluation told of the places of one file. */
class Hits {
  readonly #hit = new Places();
  readonly #failed: number[] = [];

  add(location: Location): void {
    this.#hit.add(location);
  }

  /** Notes that a part of an expression had no value. */
  fail({ offset }: Location): void {
    this.#failed.push(offset);
  }

  has(location: Location): boolean {
    return this.#hit.has(location);
  }

  /** Whether some part of the expression at this place was tried. */
  touches({ offset, text }: Location): boolean {
    return this.#failed.some((at) => at >= offset && at < offset + text.length);
  }
}

/** Different places of one file. */
class Places {
  readonly #byKey = new Map<string, Location>();

  add(location: Location): void {
    this.#byKey.set(keyOf(location), location);
  }

  has(location: Location): boolean {
    return this.#byKey.has(keyOf(location));
  }

  /** In the order of the source, outer places last. */
  ranges(): CoverageRange[] {
    return [...this.#byKey.values()]
      .sort((a, b) => a.offset - b.offset || a.text.length - b.text.length)
      .map((location) => ({ start: { row: location.row, col: location.column }, end: endOf(location) }));
  }

  /** How many lines of the source they touch. */
  lines(): number {
    const rows = new Set<number>();
    for (const { row, text } of this.#byKey.values()) {
      const last = row + text.split('\n').length - 1;
      for (let each = row; each <= last; each++) rows.add(each);
    }
    return rows.size;
  }
}

function keyOf({ offset, text }: Location): string {
  return `${offset} ${text.length}`;
}

function endOf({ row, column, text }: Location): Place {
  const lines = text.split('\n');
  const length = [...lines.at(-1)!].length;
  return lines.length === 1 ? { row, col: column + length } : { row: row + lines.length - 1, col: length + 1 };
}
