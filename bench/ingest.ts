import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { databasePaths } from '../server/db/open.ts';
import { guardRow } from '../server/features/audit/sent-rows.fixture.ts';
import { ID_MARK, type LoadResult } from './lib/load-order.ts';
import { MeasuredDeployment } from './lib/measured-deployment.ts';
import { Companion, cpuSeconds, runLoad } from './lib/processes.ts';
import type { RawOrder, RawResult } from './lib/raw-order.ts';
import { type Figure, median, type Report } from './lib/report.ts';

export interface IngestScale {
  rounds: number;
  /** Rows of each size of batch in each round. */
  rowsPerTurn: number;
  connections: number;
}

export const INGEST_SCALE: IngestScale = { rounds: 7, rowsPerTurn: 20_000, connections: 4 };

const BATCHES = [50, 500] as const;
const AIM = 0.5;

interface Turn {
  ours: LoadResult;
  oursCpu: number;
  limit: RawResult;
}

/** Audit batches of the Python SDK, durable and searchable when answered, beside raw inserts of the same rows. */
export async function ingest(scale: IngestScale = INGEST_SCALE): Promise<Report> {
  const deployment = await MeasuredDeployment.start();
  const rawHome = mkdtempSync(path.join(tmpdir(), 'cz-bench-'));
  try {
    const source = databasePaths(deployment.home).audit;
    const raw = new Companion('raw-sqlite', [rawHome, source]);
    try {
      await raw.line();
      const figures: Figure[] = [];
      let errors = 0;
      for (const rows of BATCHES) {
        const turns = await turnsOf(scale, rows, deployment, raw);
        figures.push(...figuresOf(rows, turns));
        errors += turns.reduce((sum, { ours }) => sum + ours.broken + ours.answered - (ours.statuses['200'] ?? 0), 0);
      }
      return {
        bench: 'ingest',
        about: `audit batches by ${scale.connections} connections beside raw better-sqlite3 (same rows, table, indexes and FULL; one connection, a transaction for every ${scale.connections} batches)`,
        figures,
        errors,
      };
    } finally {
      await raw.end();
    }
  } finally {
    rmSync(rawHome, { recursive: true, force: true });
    await deployment.discard();
  }
}

async function turnsOf(
  { rounds, rowsPerTurn, connections }: IngestScale,
  rows: number,
  deployment: MeasuredDeployment,
  raw: Companion,
): Promise<Turn[]> {
  const entries = Array.from({ length: rows }, () =>
    guardRow({ id: `72301b37-047d-4bf7-${ID_MARK}`, project_id: deployment.projectId, ts: new Date().toISOString() }),
  );
  const body = JSON.stringify({ entries });
  const { pid, url: origin } = deployment.server;
  const turns: Turn[] = [];
  // The first round lets both compile their code, and does not count.
  for (let round = -1; round < rounds; round += 1) {
    const after = storedUntil(deployment.home);
    const before = cpuSeconds(pid);
    const ours = await runLoad({
      origin,
      method: 'POST',
      path: '/v1/sdk/audit',
      headers: { ...deployment.sdkHeaders, 'content-type': 'application/json' },
      body,
      firstId: after,
      connections,
      requests: Math.max(connections, Math.round(rowsPerTurn / rows)),
    });
    const oursCpu = cpuSeconds(pid) - before;
    await expectSearchable(deployment, after, ours.answered * rows);
    const order: RawOrder = { after, rowsPerTransaction: rows * connections };
    const limit = JSON.parse(await raw.ask(JSON.stringify(order))) as RawResult;
    if (limit.rows !== ours.answered * rows)
      throw new Error(`The server counted ${ours.answered * rows} rows and stored ${limit.rows}.`);
    if (round >= 0) turns.push({ ours, oursCpu, limit });
  }
  return turns;
}

function storedUntil(home: string): number {
  const stored = new BetterSqlite3(databasePaths(home).audit, { readonly: true });
  const seq = stored.prepare('SELECT COALESCE(MAX(seq), 0) FROM entries').pluck().get() as number;
  stored.close();
  return seq;
}

/** Looks the last row of a round up over the interface: what was answered must be found at once. */
async function expectSearchable({ admin, projectId }: MeasuredDeployment, after: number, rows: number): Promise<void> {
  const id = `72301b37-047d-4bf7-${(after + rows).toString(16).padStart(ID_MARK.length, '0')}`;
  await admin.expect(200, 'GET', `/api/projects/${projectId}/logs/${id}`);
}

function figuresOf(rows: number, turns: readonly Turn[]): Figure[] {
  const perSecond = ({ ours }: Turn) => (ours.answered * rows) / ours.seconds;
  const rawPerSecond = ({ limit }: Turn) => limit.rows / limit.seconds;
  const cpu = ({ ours, oursCpu }: Turn) => (oursCpu / (ours.answered * rows)) * 1e6;
  const rawCpu = ({ limit }: Turn) => (limit.cpuSeconds / limit.rows) * 1e6;
  const mid = (read: (turn: Turn) => number) => median(turns.map(read));
  const speed = mid((turn) => perSecond(turn) / rawPerSecond(turn));
  const name = `${rows} entries`;
  return [
    {
      what: `${name}, throughput`,
      unit: 'rows/s',
      ours: mid(perSecond),
      limit: mid(rawPerSecond),
      ratio: speed,
      aim: { text: `>= ${AIM}`, met: speed >= AIM },
    },
    {
      what: `${name}, CPU per row`,
      unit: 'µs',
      ours: mid(cpu),
      limit: mid(rawCpu),
      ratio: mid((turn) => rawCpu(turn) / cpu(turn)),
    },
    ...(['p50', 'p95', 'p99'] as const).map((share) => ({
      what: `${name}, ${share} of a batch`,
      unit: 'ms',
      ours: mid(({ ours }) => ours.latency[share]),
    })),
  ];
}
