/** What the imports and rule names of a module mean, and what is wrong with them. */
import { RegoError } from '../errors.ts';
import type { Import, Module, RefTerm } from '../syntax/ast.ts';

/** The free names of a module: its package's rules and its imports, with the paths they stand for. */
export function moduleGlobals(module: Module, modules: readonly Module[]): ReadonlyMap<string, readonly string[]> {
  return withImports(module, packageGlobals(module, modules));
}

/** The free names of a module's package: the rules of all its modules. */
export function packageGlobals(module: Module, modules: readonly Module[]): ReadonlyMap<string, readonly string[]> {
  const globals = new Map<string, readonly string[]>();
  const key = packageKey(module);
  for (const other of modules) {
    if (packageKey(other) !== key) continue;
    for (const rule of other.rules) {
      const head = rule.head.ref.terms[0]!;
      if (head.kind !== 'var' || globals.has(head.name)) continue;
      globals.set(head.name, ['data', ...module.package.path, head.name]);
    }
  }
  return globals;
}

/** A text that only modules of one package share. */
export function packageKey(module: Module): string {
  return module.package.path.join('\0');
}

/** The free names of a package and those that a module's imports bring in. */
export function withImports(
  module: Module,
  own: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  if (module.imports.length === 0) return own;
  const globals = new Map(own);
  for (const item of module.imports) {
    const path = importPath(item);
    if (path[0] !== 'data' && path[0] !== 'input') continue;
    const name = importName(item);
    if (path.length === 1 && name === path[0]) continue;
    globals.set(name, path);
  }
  return globals;
}

/** The path of an import, from `data`, `input`, `rego` or `future`. */
export function importPath(item: Import): string[] {
  return refPath(item.path);
}

function refPath(ref: RefTerm): string[] {
  return ref.terms.map((term) => (term.kind === 'var' ? term.name : String((term as { value: unknown }).value)));
}

/** The name that an import brings in. */
export function importName(item: Import): string {
  return item.alias ?? importPath(item).at(-1)!;
}

/** Imports of one name twice, and names that hide `input` or `data`; v0 allows both. */
export function checkModule(module: Module): RegoError[] {
  const errors: RegoError[] = [];
  if (module.version === 'v0') return errors;
  const seen = new Map<string, Import>();
  for (const item of module.imports) {
    const path = importPath(item);
    const name = path[0] === 'data' || path[0] === 'input' ? importName(item) : path.join('.');
    const before = seen.get(name);
    if (before !== undefined) {
      const what = `import ${importText(before)}`;
      errors.push(new RegoError('rego_compile_error', `import must not shadow ${what}`, item.location));
    } else seen.set(name, item);
  }
  for (const rule of module.rules) {
    const head = rule.head.ref.terms[0]!;
    if (head.kind === 'var' && (head.name === 'input' || head.name === 'data')) {
      const message = `rules must not shadow ${head.name} (use a different rule name)`;
      errors.push(new RegoError('rego_compile_error', message, rule.location));
    }
  }
  return errors;
}

/** Imports that nothing uses; only asked for in strict mode. */
export function checkUnusedImports(module: Module, used: ReadonlySet<string>): RegoError[] {
  return module.imports
    .filter((item) => {
      const [root] = importPath(item);
      return (root === 'data' || root === 'input') && !used.has(importName(item));
    })
    .map((item) => new RegoError('rego_compile_error', `import ${importText(item)} unused`, item.location));
}

function importText(item: Import): string {
  return importPath(item).join('.') + (item.alias === undefined ? '' : ` as ${item.alias}`);
}
