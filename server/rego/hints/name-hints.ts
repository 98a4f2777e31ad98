/** Hints for names that mean nothing where they stand: what was probably meant. */
import { all } from '../builtins/registry.ts';
import { GlobalNames } from '../compile/globals.ts';
import { walkBody, walkTerm } from '../compile/walk.ts';
import type { RegoError } from '../errors.ts';
import type { Body, Module, Rule, Term } from '../syntax/ast.ts';
import { nearest } from './edit-distance.ts';
import { CONSTANTS, FUNCTIONS } from './words.ts';

/** What surrounds an error: the modules, the one it is in (if any), and a query's body. */
export interface Surroundings {
  readonly modules: readonly Module[];
  readonly module: Module | undefined;
  readonly body?: Body | undefined;
}

/** Expressions are looked at this far, in UTF-16 units. */
const MAX_TEXT = 500;

/** The hint for a variable that nothing gives a value; `error` stands at the expression that needs it. */
export function variableHint(name: string, error: RegoError, around: Surroundings): string | undefined {
  if (name === '_') return undefined;
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return `did you mean \`${constant}\`?`;
  const text = (error.location?.text ?? '').slice(0, MAX_TEXT);
  const meant = nearest(name, namesAt(error, around));
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  return hyphenHint(name, text) ?? quoteHint(name, text) ?? bindHint(name, text);
}

/** `input.user-agent` is a subtraction. */
function hyphenHint(name: string, text: string): string | undefined {
  const found = new RegExp(`([\\w.\\]"[]*)\\.(\\w+)-${name}(?!\\w)`).exec(text);
  return found === null ? undefined : `a key with a hyphen stands in brackets: \`${found[1]}["${found[2]}-${name}"]\``;
}

/** A bare word beside a comparison is mostly a string without its quotes. */
function quoteHint(name: string, text: string): string | undefined {
  const isCompared = new RegExp(`[=!]=\\s*${name}(?![\\w.[(])|(?<![\\w.])${name}\\s*[=!]=`).test(text);
  return isCompared ? `nothing gives ${name} a value; a string is written in quotes: \`"${name}"\`` : undefined;
}

function bindHint(name: string, text: string): string {
  const where = text.startsWith('not ') ? ' before the negation' : '';
  return `give ${name} a value${where}, as in \`${name} := …\` or \`some ${name} in …\``;
}

/** The names that could stand at the place of an error. */
function* namesAt({ location }: RegoError, { modules, module, body }: Surroundings): Iterable<string> {
  yield* ['input', 'data', 'true', 'false', 'null'];
  if (module !== undefined) {
    yield* new GlobalNames(modules).namesIn(module);
    const offset = location?.offset ?? -1;
    const rule = module.rules.find(
      ({ location: own }) => own.offset <= offset && offset < own.offset + own.text.length,
    );
    if (rule !== undefined) yield* ruleVariables(rule);
  }
  if (body !== undefined) yield* bodyVariables(body);
}

function ruleVariables(rule: Rule): Set<string> {
  const names = new Set<string>();
  const visit = addName(names);
  for (let branch: Rule | undefined = rule; branch !== undefined; branch = branch.else) {
    const { ref, args = [], key, value } = branch.head;
    for (const term of [ref, ...args, key, value]) if (term !== undefined) walkTerm(term, visit);
    walkBody(branch.body, visit);
  }
  return names;
}

function bodyVariables(body: Body): Set<string> {
  const names = new Set<string>();
  walkBody(body, addName(names));
  return names;
}

/** Notes the variables that a source can name. */
function addName(names: Set<string>): (term: Term) => boolean {
  return (term) => {
    if (term.kind === 'var' && /^[A-Za-z]\w*$/.test(term.name)) names.add(term.name);
    return true;
  };
}

/** The hint for a function that does not exist, by the name in the error. */
export function functionHint(name: string, around: Surroundings): string | undefined {
  const elsewhere = FUNCTIONS.get(name);
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`;
  const known = [...functionNames(around)];
  const last = name.slice(name.lastIndexOf('.') + 1);
  const meant = nearest(name, known) ?? known.find((candidate) => candidate.split('.').at(-1) === last);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** Functions as they can be called from the module at hand: built-in ones, those of the package, those of others. */
function* functionNames({ modules, module }: Surroundings): Iterable<string> {
  const own = module?.package.path.join('.');
  for (const other of modules) {
    const path = other.package.path.join('.');
    for (const { head } of other.rules) {
      if (head.args === undefined) continue;
      if (path === own) yield head.ref.location.text;
      yield `data.${path}.${head.ref.location.text}`;
    }
  }
  for (const { name, deprecated } of all()) if (!deprecated && !name.startsWith('internal.')) yield name;
}
