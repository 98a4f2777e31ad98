/** How a built-in function is declared, and what it is given when it runs. */
import type { Location } from '../errors.ts';
import type { FunctionType } from '../types/types.ts';
import type { Value } from '../values.ts';

/** What an evaluation may still spend. */
export interface Budget {
  /** Takes steps away; throws the limit error when the budget is gone. */
  charge(steps: number): void;
}

/** What a built-in may use besides its arguments. */
export interface BuiltinContext {
  readonly limits: Budget;
  /** Evaluation time in nanoseconds since 1970; the same during one evaluation. */
  readonly clockNs: bigint;
  /** Lives as long as one evaluation: `uuid.rfc4122` and `rand.intn` by key, compiled patterns. */
  readonly cache: Map<string, unknown>;
  /** Gives random bytes; absent means the platform's secure source. */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Answers `http.send`; absent means that the function is refused. Must be synchronous. */
  readonly httpSend?: (request: Value) => Value;
  /** Answers `net.lookup_ip_addr`; absent means that the function is refused. */
  readonly lookupAddress?: (name: string) => readonly string[];
  /** What `opa.runtime` returns. */
  readonly runtime?: Value;
  /** Receives what `print` writes, with the place of the call. */
  readonly print?: (text: string, location: Location | undefined) => void;
  /** Receives the keys of each case that a test reports. */
  readonly testCase?: (keys: readonly Value[]) => void;
  /** Receives what `trace` notes. */
  readonly trace?: (note: string) => void;
  /** The place of the call. */
  readonly location: Location | undefined;
}

/** A built-in function. */
export interface Builtin {
  readonly name: string;
  /** Argument and result types for the type checker. */
  readonly signature: FunctionType;
  readonly nondeterministic?: true;
  /** The operator that stands for the call, as `+` for `plus`. */
  readonly infix?: string;
  /** `call` returns an array whose elements are results of their own (`walk`). */
  readonly relation?: true;
  /** Refused in Rego v1 sources. */
  readonly deprecated?: true;
  /** Steps charged before the work, from the size of the inputs. */
  cost(args: readonly Value[]): number;
  /**
   * Computes the result; undefined is Rego's undefined. Throws BuiltinError where the function cannot compute and
   * BuiltinTypeError for an operand of a wrong type.
   */
  call(args: readonly Value[], ctx: BuiltinContext): Value | undefined;
}
