/**
 * Lets many in side by side, or one alone. Whoever wants to be alone waits for those inside; those who come after it wait
 * for its turn to end. Turns alone are taken in the order in which they were asked for.
 */
export class WriteTurns {
  private inside = 0;
  private readonly alone: (() => void)[] = [];
  private readonly beside: (() => void)[] = [];
  private taken = false;

  /** Resolves when it is the caller's turn, with the function that ends it. */
  enter(alone: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      const begin = () => {
        if (alone) this.taken = true;
        else this.inside += 1;
        resolve(() => this.leave(alone));
      };
      (alone ? this.alone : this.beside).push(begin);
      this.admit();
    });
  }

  private leave(alone: boolean): void {
    if (alone) this.taken = false;
    else this.inside -= 1;
    this.admit();
  }

  private admit(): void {
    if (this.taken) return;
    if (this.alone.length > 0) {
      if (this.inside === 0) this.alone.shift()?.();
      return;
    }
    for (const begin of this.beside.splice(0)) begin();
  }
}
