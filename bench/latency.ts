import type { LoadOrder, LoadResult } from './lib/load-order.ts';
import { MeasuredDeployment } from './lib/measured-deployment.ts';
import { Companion, runLoad } from './lib/processes.ts';
import type { Figure, Report } from './lib/report.ts';

export interface LatencyScale {
  seconds: number;
  /** Polls per second. */
  rate: number;
  /** Connections that sign in, each again and again. */
  signIns: number;
}

export const LATENCY_SCALE: LatencyScale = { seconds: 20, rate: 200, signIns: 24 };

const AIM_P99 = 10;
const CONNECTIONS = 32;

/** Polls at a fixed rate while sign-ins saturate their pool, beside bare Fastify polled at the same rate at the same time. */
export async function latency(scale: LatencyScale = LATENCY_SCALE): Promise<Report> {
  const deployment = await MeasuredDeployment.start();
  try {
    const { etag } = await deployment.fillBundle(1000);
    const bare = new Companion('bare-fastify', ['1000']);
    try {
      const { seconds, rate } = scale;
      const headers = { ...deployment.sdkHeaders, 'if-none-match': etag };
      const polls: LoadOrder = {
        origin: deployment.server.url,
        method: 'GET',
        path: '/v1/sdk/policies/pull',
        headers,
        connections: CONNECTIONS,
        seconds,
        rate,
      };
      const barePolls = { ...polls, origin: await bare.line(), path: '/unchanged' };
      // Both have compiled their code before it counts.
      await Promise.all([polls, barePolls].map((order) => runLoad({ ...order, seconds: Math.min(2, seconds) })));
      const [calm, ...rest] = [
        await runLoad(polls),
        ...(await Promise.all(flooded(deployment, scale, polls, barePolls))),
      ];
      const [busy, limit, signIns] = rest as [LoadResult, LoadResult, LoadResult];
      return {
        bench: 'latency',
        about: `304 polls at ${rate}/s in an open loop, without and with ${scale.signIns} clients that sign in without a pause, beside bare Fastify in the same seconds`,
        figures: figuresOf(calm!, busy, limit, signIns),
        errors: [calm!, busy, limit].reduce((sum, found) => sum + found.broken + found.answered - of(found, '304'), 0),
      };
    } finally {
      await bare.end();
    }
  } finally {
    await deployment.discard();
  }
}

/** Both series of polls and the sign-ins that go on for longer than they do. */
function flooded(
  deployment: MeasuredDeployment,
  { seconds, signIns }: LatencyScale,
  polls: LoadOrder,
  barePolls: LoadOrder,
): Promise<LoadResult>[] {
  return [
    runLoad(polls),
    runLoad(barePolls),
    runLoad({
      origin: deployment.server.url,
      method: 'POST',
      path: '/auth/login',
      headers: { 'content-type': 'application/json', connection: 'keep-alive' },
      body: deployment.signIn(),
      connections: signIns,
      seconds: seconds + 1,
    }),
  ];
}

function figuresOf(calm: LoadResult, busy: LoadResult, limit: LoadResult, signIns: LoadResult): Figure[] {
  return [
    ...(['p50', 'p95', 'p99', 'max'] as const).map((share) => ({
      what: `calm, ${share}`,
      unit: 'ms',
      ours: calm.latency[share],
    })),
    ...(['p50', 'p95', 'p99', 'max'] as const).map((share) => ({
      what: `during sign-ins, ${share}`,
      unit: 'ms',
      ours: busy.latency[share],
      limit: limit.latency[share],
      ...(share === 'p99' && { aim: { text: `< ${AIM_P99} ms`, met: busy.latency.p99 < AIM_P99 } }),
    })),
    {
      what: 'during sign-ins, polls over 100 ms',
      unit: '',
      ours: busy.overHundred,
      limit: limit.overHundred,
      aim: { text: 'none', met: busy.overHundred === 0 },
    },
    { what: 'sign-ins that succeeded', unit: '/s', ours: of(signIns, '200') / signIns.seconds },
    { what: 'sign-ins told to come later', unit: '/s', ours: of(signIns, '429') / signIns.seconds },
  ];
}

function of({ statuses }: LoadResult, status: string): number {
  return statuses[status] ?? 0;
}
