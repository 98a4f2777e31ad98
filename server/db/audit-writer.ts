import type { Clock } from '../kernel/clock.ts';
import type { GroupLimits } from './audit-group.ts';
import type { AuditWriter, QueueLimits } from './audit-queue.ts';
import { startPostgresWriter } from './audit-writer-postgres.ts';
import { startSqliteWriter } from './audit-writer-sqlite.ts';
import type { DatabaseLog } from './database.ts';
import type { Databases } from './open.ts';

export interface AuditWriterOptions {
  readonly clock: Clock;
  readonly log: DatabaseLog;
  readonly queue?: Partial<QueueLimits>;
  readonly group?: Partial<GroupLimits>;
  /** The module of the writer's thread (SQLite), when it is not the appliance's own. */
  readonly thread?: URL;
}

const defaultQueue: QueueLimits = { batches: 5_000, rows: 200_000, bytes: 64 * 1024 * 1024 };
const defaultGroup: GroupLimits = { rows: 4_000, bytes: 8 * 1024 * 1024, milliseconds: 5 };

/** Starts the writer of the audit database: a thread on SQLite, a queue before the pool on PostgreSQL. */
export function startAuditWriter(databases: Databases, options: AuditWriterOptions): AuditWriter {
  const queue = { ...defaultQueue, ...options.queue };
  const group = { ...defaultGroup, ...options.group };
  return databases.dialect === 'sqlite'
    ? startSqliteWriter(databases.audit, { ...options, queue, group })
    : startPostgresWriter(databases.audit, { queue, group });
}

export type { AuditWriter, BatchWeight, QueueLimits, WriterLoad } from './audit-queue.ts';
