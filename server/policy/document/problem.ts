import { MAX_PROBLEMS } from './limits.ts';
import type { SourceMap } from './source-map.ts';

export type Severity = 'error' | 'warning';

/** One step of a ready change: a subset of JSON Patch (RFC 6902) on the document as written. */
export type PatchStep = { op: 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

export type Fix = { title: string; patch: PatchStep[] };

export type Problem = {
  severity: Severity;
  /** Stable word for programs, snake case. */
  code: string;
  /** Says what is wrong, with which value, and what to do. */
  message: string;
  /** JSON pointer (RFC 6901) into the document as written. */
  path: string;
  /** 1-based; absent where the document had no text, such as a parsed HTTP body. */
  line?: number;
  column?: number;
  /** The word or value that was probably meant. */
  suggestion?: string;
  fix?: Fix;
};

export type ProblemExtras = { suggestion?: string; fix?: Fix; onKey?: boolean };

/** Collects problems in canonical pointers and hands them out in the author's own pointers, lines and columns. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #sourceMap: SourceMap;
  #errors = 0;
  #left = 0;

  constructor(sourceMap: SourceMap) {
    this.#sourceMap = sourceMap;
  }

  error(code: string, pointer: string, message: string, extras: ProblemExtras = {}): void {
    this.#errors += 1;
    this.#add('error', code, pointer, message, extras);
  }

  warn(code: string, pointer: string, message: string, extras: ProblemExtras = {}): void {
    this.#add('warning', code, pointer, message, extras);
  }

  get errors(): number {
    return this.#errors;
  }

  /** The author's own pointer for a canonical one. */
  authored(pointer: string): string {
    return this.#sourceMap.authored(pointer);
  }

  /** All problems in the order of the source; errors are never cut off in favour of warnings. */
  sorted(): Problem[] {
    const inOrder = [...this.#problems].sort(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    const last = inOrder.at(-1);
    if (this.#left === 0 || last === undefined) return inOrder;
    const message = `${this.#left} more problems are not listed; correct these first.`;
    return [
      ...inOrder,
      { severity: this.#errors > 0 ? 'error' : 'warning', code: 'too_many_problems', message, path: '' },
    ];
  }

  #add(severity: Severity, code: string, pointer: string, message: string, extras: ProblemExtras): void {
    if (this.#problems.length >= MAX_PROBLEMS && !this.#makeRoomFor(severity)) {
      this.#left += 1;
      return;
    }
    const { path, position } = this.#sourceMap.locate(pointer, extras.onKey ? 'key' : 'value');
    this.#problems.push({
      severity,
      code,
      message,
      path,
      ...(position && { line: position.line, column: position.column }),
      ...(extras.suggestion !== undefined && { suggestion: extras.suggestion }),
      ...(extras.fix && { fix: extras.fix }),
    });
  }

  #makeRoomFor(severity: Severity): boolean {
    if (severity === 'warning') return false;
    const victim = this.#problems.findLastIndex((problem) => problem.severity === 'warning');
    if (victim < 0) return false;
    this.#problems.splice(victim, 1);
    this.#left += 1;
    return true;
  }
}

/** Shortens a value for a message: at most 60 characters, control characters escaped. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : describe(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return String(value);
}
