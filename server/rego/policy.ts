/** Compiled policies: what the engine's users compile, ask and keep. */
import type { BuiltinContext } from './builtins/types.ts';
import { Analyser } from './compile/analyse.ts';
import { CompileBudget, CompileStopped } from './compile/budget.ts';
import { type Compilation, type CompileOptions, compileModules, type Program } from './compile/compile.ts';
import { walkBody } from './compile/walk.ts';
import { type Location, RegoError, RegoErrors } from './errors.ts';
import { EvaluationBudget, type Limits } from './evaluate/budget.ts';
import { type Frame, newFrame } from './evaluate/code.ts';
import { compileBody } from './evaluate/code-exprs.ts';
import { newCoder } from './evaluate/coder.ts';
import { Machine, type Shared, type Tracer } from './evaluate/machine.ts';
import { countElements } from './evaluate/work.ts';
import { withCompileHints, withEvaluationHint } from './hints/hints.ts';
import { isStackOverflow } from './stack.ts';
import type { Body, Module, RefTerm, RegoVersion } from './syntax/ast.ts';
import { type ParseOptions, parseModule, parseQuery } from './syntax/parser.ts';
import { RegoObject, type Value } from './values.ts';

/** A policy source with the name that errors give it. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
  /** The language version of this source, instead of the one that all have. */
  readonly version?: RegoVersion;
}

/** What an evaluation is given. */
export interface EvaluateOptions {
  readonly input?: Value | undefined;
  /** The base document; an object. */
  readonly data?: Value | undefined;
  readonly limits?: Limits;
  /** Milliseconds since 1970, for `time.now_ns` and the time limit; default the system's clock. */
  readonly now?: () => number;
  /** Errors of built-ins end the evaluation instead of being undefined. */
  readonly strictBuiltinErrors?: boolean;
  /** What built-ins may use: randomness, HTTP, printing. */
  readonly capabilities?: Partial<Omit<BuiltinContext, 'limits' | 'clockNs' | 'cache' | 'location'>>;
  readonly tracer?: Tracer;
}

/** One result of a query: the value of each variable by name. */
export type Bindings = ReadonlyMap<string, Value>;

/** A query that was compiled against a policy and can be asked many times. */
export interface PreparedQuery {
  /** Every result, in order. Throws RegoError (`eval_…`) when the evaluation fails. */
  results(options?: EvaluateOptions): Bindings[];
}

/** Policies that were compiled together. Immutable; may be asked many times. */
export class Policy {
  readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  get modules(): readonly Module[] {
    return this.program.modules;
  }

  /** Compiles a query. Throws RegoErrors when the query has errors. */
  prepare(query: string, options: ParseOptions & { imports?: readonly string[] } = {}): PreparedQuery {
    return this.prepareBody(allErrors(() => parseQuery('', query, options)));
  }

  /** Compiles a query that is parsed already; in a module given, its package and imports name things. */
  prepareBody(body: Body, module?: Module): PreparedQuery {
    const { program } = this;
    const analysed = allErrors(() => this.#analyse(body, module));
    const coder = newCoder(program);
    const { layout } = coder;
    const sink = layout.scratch();
    const shown = [...analysed.shown].map(([unique, name]) => [name, layout.slot(unique)] as const);
    const run = compileBody(coder, analysed.body, new Set(), () => (machine, frame) => {
      machine.budget.keep(1);
      const found = frame[sink] as unknown as Bindings[];
      for (const [, slot] of shown) keepResult(machine, frame[slot] as Value);
      found.push(new Map(shown.map(([name, slot]) => [name, frame[slot] as Value])));
      return false;
    });
    return {
      results(given = {}) {
        const found: Bindings[] = [];
        const frame: Frame = newFrame(layout.size);
        frame[sink] = found as unknown as Value;
        evaluateGuarded(() => run(startMachine(given), frame));
        return found;
      },
    };
  }

  #analyse(body: Body, module: Module | undefined): ReturnType<Analyser['query']> {
    const { program } = this;
    const budget = new CompileBudget(body.at(-1)!.location.offset);
    const analyser = new Analyser(program.tree, program.modules, { keepPrint: true, strict: false }, budget);
    const analysed = analyser.query(body, module);
    if (analyser.errors.length === 0) analyser.errors.push(...program.types.checkQuery(analysed.body, budget));
    const errors = [...analyser.asides, ...analyser.errors];
    if (errors.length > 0) throw new RegoErrors(withCompileHints(errors, program.modules, { module, body }));
    return analysed;
  }

  /** Asks a query once. Throws RegoErrors for a bad query and RegoError when the evaluation fails. */
  query(query: string, options: EvaluateOptions = {}): Bindings[] {
    return this.prepare(query).results(options);
  }

  /**
   * The document at a path such as `data.authz.allow`, or undefined.
   * Throws RegoError (`eval_…`) when the evaluation fails.
   */
  evaluate(path: string, options: EvaluateOptions = {}): Value | undefined {
    this.#prepared ??= new Map();
    let prepared = this.#prepared.get(path);
    if (prepared === undefined) {
      prepared = this.prepare(`result := ${path}`);
      if (this.#prepared.size >= MAX_PREPARED) this.#prepared.clear();
      this.#prepared.set(path, prepared);
    }
    return prepared.results(options)[0]?.get('result');
  }

  /** The references below `data` and `input` that a query mentions, with their full paths. */
  references(query: string): RefTerm[] {
    const body = allErrors(() => parseQuery('', query));
    const refs: RefTerm[] = [];
    walkBody(body, (term) => {
      if (term.kind === 'ref') refs.push(term);
      return true;
    });
    return refs;
  }

  #prepared: Map<string, PreparedQuery> | undefined;
}

/** A value that holds others many times over takes little memory until somebody writes it down. */
function keepResult({ budget }: Machine, value: Value): void {
  if (typeof value === 'object' && value !== null) budget.keep(countElements(value, budget.memoryLeft));
}

/** Paths whose queries a policy remembers. */
const MAX_PREPARED = 1_000;

/** Runs what reads or checks a query; an error alone is thrown as several are. */
function allErrors<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof RegoError) throw new RegoErrors([error]);
    throw error;
  }
}

/** A policy, or what is wrong with its sources. */
export type CompileResult =
  | { readonly policy: Policy; readonly errors: readonly [] }
  | { readonly policy: undefined; readonly errors: readonly RegoError[] };

/** Compiles sources that belong together. Never throws for bad sources: the errors carry code, place and hint. */
export function compile(sources: readonly PolicySource[], options: CompileOptions & ParseOptions = {}): CompileResult {
  const { modules, errors } = parseSources(sources, options);
  return errors.length > 0 ? { policy: undefined, errors } : compileParsed(modules, options);
}

/** Parses sources; there are modules only for those without an error. */
export function parseSources(
  sources: readonly PolicySource[],
  options: ParseOptions = {},
): { modules: Module[]; errors: RegoError[] } {
  const parsed = sources.map((source) =>
    parseModule(source.file, source.text, source.version === undefined ? options : { version: source.version }),
  );
  return {
    modules: parsed.flatMap(({ module }) => (module === undefined ? [] : [module])),
    errors: parsed.flatMap(({ errors }) => errors),
  };
}

/** Compiles modules that belong together. Never throws for bad modules. */
export function compileParsed(modules: readonly Module[], options: CompileOptions = {}): CompileResult {
  const compilation = guardStack(() => compileModules(modules, options));
  if (compilation.program === undefined) {
    return { policy: undefined, errors: withCompileHints(compilation.errors, modules) };
  }
  return { policy: new Policy(compilation.program), errors: [] };
}

type Guarded = Pick<Compilation, 'program' | 'errors'>;

function guardStack(run: () => Guarded): Guarded {
  try {
    return run();
  } catch (error) {
    if (error instanceof CompileStopped) return { program: undefined, errors: [error] };
    if (!isStackOverflow(error)) throw error;
    const message = 'the policy is nested too deep or its bodies are too long';
    return { program: undefined, errors: [new RegoError('rego_compile_error', message)] };
  }
}

function evaluateGuarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof RegoError) throw withEvaluationHint(error);
    if (!isStackOverflow(error)) throw error;
    throw new RegoError(
      'eval_cancel_error',
      'evaluation stopped: rules call each other, or values are nested, too deep',
    );
  }
}

/** What built-ins may use; the instant and the cache are made when the first of them asks. */
class Context {
  readonly limits: EvaluationBudget;
  location: Location | undefined;
  readonly #milliseconds: number;
  #clockNs: bigint | undefined;
  #cache: Map<string, unknown> | undefined;

  constructor(limits: EvaluationBudget, milliseconds: number) {
    this.limits = limits;
    this.#milliseconds = milliseconds;
  }

  get clockNs(): bigint {
    this.#clockNs ??= BigInt(Math.round(this.#milliseconds * 1_000)) * 1_000n;
    return this.#clockNs;
  }

  get cache(): Map<string, unknown> {
    this.#cache ??= new Map();
    return this.#cache;
  }
}

function builtinContext(options: EvaluateOptions, limits: EvaluationBudget, milliseconds: number): Shared['builtins'] {
  const context = new Context(limits, milliseconds);
  return options.capabilities === undefined ? context : Object.assign(context, options.capabilities);
}

function startMachine(options: EvaluateOptions): Machine {
  const now = options.now ?? Date.now;
  const budget = new EvaluationBudget(options.limits ?? {}, now);
  const shared = {
    budget,
    builtins: builtinContext(options, budget, now()),
    strictBuiltinErrors: options.strictBuiltinErrors ?? false,
    tracer: options.tracer,
  };
  return new Machine(shared, options.input, options.data ?? RegoObject.empty);
}
