/** Every built-in function, by name. */
import type { Builtin } from './types.ts';

const GROUPS: readonly (readonly Builtin[])[] = [];

const BY_NAME: ReadonlyMap<string, Builtin> = new Map(GROUPS.flat().map((builtin) => [builtin.name, builtin]));

/** The built-in of this name, or undefined. */
export function lookup(name: string): Builtin | undefined {
  return BY_NAME.get(name);
}

/** Every built-in, in the order of the groups. */
export function all(): Iterable<Builtin> {
  return BY_NAME.values();
}
