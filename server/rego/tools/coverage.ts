/** Counts which lines of policies were evaluated. */
import { closures, ownTerms, walkTerm } from '../compile/walk.ts';
import type { Location } from '../errors.ts';
import type { Tracer } from '../evaluate/machine.ts';
import type { Expr, Module, Rule } from '../syntax/ast.ts';

/** Rows that follow each other, both ends included. */
export interface LineRange {
  readonly start: { readonly row: number };
  readonly end: { readonly row: number };
}

/** The coverage of one file; `coverage` is in percent. */
export interface FileCoverage {
  readonly covered: readonly LineRange[];
  readonly not_covered: readonly LineRange[];
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

/** Collects the rows of rules that gave something and of expressions that were evaluated. */
export class CoverageTracer implements Tracer {
  readonly #rows = new Map<string, Set<number>>();

  #cover(location: Location): void {
    const rows = this.#rows.get(location.file);
    if (rows === undefined) this.#rows.set(location.file, new Set([location.row]));
    else rows.add(location.row);
  }

  enter(): void {}

  leave(_path: readonly string[], location: Location, held: boolean): void {
    if (held) this.#cover(location);
  }

  evaluate(location: Location): void {
    this.#cover(location);
  }

  fail(): void {}

  /** What was covered of the modules so far. */
  report(modules: readonly Module[]): CoverageReport {
    const files: Record<string, FileCoverage> = {};
    let coveredLines = 0;
    let missedLines = 0;
    for (const module of modules) {
      const hit = this.#rows.get(module.file) ?? new Set<number>();
      const all = coverableRows(module);
      const covered = all.filter((row) => hit.has(row));
      const missed = all.filter((row) => !hit.has(row));
      coveredLines += covered.length;
      missedLines += missed.length;
      files[module.file] = {
        covered: ranges(covered),
        not_covered: ranges(missed),
        covered_lines: covered.length,
        not_covered_lines: missed.length,
        coverage: percent(covered.length, missed.length),
      };
    }
    return {
      files,
      covered_lines: coveredLines,
      not_covered_lines: missedLines,
      coverage: percent(coveredLines, missedLines),
    };
  }
}

function percent(covered: number, missed: number): number {
  const all = covered + missed;
  return all === 0 ? 100 : Math.round((covered / all) * 10_000) / 100;
}

function ranges(rows: readonly number[]): LineRange[] {
  const found: { start: { row: number }; end: { row: number } }[] = [];
  for (const row of rows) {
    const last = found.at(-1);
    if (last !== undefined && last.end.row === row - 1) last.end.row = row;
    else found.push({ start: { row }, end: { row } });
  }
  return found;
}

/** The rows of rule heads and expressions, in order. */
function coverableRows(module: Module): number[] {
  const rows = new Set<number>();
  const addRule = (rule: Rule): void => {
    rows.add(rule.head.location.row);
    if (rule.hasBody) for (const expr of rule.body) addExpr(expr, rows);
    if (rule.else !== undefined) addRule(rule.else);
  };
  module.rules.forEach(addRule);
  return [...rows].sort((a, b) => a - b);
}

function addExpr(expr: Expr, rows: Set<number>): void {
  if (expr.kind !== 'some-decl') rows.add(expr.location.row);
  for (const body of closures(expr)) for (const inner of body) addExpr(inner, rows);
  for (const term of ownTerms(expr)) {
    walkTerm(term, (part) => {
      if (part.kind !== 'comprehension') return true;
      for (const inner of part.body) addExpr(inner, rows);
      return false;
    });
  }
}
