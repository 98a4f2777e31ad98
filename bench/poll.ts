import type { LoadOrder, LoadResult } from './lib/load-order.ts';
import { MeasuredDeployment } from './lib/measured-deployment.ts';
import { Companion, cpuSeconds, runLoad } from './lib/processes.ts';
import { type Figure, median, type Report } from './lib/report.ts';

export interface PollScale {
  /** Rounds in which appliance and limit take turns, so that both meet the same noise of the machine. */
  rounds: number;
  secondsPerTurn: number;
  connections: number;
}

export const POLL_SCALE: PollScale = { rounds: 7, secondsPerTurn: 3, connections: 16 };

const BUNDLE_BYTES = 20_000;

/** Bundle polls, answered with 304 and with 20 kB, beside Fastify answering the same requests with a constant. */
export async function poll(scale: PollScale = POLL_SCALE): Promise<Report> {
  const deployment = await MeasuredDeployment.start();
  try {
    const { size, etag } = await deployment.fillBundle(BUNDLE_BYTES);
    const bare = new Companion('bare-fastify', [String(size)]);
    try {
      const ours = { origin: deployment.server.url, pid: deployment.server.pid };
      const limit = { origin: await bare.line(), pid: bare.pid };
      const headers = deployment.sdkHeaders;
      const unchanged = await turns(scale, '304', { ...headers, 'if-none-match': etag }, [
        { ...ours, path: '/v1/sdk/policies/pull' },
        { ...limit, path: '/unchanged' },
      ]);
      const full = await turns(scale, '200', headers, [
        { ...ours, path: '/v1/sdk/policies/pull' },
        { ...limit, path: '/bundle' },
      ]);
      return {
        bench: 'poll',
        about: `bundle polls by ${scale.connections} connections beside bare Fastify with the same request headers (bundle of ${size} bytes)`,
        figures: [...figuresOf('304', unchanged, 0.6), ...figuresOf('20 kB', full, 0.8)],
        errors: unchanged.errors + full.errors,
      };
    } finally {
      await bare.end();
    }
  } finally {
    await deployment.discard();
  }
}

interface Target {
  origin: string;
  pid: number;
  path: string;
}

interface Turn {
  perSecond: number;
  cpuMicros: number;
  result: LoadResult;
}

interface Turns {
  ours: Turn[];
  limit: Turn[];
  errors: number;
}

async function turns(
  { rounds, secondsPerTurn, connections }: PollScale,
  status: string,
  headers: Record<string, string>,
  [ours, limit]: [Target, Target],
): Promise<Turns> {
  const found: Turns = { ours: [], limit: [], errors: 0 };
  const turn = async ({ origin, pid, path }: Target, seconds: number): Promise<Turn> => {
    const order: LoadOrder = { origin, method: 'GET', path, headers, connections, seconds };
    const before = cpuSeconds(pid);
    const result = await runLoad(order);
    const cpu = cpuSeconds(pid) - before;
    found.errors += result.answered - (result.statuses[status] ?? 0) + result.broken;
    return { perSecond: result.answered / result.seconds, cpuMicros: (cpu / result.answered) * 1e6, result };
  };
  // The first turn of each lets it compile its code, and does not count.
  for (const target of [ours, limit]) await turn(target, Math.min(2, secondsPerTurn));
  for (let round = 0; round < rounds; round += 1) {
    found.ours.push(await turn(ours, secondsPerTurn));
    found.limit.push(await turn(limit, secondsPerTurn));
  }
  return found;
}

function figuresOf(name: string, { ours, limit }: Turns, aim: number): Figure[] {
  const beside = (read: (turn: Turn) => number) => ({ ours: median(ours.map(read)), limit: median(limit.map(read)) });
  const ratioOf = (read: (mine: Turn, other: Turn) => number) =>
    median(ours.map((mine, round) => read(mine, limit[round]!)));
  const speed = ratioOf((mine, other) => mine.perSecond / other.perSecond);
  return [
    {
      what: `${name}, throughput`,
      unit: '/s',
      ...beside((turn) => turn.perSecond),
      ratio: speed,
      aim: { text: `>= ${aim}`, met: speed >= aim },
    },
    {
      what: `${name}, CPU per request`,
      unit: 'µs',
      ...beside((turn) => turn.cpuMicros),
      ratio: ratioOf((mine, other) => other.cpuMicros / mine.cpuMicros),
    },
    ...(['p50', 'p95', 'p99'] as const).map((share) => ({
      what: `${name}, ${share}`,
      unit: 'ms',
      ...beside(({ result }) => result.latency[share]),
    })),
  ];
}
