import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { compile } from '../server/rego/index.ts';
import type { DecisionOrder, DecisionTurn, Ready } from './lib/decision-turns.ts';
import { Opa } from './lib/opa.ts';
import { Companion, residentMiB } from './lib/processes.ts';
import { largeModule, REGO_SIZES, type RegoCase, type RegoSizes, regoCases } from './lib/rego-cases.ts';
import { type Figure, median, type Report } from './lib/report.ts';

export interface RegoScale {
  /** Rounds in which our engine and opa-wasm take turns, so that both meet the same noise of the machine. */
  rounds: number;
  millisecondsPerTurn: number;
  sizes: RegoSizes;
}

export const REGO_SCALE: RegoScale = { rounds: 5, millisecondsPerTurn: 400, sizes: REGO_SIZES };

const LARGE_MODULE_BYTES = 300_000;

/**
 * Decisions of our engine beside `@open-policy-agent/opa-wasm` and `opa bench`. Without an OPA that runs, whose wasm
 * modules opa-wasm needs, both are skipped.
 */
export async function rego(opaCommand = 'opa', scale: RegoScale = REGO_SCALE): Promise<Report> {
  const opa = await Opa.find(opaCommand);
  const folder = mkdtempSync(path.join(tmpdir(), 'rego-bench-'));
  try {
    const figures: Figure[] = [];
    let errors = 0;
    for (const [index, one] of regoCases(scale.sizes).entries()) {
      const own = path.join(folder, String(index));
      mkdirSync(own);
      const found = await measureCase(one, own, opa, scale);
      figures.push(...found.figures);
      errors += found.errors;
    }
    figures.push(...(await largeModuleFigures(folder, opa)));
    return {
      bench: 'rego',
      about: `decisions with the input as a JavaScript value, medians of ${scale.rounds} rounds of ${scale.millisecondsPerTurn} ms; errors count decisions that differ`,
      columns: ['our engine', 'opa-wasm'],
      figures,
      errors,
      skipped:
        opa === undefined ? [`opa-wasm and opa bench: ${opaCommand} does not run; name OPA with --opa PATH`] : [],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Engine {
  readonly companion: Companion;
  readonly ready: Ready;
  readonly turns: DecisionTurn[];
}

async function measureCase(
  one: RegoCase,
  folder: string,
  opa: Opa | undefined,
  { rounds, millisecondsPerTurn }: RegoScale,
): Promise<{ figures: Figure[]; errors: number }> {
  const write = (name: string, content: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const policyFile = write('policy.rego', one.policy);
  const dataFile = write('data.json', JSON.stringify(one.data));
  const start = async (program: 'rego-engine' | 'rego-wasm', file: string): Promise<Engine> => {
    const order: DecisionOrder = { file, entrypoint: one.entrypoint, dataFile, inputs: one.inputs };
    const companion = new Companion(program, [write(`${program}.json`, JSON.stringify(order))]);
    return { companion, ready: JSON.parse(await companion.line()) as Ready, turns: [] };
  };
  const engines: Engine[] = [];
  try {
    const ours = await start('rego-engine', policyFile);
    engines.push(ours);
    const built = await opa?.buildWasm(policyFile, one.entrypoint);
    const wasm = built && (await start('rego-wasm', built.file));
    if (wasm !== undefined) engines.push(wasm);
    // The first turn of each lets it compile its code, and does not count.
    for (let round = -1; round < rounds; round++) {
      for (const { companion, turns } of engines) {
        const turn = JSON.parse(await companion.ask(String(millisecondsPerTurn))) as DecisionTurn;
        if (round >= 0) turns.push(turn);
      }
    }
    const errors = wasm === undefined ? 0 : differences(ours.ready.decisions, wasm.ready.decisions);
    const figures = figuresOf(one.name, ours, wasm, built?.milliseconds ?? 0);
    for (const { companion } of engines) await companion.end();
    if (opa !== undefined) {
      const inputFile = write('input.json', JSON.stringify(one.inputs[0]));
      const nanoseconds = await opa.bench(policyFile, dataFile, inputFile, one.entrypoint);
      const perSecond = figures[0]!.ours;
      const limit = 1e9 / nanoseconds;
      figures.push({
        what: `${one.name}, evaluations, beside opa bench`,
        unit: '/s',
        ours: perSecond,
        limit,
        ratio: perSecond / limit,
      });
    }
    return { figures, errors };
  } finally {
    for (const { companion } of engines) await companion.end();
  }
}

function differences(ours: readonly string[], theirs: readonly string[]): number {
  return ours.filter((decision, index) => decision !== theirs[index]).length;
}

function figuresOf(name: string, ours: Engine, wasm: Engine | undefined, buildMilliseconds: number): Figure[] {
  const figure = (what: string, unit: string, read: (engine: Engine) => number, ratio?: number): Figure => ({
    what: `${name}, ${what}`,
    unit,
    ours: read(ours),
    ...(wasm === undefined ? {} : { limit: read(wasm) }),
    ...(wasm === undefined || ratio === undefined ? {} : { ratio }),
  });
  const middle = (read: (turn: DecisionTurn) => number) => (engine: Engine) => median(engine.turns.map(read));
  const ratioOf = (read: (mine: DecisionTurn, other: DecisionTurn) => number) =>
    wasm && median(ours.turns.map((mine, round) => read(mine, wasm.turns[round]!)));
  const speed = ratioOf((mine, other) => mine.perSecond / other.perSecond);
  const evaluations = figure(
    'evaluations',
    '/s',
    middle(({ perSecond }) => perSecond),
    speed,
  );
  return [
    speed === undefined ? evaluations : { ...evaluations, aim: { text: '>= 2', met: speed >= 2 } },
    figure(
      'CPU per evaluation',
      'µs',
      middle(({ cpuMicros }) => cpuMicros),
      ratioOf((mine, other) => other.cpuMicros / mine.cpuMicros),
    ),
    figure(
      'p99',
      'µs',
      middle(({ p99Micros }) => p99Micros),
      ratioOf((mine, other) => other.p99Micros / mine.p99Micros),
    ),
    figure('compile to first decision', 'ms', (engine) =>
      engine === ours ? engine.ready.compileMilliseconds : engine.ready.compileMilliseconds + buildMilliseconds,
    ),
    figure('resident memory of the process', 'MiB', ({ companion }) => residentMiB(companion.pid)),
  ];
}

/** How often the large module is compiled; the first time the engine's own code is new to the process. */
const COMPILATIONS = 5;

/** Compiling a large module, for the first time and again; beside it `opa check`, which has to start first. */
async function largeModuleFigures(folder: string, opa: Opa | undefined): Promise<Figure[]> {
  const text = largeModule(LARGE_MODULE_BYTES);
  const file = path.join(folder, 'large.rego');
  writeFileSync(file, text);
  const milliseconds: number[] = [];
  for (let count = 0; count < COMPILATIONS; count++) {
    const begun = performance.now();
    const { errors } = compile([{ file, text }]);
    milliseconds.push(performance.now() - begun);
    if (errors.length > 0) throw new Error(errors.join('\n'));
  }
  const [first] = milliseconds as [number];
  const middle = median(milliseconds);
  const name = `module of ${Math.round(text.length / 1_000)} kB`;
  const limit = await opa?.checkMilliseconds(file);
  return [
    { what: `${name}, compile`, unit: 'ms', ours: middle, aim: { text: '< 1000 ms', met: middle < 1_000 } },
    {
      what: `${name}, first compile of a process${opa === undefined ? '' : ', beside opa check'}`,
      unit: 'ms',
      ours: first,
      ...(limit === undefined ? {} : { limit, ratio: limit / first }),
    },
  ];
}
