/** Which names are local at a place of a rule, and how they came to be. */
import type { Body, Expr, Term, VarTerm } from '../syntax/ast.ts';

/** How a local variable came to be. */
export type Declared = 'argument' | 'assigned' | 'declared';

interface Local {
  readonly name: string;
  readonly how: Declared;
  used: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** The locals of one body; looks outwards for the others. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Names that this body declares somewhere, so that they never mean a rule or import here. */
  readonly #pending: ReadonlySet<string>;
  /** Made when there is something for it: most bodies are short. */
  #locals: Map<string, Local> | undefined;
  #seen: Set<string> | undefined;

  constructor(parent: Scope | undefined, pending: ReadonlySet<string> = NONE) {
    this.parent = parent;
    this.#pending = pending;
  }

  /** How this very body knows the name, or undefined; `seen` when it was used before any declaration. */
  state(name: string): Declared | 'seen' | undefined {
    return this.#locals?.get(name)?.how ?? (this.#seen?.has(name) ? 'seen' : undefined);
  }

  declare(name: string, unique: string, how: Declared): void {
    this.#locals ??= new Map();
    this.#locals.set(name, { name: unique, how, used: false });
  }

  /**
   * What the name means here: the unique name of a local, `implicit` for a variable that some enclosing body still
   * declares, undefined when no body declares it. Counts as a use.
   */
  resolve(name: string): { local: string } | 'implicit' | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const local = scope.#locals?.get(name);
      if (local !== undefined) {
        local.used = true;
        return { local: local.name };
      }
      if (scope.#pending.has(name)) {
        this.see(name);
        return 'implicit';
      }
    }
    return undefined;
  }

  /** The local that hides a document of the same name, or undefined. Counts as a use of either. */
  hiding({ name, location }: VarTerm): VarTerm | undefined {
    const found = this.resolve(name);
    if (found === undefined) this.see(name);
    return typeof found === 'object' ? { kind: 'var', name: found.local, shown: name, location } : undefined;
  }

  /** Takes back that the name was used, for places that declare it. */
  forgetUse(name: string): void {
    const local = this.#locals?.get(name);
    if (local !== undefined) local.used = false;
  }

  /** Notes the use of a variable that no body declares. */
  see(name: string): void {
    this.#seen ??= new Set();
    this.#seen.add(name);
  }

  /** The names declared with `some` that nothing used, in order. */
  unused(how: Declared): string[] {
    const names: string[] = [];
    if (this.#locals === undefined) return names;
    for (const [name, local] of this.#locals) if (local.how === how && !local.used) names.push(name);
    return names;
  }
}

/** The names that a body declares itself with `:=` and `some`, in order. */
export function declaredNames(body: Body): Set<string> {
  const names = new Set<string>();
  for (const expr of body) addDeclared(expr, names);
  return names;
}

function addDeclared(expr: Expr, names: Set<string>): void {
  if (expr.kind === 'some-decl') {
    for (const declared of expr.vars) names.add(declared.name);
  } else if (expr.kind === 'some-in') {
    if (expr.key !== undefined) addPatternNames(expr.key, names);
    addPatternNames(expr.value, names);
  } else if (expr.kind === 'call' && expr.infix === ':=') {
    addPatternNames(expr.args[0]!, names);
  }
}

/** Adds the variables that a pattern binds: items of arrays and values of objects, at any depth. */
export function addPatternNames(pattern: Term, names: Set<string>): void {
  if (pattern.kind === 'var') {
    if (pattern.name !== '_') names.add(pattern.name);
  } else if (pattern.kind === 'array') {
    for (const item of pattern.items) addPatternNames(item, names);
  } else if (pattern.kind === 'object') {
    for (const [, value] of pattern.entries) addPatternNames(value, names);
  }
}
