/** What `rego.metadata.chain()` and `rego.metadata.rule()` stand for at a place: constants from the annotations. */
import type { Location } from '../errors.ts';
import type { Annotations, Module, Rule, Term } from '../syntax/ast.ts';
import { scalar } from '../syntax/build.ts';
import { fromJson, isNumber, RegoObject, RegoSet, type Value } from '../values.ts';

/** The constant for a call in the given rule. */
export function metadataTerm(
  which: 'chain' | 'rule',
  rule: Rule | undefined,
  module: Module,
  blocks: AnnotationIndex,
  location: Location,
): Term {
  if (which === 'rule') {
    const own = rule?.annotations?.find((block) => block.scope === 'rule');
    return valueTerm(own === undefined ? RegoObject.empty : fromJson(own.content), location);
  }
  return valueTerm(fromJson(metadataChain(rule, module, blocks)), location);
}

interface ChainEntry {
  readonly path: readonly string[];
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** The blocks of all modules by what they apply to. */
export class AnnotationIndex {
  readonly #blocks = new Map<string, Annotations[]>();

  constructor(modules: readonly Module[]) {
    for (const { annotations } of modules) for (const block of annotations) this.#add(block);
  }

  #add(block: Annotations): void {
    if (block.target === undefined) return;
    const key = keyFor(block.scope, block.target);
    const known = this.#blocks.get(key);
    if (known === undefined) this.#blocks.set(key, [block]);
    else known.push(block);
  }

  /** The blocks of a scope that apply to just this path. */
  at(scope: Annotations['scope'], path: readonly string[]): readonly Annotations[] {
    return this.#blocks.get(keyFor(scope, path)) ?? [];
  }
}

function keyFor(scope: Annotations['scope'], path: readonly string[]): string {
  return JSON.stringify([scope, ...path]);
}

/** The annotations that apply to a rule, from the nearest to the farthest. */
function metadataChain(rule: Rule | undefined, module: Module, blocks: AnnotationIndex): ChainEntry[] {
  const chain: ChainEntry[] = [];
  const path = [...module.package.path, ...(rule === undefined ? [] : headSteps(rule))];
  const own = (rule?.annotations ?? []).filter((block) => block.scope === 'rule');
  if (own[0] === undefined) chain.push({ path });
  else chain.push(entry(path, own[0]));
  for (const block of blocks.at('document', path)) chain.push(entry(path, block));
  for (const block of blocks.at('package', module.package.path)) chain.push(entry(module.package.path, block));
  for (let length = module.package.path.length; length > 0; length--) {
    const prefix = module.package.path.slice(0, length);
    for (const block of blocks.at('subpackages', prefix)) chain.push(entry(prefix, block));
  }
  return chain;
}

function entry(path: readonly string[], block: Annotations): ChainEntry {
  return { path, annotations: block.content };
}

function headSteps(rule: Rule): string[] {
  const steps: string[] = [];
  for (const [index, term] of rule.head.ref.terms.entries()) {
    if (index === 0 && term.kind === 'var') steps.push(term.name);
    else if (term.kind === 'scalar' && typeof term.value === 'string') steps.push(term.value);
    else break;
  }
  return steps;
}

/** A constant term for a value. */
export function valueTerm(value: Value, location: Location): Term {
  if (value === null || typeof value !== 'object' || isNumber(value)) return scalar(value, location);
  if (Array.isArray(value)) {
    return { kind: 'array', items: (value as readonly Value[]).map((item) => valueTerm(item, location)), location };
  }
  if (value instanceof RegoSet) {
    return { kind: 'set', items: value.items().map((item) => valueTerm(item, location)), location };
  }
  const entries = [...(value as RegoObject).entries()].map(
    ([key, item]) => [valueTerm(key, location), valueTerm(item, location)] as const,
  );
  return { kind: 'object', entries, location };
}
