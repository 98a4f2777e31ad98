/** An order of things to look at in rounds. */

/**
 * Goes through things in rounds: in the first through all, in each later one through those asked for again, always in
 * their own order. What is asked for behind the place where a round is comes in the same round, else in the next.
 */
export class Agenda {
  readonly #count: number;
  #fresh = 0;
  #current = -1;
  #round = 0;
  /** A heap of what is to be looked at again: the round times the count, plus the index. */
  readonly #heap: number[] = [];
  #queued: Set<number> | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** The index of what comes next; undefined when nothing is left. */
  next(): number | undefined {
    if (this.#fresh < this.#count) {
      this.#current = this.#fresh++;
      return this.#current;
    }
    const key = this.#pop();
    if (key === undefined) return undefined;
    this.#round = Math.floor(key / this.#count);
    this.#current = key % this.#count;
    this.#queued?.delete(this.#current);
    return this.#current;
  }

  /** Asks for something that was looked at before. */
  again(index: number): void {
    this.#queued ??= new Set();
    if (this.#queued.has(index)) return;
    this.#queued.add(index);
    this.#push((index > this.#current ? this.#round : this.#round + 1) * this.#count + index);
  }

  #push(key: number): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0 && heap[above]! > key; above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = key;
  }

  #pop(): number | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
      if (heap[below]! >= last) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
