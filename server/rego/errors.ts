/** The errors of the engine, with the codes that OPA gives them. */
import { pauseStackTraces } from './stack.ts';

/**
 * A place in a policy source; rows and columns count from 1, columns in code points. Column 0 is the end of a source
 * that ends with a line break; row and column 0 stand for a source without anything in it.
 */
export interface Location {
  readonly file: string;
  readonly row: number;
  readonly column: number;
  /** Offset of the first character in the source, in UTF-16 units. */
  readonly offset: number;
  /** The source text at this place. */
  readonly text: string;
}

/** Every code an error of the engine can carry. */
export type RegoErrorCode =
  | 'rego_parse_error'
  | 'rego_compile_error'
  | 'rego_type_error'
  | 'rego_unsafe_var_error'
  | 'rego_recursion_error'
  | 'eval_conflict_error'
  | 'eval_builtin_error'
  | 'eval_type_error'
  | 'eval_with_merge_error'
  | 'eval_cancel_error'
  | 'eval_internal_error';

/** One error with its code, place and, where users stumble, a hint. */
export class RegoError extends Error {
  override readonly name = 'RegoError';
  readonly code: RegoErrorCode;
  readonly location: Location | undefined;
  readonly hint: string | undefined;
  /** Further lines: what a call has and wants, the types that do not match. */
  readonly details: string | undefined;

  constructor(code: RegoErrorCode, message: string, location?: Location, hint?: string, details?: string) {
    super(message);
    this.code = code;
    this.location = location === undefined ? undefined : plainLocation(location);
    this.hint = hint;
    this.details = details;
  }

  /** `file:row: code: message`, as OPA prints errors. */
  override toString(): string {
    const place = this.location === undefined ? '' : `${this.location.file || ''}:${this.location.row}: `;
    const details = this.details === undefined ? '' : `\n${this.details}`.replaceAll('\n', '\n\t');
    return `${place}${this.code}: ${this.message}${details}${this.hint === undefined ? '' : `\n\thint: ${this.hint}`}`;
  }
}

/** A place by itself, which does not keep the source that it is in. */
function plainLocation({ file, row, column, offset, text }: Location): Location {
  return { file, row, column, offset, text };
}

/** Several errors of one run; `errors` is never empty. */
export class RegoErrors extends Error {
  override readonly name = 'RegoErrors';
  readonly errors: readonly RegoError[];

  constructor(errors: readonly RegoError[]) {
    super(
      errors.length === 1
        ? `1 error occurred: ${errors[0]}`
        : `${errors.length} errors occurred:\n${errors.map(String).join('\n')}`,
    );
    this.errors = errors;
  }
}

/** A built-in could not compute: undefined in a policy, `eval_builtin_error` when strict. */
export class BuiltinError extends Error {
  override readonly name: string = 'BuiltinError';

  /** Most of these are never shown. */
  constructor(message: string) {
    const resume = pauseStackTraces();
    super(message);
    resume();
  }
}

/** A built-in got an operand of a wrong type; behaves like {@link BuiltinError} under the code `eval_type_error`. */
export class BuiltinTypeError extends BuiltinError {
  override readonly name = 'BuiltinTypeError';
}

/** The evaluation must end now whatever the policy says: the code is `eval_builtin_error` even when not strict. */
export class BuiltinHaltError extends BuiltinError {
  override readonly name = 'BuiltinHaltError';
}
