/** What the free names of modules mean: the rules of their packages, and their imports. */
import type { Module } from '../syntax/ast.ts';
import { importName, importPath } from './module-checks.ts';

/** What a free name of a module means: a path that begins with `data` or `input`. */
export type Globals = Pick<ReadonlyMap<string, readonly string[]>, 'get'>;

type Names = ReadonlyMap<string, readonly string[]>;

const NONE: Names = new Map();

/** The free names of some modules. */
export class GlobalNames {
  readonly #packages = new Map<string, Map<string, readonly string[]>>();

  constructor(modules: readonly Module[]) {
    for (const module of modules) this.#add(module);
  }

  #add(module: Module): void {
    const key = packageKey(module);
    let names = this.#packages.get(key);
    if (names === undefined) {
      names = new Map();
      this.#packages.set(key, names);
    }
    for (const rule of module.rules) {
      const head = rule.head.ref.terms[0]!;
      if (head.kind !== 'var' || names.has(head.name)) continue;
      names.set(head.name, ['data', ...module.package.path, head.name]);
    }
  }

  /** What names mean in a module; its imports come before the rules of its package. */
  of(module: Module): Globals {
    const own = this.#packages.get(packageKey(module)) ?? NONE;
    if (module.imports.length === 0) return own;
    const imported = importedNames(module);
    return { get: (name) => imported.get(name) ?? own.get(name) };
  }

  /** Every name that means something in a module. */
  *namesIn(module: Module): Iterable<string> {
    const own = this.#packages.get(packageKey(module)) ?? NONE;
    yield* own.keys();
    for (const name of importedNames(module).keys()) if (!own.has(name)) yield name;
  }
}

/** A text that only modules of one package share. */
function packageKey(module: Module): string {
  return module.package.path.join('\0');
}

function importedNames(module: Module): Names {
  const names = new Map<string, readonly string[]>();
  for (const item of module.imports) {
    const path = importPath(item);
    if (path[0] !== 'data' && path[0] !== 'input') continue;
    const name = importName(item);
    if (path.length > 1 || name !== path[0]) names.set(name, path);
  }
  return names;
}
