/** Which schemas of `# METADATA` blocks apply to a rule, and what they say of `input` and `data`. */
import type { Annotations, Module, Rule, Term, VarTerm } from '../syntax/ast.ts';
import { schemaType } from './schema-type.ts';
import { ANY, objectType, type StaticProperty, type Type } from './types.ts';

type Step = StaticProperty['key'];

/** A type for a path. */
export interface Declared {
  /** From `input` or `data`. */
  readonly path: readonly Step[];
  readonly type: Type;
}

/** The schemas of all modules. */
export class Schemas {
  /** The blocks with inline schemas; a schema that only names a file is nothing that a source tells. */
  readonly #blocks = new Map<Annotations, readonly Declared[]>();
  /** What each block adds to those before it: rules of a package share theirs. */
  readonly #added = new Map<DeclaredTypes, Map<Annotations, DeclaredTypes>>();

  constructor(modules: readonly Module[]) {
    for (const block of modules.flatMap(({ annotations }) => annotations)) {
      const declared = declaredBy(block);
      if (declared.length > 0) this.#blocks.set(block, declared);
    }
  }

  /** What is declared for a rule: of packages above it, its package, its document, then itself; undefined for nothing. */
  of(rule: Rule, module: Module, rulePath: readonly string[]): DeclaredTypes | undefined {
    if (this.#blocks.size === 0) return undefined;
    const path = module.package.path;
    const above = this.#with('subpackages', (target) => isPrefix(target, path));
    const applying = [
      ...above.sort((a, b) => a.target!.length - b.target!.length),
      ...this.#with('package', (target) => isSame(target, path)),
      ...this.#with('document', (target) => isSame(target, rulePath)),
      ...(rule.annotations ?? []).filter(({ scope }) => scope === 'rule'),
    ];
    let types = NOTHING;
    for (const block of applying) types = this.#add(types, block);
    return types === NOTHING ? undefined : types;
  }

  #add(types: DeclaredTypes, block: Annotations): DeclaredTypes {
    const declared = this.#blocks.get(block);
    if (declared === undefined) return types;
    let added = this.#added.get(types);
    if (added === undefined) {
      added = new Map();
      this.#added.set(types, added);
    }
    let made = added.get(block);
    if (made === undefined) {
      made = types.with(declared);
      added.set(block, made);
    }
    return made;
  }

  #with(scope: Annotations['scope'], applies: (target: readonly string[]) => boolean): Annotations[] {
    return [...this.#blocks.keys()].filter((block) => block.scope === scope && applies(block.target ?? []));
  }
}

function declaredBy({ schemas }: Annotations): Declared[] {
  return schemas
    .filter(({ definition }) => definition !== undefined)
    .map(({ path, definition }) => ({ path: path.map(stepOf), type: schemaType(definition) }));
}

function stepOf(term: Term): Step {
  if (term.kind === 'scalar') return term.value;
  return (term as VarTerm).name;
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((step, index) => step === path[index]);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && isPrefix(left, right);
}

/** The types declared for places below `input` and `data`. Immutable. */
export class DeclaredTypes {
  readonly #type: Type | undefined;
  readonly #below: ReadonlyMap<Step, DeclaredTypes>;
  /** What {@link over} makes of anything. */
  #overAny: Type | undefined;

  constructor(type?: Type, below: ReadonlyMap<Step, DeclaredTypes> = new Map()) {
    this.#type = type;
    this.#below = below;
  }

  /** These types and more, each of which replaces what was declared at its path and below it. */
  with(more: readonly Declared[]): DeclaredTypes {
    const whole = more.findLastIndex(({ path }) => path.length === 0);
    if (whole >= 0) return new DeclaredTypes(more[whole]!.type).with(more.slice(whole + 1));
    if (more.length === 0) return this;
    const byStep = new Map<Step, Declared[]>();
    for (const { path, type } of more) {
      const [step, ...rest] = path as [Step, ...Step[]];
      const known = byStep.get(step);
      if (known === undefined) byStep.set(step, [{ path: rest, type }]);
      else known.push({ path: rest, type });
    }
    const below = new Map(this.#below);
    for (const [step, declared] of byStep) below.set(step, (below.get(step) ?? new DeclaredTypes()).with(declared));
    return new DeclaredTypes(this.#type, below);
  }

  /** What is declared at a path and below it; undefined for nothing. */
  at(path: readonly Step[]): DeclaredTypes | undefined {
    let found: DeclaredTypes | undefined = this;
    for (const step of path) {
      if (found === undefined) break;
      found = found.#below.get(step);
    }
    return found;
  }

  /** How many steps of the path lead to the last place with a type of its own; undefined when none does. */
  depthOn(path: readonly Step[]): number | undefined {
    let depth: number | undefined;
    let found: DeclaredTypes | undefined = this;
    for (let index = 0; found !== undefined; index++) {
      if (found.#type !== undefined) depth = index;
      if (index === path.length) break;
      found = found.#below.get(path[index]!);
    }
    return depth;
  }

  /** The type at this place, where `usual` is what it would be without. */
  over(usual: Type): Type {
    if (usual !== ANY) return this.#make(usual);
    this.#overAny ??= this.#make(ANY);
    return this.#overAny;
  }

  #make(usual: Type): Type {
    const type = this.#type ?? usual;
    if (this.#below.size === 0) return type;
    const properties = new Map<Step, Type>();
    if (type.kind === 'object') for (const { key, value } of type.properties) properties.set(key, value);
    for (const [key, below] of this.#below) {
      const before = properties.get(key);
      properties.delete(key);
      properties.set(key, below.over(before ?? ANY));
    }
    const all = [...properties].map(([key, value]): StaticProperty => ({ key, value }));
    return objectType(all, type.kind === 'object' ? type.dynamic : { key: ANY, value: ANY });
  }
}

const NOTHING = new DeclaredTypes();
