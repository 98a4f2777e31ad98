/** Tells step by step why a query has the result it has. */
import { pathText } from '../compile/rule-tree.ts';
import type { Location } from '../errors.ts';
import type { Tracer } from '../evaluate/machine.ts';
import type { EvaluateOptions, Policy } from '../policy.ts';

/** How much is told. */
export type ExplainMode =
  /** Every rule and expression. */
  | 'full'
  /** Only expressions that did not hold, and the rules they are in. */
  | 'fails';

/** Steps beyond this many are not told. */
const MAX_LINES = 10_000;

/**
 * Evaluates the query and gives one line per step: `file:row`, the depth as bars, then `Enter`, `Eval`, `Fail` or
 * `Exit` with the rule or expression. The policy must have been compiled with `traced: true`; otherwise there is
 * nothing to tell. Errors of the evaluation are thrown as by `query`.
 */
export function explain(
  policy: Policy,
  query: string,
  options: EvaluateOptions = {},
  mode: ExplainMode = 'full',
): string[] {
  const recorder = new Recorder(mode);
  policy.prepare(query).results({ ...options, tracer: recorder });
  return recorder.lines();
}

interface Entry {
  readonly depth: number;
  readonly what: 'Enter' | 'Eval' | 'Fail' | 'Exit';
  readonly location: Location;
  readonly text: string;
}

class Recorder implements Tracer {
  readonly #mode: ExplainMode;
  readonly #entries: Entry[] = [];
  #depth = 0;

  constructor(mode: ExplainMode) {
    this.#mode = mode;
  }

  #add(what: Entry['what'], location: Location, text: string): void {
    if (this.#entries.length < MAX_LINES) this.#entries.push({ depth: this.#depth, what, location, text });
  }

  enter(path: readonly string[], location: Location): void {
    this.#add('Enter', location, pathText(path));
    this.#depth++;
  }

  leave(path: readonly string[], location: Location, held: boolean): void {
    this.#depth--;
    this.#add(held ? 'Exit' : 'Fail', location, pathText(path));
  }

  evaluate(location: Location): void {
    this.#add('Eval', location, oneLine(location.text));
  }

  fail(location: Location): void {
    this.#add('Fail', location, oneLine(location.text));
  }

  lines(): string[] {
    const kept =
      this.#mode === 'full' ? this.#entries : this.#entries.filter(({ what }) => what === 'Fail' || what === 'Enter');
    const places = kept.map(({ location }) => `${location.file === '' ? 'query' : location.file}:${location.row}`);
    const width = Math.max(0, ...places.map((place) => place.length));
    return kept.map(
      ({ depth, what, text }, index) => `${places[index]!.padEnd(width)} ${'| '.repeat(depth)}${what} ${text}`,
    );
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
