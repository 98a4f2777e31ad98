import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { BuiltCzctl } from '../test/tour/built-czctl.ts';
import { cpuSeconds, residentMiB } from './lib/processes.ts';
import { median, type Report } from './lib/report.ts';

export interface StartScale {
  /** How often each is done. */
  rounds: number;
  /** How long a server is left alone before its memory is read. */
  idleSeconds: number;
}

export const START_SCALE: StartScale = { rounds: 5, idleSeconds: 10 };

interface Started {
  init: number;
  ready: number;
  cpu: number;
  memory: number;
}

/** Making a deployment, starting its server until it is ready, and what the idle server holds in memory. */
export async function start(scale: StartScale = START_SCALE): Promise<Report> {
  const czctl = new BuiltCzctl();
  try {
    const found: Started[] = [];
    for (let round = 0; round < scale.rounds; round += 1)
      found.push(await startOnce(czctl, czctl.home(`deployment-${round}`), scale.idleSeconds));
    const mid = (read: (one: Started) => number) => median(found.map(read));
    const figure = (what: string, unit: string, ours: number, aim: number) => ({
      what,
      unit,
      ours,
      aim: { text: `< ${aim} ${unit}`, met: ours < aim },
    });
    return {
      bench: 'start',
      about: `the built program, medians of ${scale.rounds}; memory after ${scale.idleSeconds} s without a request`,
      figures: [
        figure(
          'init --quickstart',
          's',
          mid(({ init }) => init),
          5,
        ),
        figure(
          'start until /ready answers 200',
          's',
          mid(({ ready }) => ready),
          1,
        ),
        { what: 'CPU until then', unit: 's', ours: mid(({ cpu }) => cpu) },
        figure(
          'resident memory, idle',
          'MiB',
          mid(({ memory }) => memory),
          120,
        ),
      ],
      errors: 0,
    };
  } finally {
    await czctl.discard();
  }
}

async function startOnce(czctl: BuiltCzctl, home: string, idleSeconds: number): Promise<Started> {
  const initBegun = performance.now();
  await czctl.quickstart(home);
  const startBegun = performance.now();
  const server = await czctl.serve(home);
  while ((await fetch(`${server.url}/ready`)).status !== 200) await pause(5);
  const [ready, cpu] = [performance.now(), cpuSeconds(server.pid)];
  await pause(idleSeconds * 1000);
  const memory = residentMiB(server.pid);
  await server.stop('SIGTERM');
  return { init: (startBegun - initBegun) / 1000, ready: (ready - startBegun) / 1000, cpu, memory };
}
