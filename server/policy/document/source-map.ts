/** 1-based; columns count UTF-16 code units as editors do. */
export type Position = { line: number; column: number };

type Located = { path: string; position?: Position };

/**
 * Leads from pointers into the canonical document to the author's own text.
 *
 * Guarantees that every pointer is answered: one that has no place of its own gets that of its nearest parent.
 */
export class SourceMap {
  readonly #values = new Map<string, Position>();
  readonly #keys = new Map<string, Position>();
  readonly #aliases = new Map<string, string>();

  /** Notes where the value at a pointer of the source begins, and where its key does. */
  place(pointer: string, value: Position, key?: Position): void {
    this.#values.set(pointer, value);
    if (key) this.#keys.set(pointer, key);
  }

  /** Says that what the canonical document has at `canonical` stands at `authored` in the source. */
  alias(canonical: string, authored: string): void {
    if (canonical !== authored) this.#aliases.set(canonical, authored);
  }

  /** The author's pointer for a canonical one. */
  authored(canonical: string): string {
    for (let end = canonical.length; end > 0; end = canonical.lastIndexOf('/', end - 1)) {
      const target = this.#aliases.get(canonical.slice(0, end));
      if (target !== undefined) return target + canonical.slice(end);
    }
    return canonical;
  }

  /** The author's pointer and, where the source was text, the position of the value or of its key. */
  locate(canonical: string, what: 'value' | 'key' = 'value'): Located {
    const path = this.authored(canonical);
    for (let end = path.length; ; end = path.lastIndexOf('/', end - 1)) {
      const prefix = path.slice(0, Math.max(end, 0));
      const key = what === 'key' && prefix === path ? this.#keys.get(prefix) : undefined;
      const position = key ?? this.#values.get(prefix);
      if (position) return { path, position };
      if (end <= 0) return { path };
    }
  }
}

/** One more step of a JSON pointer (RFC 6901). */
export function step(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The steps of a JSON pointer, unescaped. */
export function steps(pointer: string): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
