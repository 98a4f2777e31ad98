/** Remembers the results of a function by its arguments, for one evaluation. */
import type { Value } from '../values.ts';
import type { ABSENT } from './absent.ts';

/** A result, or the mark that there is none. */
type Result = Value | typeof ABSENT;

interface Branch {
  next: Map<Value, Branch> | undefined;
  result: Result | undefined;
}

/** Calls beyond this many are not remembered. */
const MAX_CALLS = 10_000;

/**
 * Finds calls with the same arguments: scalars by value, collections by identity, which costs nothing to compare. A
 * collection that was made anew is a different argument here; that only means that the call is computed again.
 */
export class CallMemo {
  readonly #root: Branch = { next: undefined, result: undefined };
  #size = 0;

  find(args: readonly Value[]): Result | undefined {
    let branch: Branch | undefined = this.#root;
    for (const arg of args) {
      branch = branch.next?.get(arg);
      if (branch === undefined) return undefined;
    }
    return branch.result;
  }

  remember(args: readonly Value[], result: Result): void {
    if (this.#size >= MAX_CALLS) return;
    this.#size++;
    let branch = this.#root;
    for (const arg of args) {
      branch.next ??= new Map();
      let next = branch.next.get(arg);
      if (next === undefined) {
        next = { next: undefined, result: undefined };
        branch.next.set(arg, next);
      }
      branch = next;
    }
    branch.result = result;
  }
}
