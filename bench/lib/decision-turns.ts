import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { percentilesOf } from './load-order.ts';

/** What a process that makes decisions is handed in a file. */
export interface DecisionOrder {
  /** The name of the policy's source, or of the module that was made from it. */
  readonly file: string;
  readonly entrypoint: string;
  readonly dataFile: string;
  readonly inputs: readonly unknown[];
}

/** What it tells once it is ready. */
export interface Ready {
  /** From the source, or the module, to the first decision; without reading the data. */
  readonly compileMilliseconds: number;
  /** The decision for each input, as JSON. */
  readonly decisions: readonly string[];
}

/** What it tells of one turn. */
export interface DecisionTurn {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p99Micros: number;
}

/** Makes decisions for the inputs, one after another. */
export type Decide = (input: unknown) => unknown;

/** Decisions between two looks at the clock in a turn. */
const BATCH = 16;
/** Decisions of a turn whose durations are measured one by one. */
const MOST_TIMED = 20_000;

/**
 * Loads what the order in the file named by the first argument asks for, tells that it is ready, and for each line with a number
 * of milliseconds makes decisions for so long and tells how it went.
 */
export async function serveTurns(load: (order: DecisionOrder, data: unknown) => Promise<Decide>): Promise<void> {
  const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as DecisionOrder;
  const data: unknown = JSON.parse(readFileSync(order.dataFile, 'utf8'));
  const begun = performance.now();
  const decide = await load(order, data);
  decide(order.inputs[0]);
  const compileMilliseconds = performance.now() - begun;
  const decisions = order.inputs.map((input) => JSON.stringify(decide(input)));
  console.log(JSON.stringify({ compileMilliseconds, decisions } satisfies Ready));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(turn(decide, order.inputs, Number(line))));
  }
}

function turn(decide: Decide, inputs: readonly unknown[], milliseconds: number): DecisionTurn {
  let count = 0;
  const before = process.cpuUsage();
  const begun = performance.now();
  const end = begun + milliseconds;
  let now = begun;
  while (now < end) {
    for (let index = 0; index < BATCH; index++) decide(inputs[count++ % inputs.length]);
    now = performance.now();
  }
  const { user, system } = process.cpuUsage(before);
  const durations: number[] = [];
  let last = performance.now();
  const timedUntil = last + milliseconds / 2;
  do {
    decide(inputs[durations.length % inputs.length]);
    const after = performance.now();
    durations.push(after - last);
    last = after;
  } while (last < timedUntil && durations.length < MOST_TIMED);
  return {
    perSecond: count / ((now - begun) / 1_000),
    cpuMicros: (user + system) / count,
    p99Micros: percentilesOf(durations).p99 * 1_000,
  };
}
