import type { Value } from '../values.ts';
import { flatCost } from './cost.ts';
import { parseSignature } from './signature.ts';
import type { Builtin, BuiltinContext } from './types.ts';

/** What a built-in is besides its signature and its function. */
export interface BuiltinOptions {
  /** Steps of one call; by default one pass over the operands' own elements. */
  readonly cost?: (args: readonly Value[]) => number;
  readonly infix?: string;
  readonly nondeterministic?: true;
  readonly relation?: true;
  readonly deprecated?: true;
}

/** Declares a built-in: its signature as text, what it computes, and what else is true of it. */
export function define(
  signature: string,
  call: (args: readonly Value[], ctx: BuiltinContext) => Value | undefined,
  options: BuiltinOptions = {},
): Builtin {
  const { name, type } = parseSignature(signature);
  return { cost: flatCost, ...options, name, signature: type, call };
}
