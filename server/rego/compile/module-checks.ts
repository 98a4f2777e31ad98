/** What the imports and rule names of a module mean, and what is wrong with them. */
import { RegoError } from '../errors.ts';
import type { Import, Module, RefTerm } from '../syntax/ast.ts';

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
